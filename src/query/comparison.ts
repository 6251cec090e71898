import { compareDatetime, datetimeOfIso, isDatetime } from '../cim/datetime.js';
import { fold } from '../cim/name.js';
import { integerOfText, realOfText } from '../cim/number-text.js';
import { type InstancePath, instancePath } from '../cim/path.js';
import { canonicalPath, parsePath } from '../cim/path-text.js';
import { type CimScalar, type CimType, integerRange } from '../cim/value.js';
import type { Comparison, ComparisonOperator } from './condition.js';
import { type Datum, isList, isPath } from './datum.js';

/** True, false, or neither: a NULL or two values that cannot be compared (DSP0202). */
export type Truth = boolean | undefined;

/** How two values stand: below, equal, above; or only that they differ; undefined where they cannot be compared. */
type Relation = -1 | 0 | 1 | 'differ' | undefined;

type Ordered = string | number | bigint;

/** What is neither below nor above is equal, but for NaN, which is nothing of it. */
const ordered = (a: Ordered, b: Ordered): Relation =>
  a < b ? -1 : a > b ? 1 : Number.isNaN(a) || Number.isNaN(b) ? undefined : 0;

const isNumber = (type: CimType): boolean => integerRange[type] !== undefined || type.startsWith('real');

const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
  ['1', true],
  ['0', false],
]);

/** A value as a number; a text where it says one. */
function numberOf(value: CimScalar): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  return integerOfText(value.trim()) ?? realOfText(value.trim());
}

/** A value as a datetime: as CIM writes them, or as ISO 8601 does. */
function datetimeOf(value: CimScalar): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (isDatetime(text)) return text;
  try {
    return datetimeOfIso(text);
  } catch {
    return undefined;
  }
}

/** A value as a path: text where it reads as one. */
function pathOf(value: CimScalar): InstancePath | undefined {
  if (isPath(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const path = parsePath(value.trim());
    return path.kind === 'path' ? path : undefined;
  } catch {
    return undefined;
  }
}

/** A path without what only one of the two says. */
const placed = (path: InstancePath, other: InstancePath): string =>
  canonicalPath({
    ...instancePath(path.className, path.keys),
    ...(path.namespace !== undefined && other.namespace !== undefined && { namespace: path.namespace }),
  });

function samePlace(a: CimScalar, b: CimScalar): Relation {
  const [x, y] = [pathOf(a), pathOf(b)];
  return x && y ? (placed(x, y) === placed(y, x) ? 0 : 'differ') : undefined;
}

function sameMoment(a: CimScalar, b: CimScalar): Relation {
  const [x, y] = [datetimeOf(a), datetimeOf(b)];
  const order = x === undefined || y === undefined ? undefined : compareDatetime(x, y);
  return order === undefined ? undefined : (Math.sign(order) as Relation);
}

function sameTruth(a: CimScalar, b: CimScalar): Relation {
  const [x, y] = [truths.get(fold(String(a))), truths.get(fold(String(b)))];
  return x === undefined || y === undefined ? undefined : x === y ? 0 : 'differ';
}

function sameNumber(a: CimScalar, b: CimScalar): Relation {
  const [x, y] = [numberOf(a), numberOf(b)];
  return x === undefined || y === undefined ? undefined : ordered(x, y);
}

const isPlain = (value: CimScalar): value is string | number | bigint | boolean => typeof value !== 'object';

const sameText = (a: CimScalar, b: CimScalar): Relation =>
  isPlain(a) && isPlain(b) ? ordered(String(a), String(b)) : undefined;

/** How values of a type are compared with values that are of it or can be read so. */
function relationOf(type: CimType): (a: CimScalar, b: CimScalar) => Relation {
  if (isNumber(type)) return sameNumber;
  if (type === 'boolean') return sameTruth;
  if (type === 'datetime') return sameMoment;
  return type === 'reference' ? samePlace : sameText;
}

const typeOfConstant = (value: CimScalar): CimType | undefined =>
  typeof value === 'boolean' ? 'boolean' : typeof value === 'string' ? 'string' : isPlain(value) ? 'real64' : undefined;

const textual: ReadonlySet<CimType | undefined> = new Set<CimType | undefined>(['string', 'char16']);

/** The type in which two values meet: what is more than text wins. */
function meeting(a: Datum, b: Datum): CimType | undefined {
  if (a.type === undefined) return b.type;
  return b.type !== undefined && textual.has(a.type) ? b.type : a.type;
}

function relate(a: CimScalar, b: CimScalar, type: CimType | undefined): Relation {
  if (type !== undefined) return relationOf(type)(a, b);
  if (isPath(a) || isPath(b)) return samePlace(a, b);
  const [x, y] = [typeOfConstant(a), typeOfConstant(b)];
  const own = x === 'string' ? y : x;
  return own === undefined ? undefined : relationOf(own)(a, b);
}

/** What each operator makes of a relation. */
const verdicts: { readonly [O in ComparisonOperator]: (relation: Exclude<Relation, undefined>) => Truth } = {
  '=': (relation) => relation === 0,
  '<>': (relation) => relation !== 0,
  '<': (relation) => (relation === 'differ' ? undefined : relation < 0),
  '<=': (relation) => (relation === 'differ' ? undefined : relation <= 0),
  '>': (relation) => (relation === 'differ' ? undefined : relation > 0),
  '>=': (relation) => (relation === 'differ' ? undefined : relation >= 0),
};

type Item = CimScalar | null;

function ofItems(operator: ComparisonOperator, a: Item, b: Item, type: CimType | undefined, nulls: Nulls): Truth {
  if (a === null || b === null) {
    if (nulls === 'unknown') return undefined;
    if (operator === '=') return a === b;
    return operator === '<>' && a !== b;
  }
  const relation = relate(a, b, type);
  return relation === undefined ? (nulls === 'unknown' ? undefined : operator === '<>') : verdicts[operator](relation);
}

type Nulls = Comparison['nulls'];

/** Arrays are equal when their items are, in order. */
function ofLists(
  operator: ComparisonOperator,
  a: readonly Item[],
  b: readonly Item[],
  type: CimType | undefined,
): Truth {
  const same = a.length === b.length && a.every((item, i) => ofItems('=', item, b[i]!, type, 'value') === true);
  return operator === '=' ? same : operator === '<>' ? !same : undefined;
}

/** `or` of many: true when one is, unknown when none is and one is unknown. */
export function anyOf<T>(items: Iterable<T>, test: (item: T) => Truth): Truth {
  let found: Truth = false;
  for (const item of items) {
    const truth = test(item);
    if (truth) return true;
    if (truth === undefined) found = undefined;
  }
  return found;
}

export const negated = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);

export const everyOf = <T>(items: Iterable<T>, test: (item: T) => Truth): Truth =>
  negated(anyOf(items, (item) => negated(test(item))));

/**
 * Compares two values. An array equals a single value when one of its items does, and stands in the relation when one of
 * them does; it differs from one when none of them equals it.
 */
export function compared(operator: ComparisonOperator, a: Datum, b: Datum, nulls: Nulls): Truth {
  const type = meeting(a, b);
  const [x, y] = [a.value, b.value];
  if (isList(x) && isList(y)) return ofLists(operator, x, y, type);
  if (operator === '<>' && (isList(x) || isList(y))) return negated(compared('=', a, b, nulls));
  if (isList(x)) return anyOf(x, (item) => ofItems(operator, item, y as Item, type, nulls));
  if (isList(y)) return anyOf(y, (item) => ofItems(operator, x, item, type, nulls));
  return ofItems(operator, x, y, type, nulls);
}

/** Whether a constant can be read as a value of the type. */
export function isReadable(value: CimScalar, type: CimType): boolean {
  if (isNumber(type)) return numberOf(value) !== undefined;
  if (type === 'boolean') return truths.has(fold(String(value)));
  if (type === 'datetime') return datetimeOf(value) !== undefined;
  return type === 'reference' ? pathOf(value) !== undefined : true;
}
