import type { CimClass, QualifierType } from '../cim/class.js';
import type { CimInstance } from '../cim/instance.js';
import type { NameMap } from '../cim/name.js';

/** The classes of one namespace, compiled and resolved. Immutable. */
export interface Schema {
  readonly qualifierTypes: NameMap<QualifierType>;
  /** Instances that the MOF itself declares. */
  readonly instances: readonly CimInstance[];
  /** The class of that name with all it inherits, or undefined. */
  class(name: string): CimClass | undefined;
  /** All classes, a superclass before its subclasses. */
  classes(): Iterable<CimClass>;
  /** The direct subclasses, or with `deep` all descendants; never the class itself. In order of name. */
  subclasses(name: string, deep: boolean): readonly CimClass[];
  /** Whether the class is the ancestor or descends from it; false for a class that is not there. */
  isA(name: string, ancestor: string): boolean;
}
