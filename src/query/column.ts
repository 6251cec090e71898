import type { CimClass } from '../cim/class.js';
import type { CimType, CimValue, Embedded } from '../cim/value.js';
import type { LiteralValue, Operand, PropertyOperand, Step } from './condition.js';
import { isList } from './datum.js';
import { isSystemProperty } from './evaluation.js';
import { typeOfCall } from './function.js';

/** What the values of a column are, whatever row they are in. */
export interface Column {
  readonly type: CimType;
  readonly isArray: boolean;
  readonly embedded?: Embedded | undefined;
  readonly referenceClass?: string | undefined;
}

/** A class by its name, with those below it; empty where it is not there. */
export type ClassesFrom = (name: string) => readonly CimClass[];

const single = (type: CimType): Column => ({ type, isArray: false });

const typesOf: Readonly<Record<string, CimType>> = { boolean: 'boolean', bigint: 'sint64', number: 'real64' };

const ofLiteral = (value: LiteralValue): Column => single(typesOf[typeof value] ?? 'string');

const isReal = (column: Column | undefined): boolean => column?.type.startsWith('real') ?? false;

/** What all the classes that have the property say of it; undefined where they do not say the same. */
function ofStep({ name, index }: Step, classes: readonly CimClass[]): Column | undefined {
  if (isSystemProperty(name)) return single('string');
  const [first, ...others] = classes
    .map(({ properties }) => properties.get(name))
    .filter((found) => found !== undefined);
  if (!first || others.some(({ type, isArray }) => type !== first.type || isArray !== first.isArray)) return undefined;
  const { type, isArray, embedded, referenceClass } = first;
  return { type, isArray: isArray && index === undefined, embedded, referenceClass };
}

function ofProperty(
  { steps, label }: PropertyOperand,
  classes: readonly CimClass[],
  from: ClassesFrom,
): Column | undefined {
  if (label !== undefined || steps.length === 0) return undefined;
  let [column, at]: [Column | undefined, readonly CimClass[]] = [undefined, classes];
  for (const step of steps) {
    column = ofStep(step, at);
    at = column?.referenceClass === undefined ? [] : from(column.referenceClass);
  }
  return column;
}

/** What the query and the schema tell of an operand's values; undefined where only the values themselves can tell. */
export function columnOf(operand: Operand, classes: readonly CimClass[], from: ClassesFrom): Column | undefined {
  if (operand.kind === 'literal') return ofLiteral(operand.value);
  if (operand.kind === 'property') return ofProperty(operand, classes, from);
  if (operand.kind === 'call') return single(typeOfCall(operand.name));
  if (operand.kind !== 'arithmetic') return undefined;
  if (operand.operator === '||') return single('string');
  const sides = [operand.left, operand.right].map((side) => columnOf(side, classes, from));
  if (operand.operator === '/' || sides.some(isReal)) return single('real64');
  return sides.includes(undefined) ? undefined : single('sint64');
}

/** A value as one of the column: a real may have come out as a whole number. */
export function conformed(value: CimValue, { type }: Column): CimValue {
  if (!type.startsWith('real')) return value;
  if (isList(value)) return value.map((item) => (typeof item === 'bigint' ? Number(item) : item));
  return typeof value === 'bigint' ? Number(value) : value;
}
