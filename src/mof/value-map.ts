import type { Qualifier } from '../cim/class.js';
import type { NameMap } from '../cim/name.js';
import { integerOfText } from '../cim/number-text.js';
import { type CimScalar, type CimType, integerRange, isWide } from '../cim/value.js';

/** A property, parameter, or method by its return type: what Values and ValueMap may stand on. */
export interface Labelled {
  readonly type: CimType;
  readonly qualifiers: NameMap<Qualifier>;
}

interface Range {
  readonly min: bigint;
  readonly max: bigint;
  readonly label: string;
}

/** The Values and ValueMap of an element, worked out both ways. */
interface Table {
  readonly values: ReadonlyMap<string, CimScalar>;
  readonly labels: ReadonlyMap<string, string>;
  readonly ranges: readonly Range[];
  /** The label of `..` alone: all values that nothing else claims. */
  readonly rest: string | undefined;
}

const textsOf = (qualifiers: NameMap<Qualifier>, name: string): readonly string[] | undefined => {
  const value = qualifiers.get(name)?.value;
  return Array.isArray(value) ? value.map(String) : undefined;
};

function typed(text: string, type: CimType): CimScalar | undefined {
  if (!integerRange[type]) return text;
  const integer = integerOfText(text);
  return integer === undefined || isWide(type) ? integer : Number(integer);
}

/** `5..9`, `5..` or `..9`; an open end reaches the type's bound. */
function rangeOf(text: string, type: CimType, label: string): Range | undefined {
  const found = /^([+-]?\w*)\.\.([+-]?\w*)$/.exec(text);
  const bounds = integerRange[type];
  if (!found || !bounds) return undefined;
  const [min, max] = found.slice(1).map((end, index) => (end === '' ? bounds[index] : integerOfText(end)));
  return min === undefined || max === undefined ? undefined : { min, max, label };
}

function makeTable({ type, qualifiers }: Labelled): Table {
  const values = new Map<string, CimScalar>();
  const labels = new Map<string, string>();
  const ranges: Range[] = [];
  let rest: string | undefined;
  const map = textsOf(qualifiers, 'ValueMap');
  for (const [index, label] of (textsOf(qualifiers, 'Values') ?? []).entries()) {
    const text = map ? map[index] : String(index);
    if (text === undefined) continue;
    const range = rangeOf(text, type, label);
    const value = typed(text, type);
    if (text === '..') rest ??= label;
    else if (range) ranges.push(range);
    else if (value !== undefined) {
      if (!values.has(label)) values.set(label, value);
      if (!labels.has(String(value))) labels.set(String(value), label);
    }
  }
  return { values, labels, ranges, rest };
}

const tables = new WeakMap<NameMap<Qualifier>, Table>();

function tableOf(element: Labelled): Table {
  const known = tables.get(element.qualifiers) ?? makeTable(element);
  tables.set(element.qualifiers, known);
  return known;
}

/**
 * The value that a label of Values stands for by ValueMap, or by its index where there is none (DSP0004 5.6.3, ValueMap); the
 * case counts. Undefined for a label that is not there, or that names a range.
 */
export const valueOfLabel = (element: Labelled, label: string): CimScalar | undefined =>
  tableOf(element).values.get(label);

/** The label of a value: its own, its range's, or that of `..`. Undefined where Values has none for it. */
export function labelOf(element: Labelled, value: CimScalar): string | undefined {
  const { labels, ranges, rest } = tableOf(element);
  const own = labels.get(String(value));
  if (own !== undefined || (typeof value !== 'number' && typeof value !== 'bigint')) return own;
  return ranges.find(({ min, max }) => value >= min && value <= max)?.label ?? rest;
}

/** The labels that stand for one value each, in the order of Values. */
export const labelsOf = (element: Labelled): readonly string[] => [...tableOf(element).values.keys()];
