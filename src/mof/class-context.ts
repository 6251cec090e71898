import type { CimClass, Qualifier } from '../cim/class.js';
import type { NameMap } from '../cim/name.js';
import { MofError } from './error.js';
import type { QualifierContext } from './qualifier.js';
import type { ClassNode } from './syntax.js';

/** What a class is resolved against: the qualifier types, its superclass, and the names of all other classes. */
export interface ClassContext extends QualifierContext {
  readonly node: ClassNode;
  readonly superclass: CimClass | undefined;
  /** Whether a class of that name is declared at all. */
  readonly exists: (name: string) => boolean;
  /** Whether the class is the ancestor or descends from it, by the declarations. */
  readonly isA: (name: string, ancestor: string) => boolean;
}

/** The MofError for a place in the class's file. */
export function refuse({ source }: ClassContext, offset: number, problem: string): never {
  throw new MofError({ source, offset }, problem);
}

export function requireClass(name: string | undefined, offset: number, context: ClassContext): void {
  if (name !== undefined && !context.exists(name))
    refuse(context, offset, `there is no class ${name}: the name of a class was expected`);
}

/** Whether a boolean qualifier stands there and is TRUE. */
export const isTrue = (qualifiers: NameMap<Qualifier>, name: string): boolean => qualifiers.get(name)?.value === true;

/** The text of a string qualifier, or undefined. */
export function textOf(qualifiers: NameMap<Qualifier>, name: string): string | undefined {
  const value = qualifiers.get(name)?.value;
  return typeof value === 'string' ? value : undefined;
}
