import { enumValues } from './datamodel.generated.js';
import { type FieldType, parseFieldType } from './field-type.js';
import { NULL_REF } from './records.js';

/** What a converter gives for a value whose shape is not that of its type. */
export const WRONG: unique symbol = Symbol('wrong shape');

/**
 * Makes a record's value out of what came over the wire; WRONG when it cannot. JSON-RPC and XML-RPC send the same
 * type in different shapes (facts: an int is a JSON number or an untyped text), so the type alone decides. Objects
 * may be changed in place and become part of the result: the caller gives them away.
 */
export type Converter = (wire: unknown) => unknown;

/** A type with how it is read and what stands for it when it is missing. */
export interface ValueReader {
  readonly type: FieldType;
  readonly convert: Converter;
  readonly missing: unknown;
}

const EMPTY_SET: readonly never[] = Object.freeze([]);
const EMPTY_MAP: Readonly<Record<string, never>> = Object.freeze(Object.create(null) as Record<string, never>);

/** The time that XenAPI writes for "never". */
export const NEVER = '1970-01-01T00:00:00Z';

function toText(wire: unknown): unknown {
  if (typeof wire === 'string') return wire;
  if (typeof wire === 'number' || typeof wire === 'boolean' || typeof wire === 'bigint') return String(wire);
  return WRONG;
}

const smallInts: readonly bigint[] = Array.from({ length: 256 }, (_, i) => BigInt(i));

function toInt(wire: unknown): unknown {
  if (typeof wire === 'number') {
    if (!Number.isInteger(wire)) return WRONG;
    return wire >= 0 && wire < smallInts.length ? smallInts[wire] : BigInt(wire);
  }
  if (typeof wire === 'string')
    return /^\s*[-+]?\d{1,40}\s*$/.test(wire) ? BigInt(wire.trim().replace('+', '')) : WRONG;
  return typeof wire === 'bigint' ? wire : WRONG;
}

const oddFloats: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '-nan': Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
};

/** A float as any release writes it: a number, its text, or one of nan, inf and their like in any case. */
export function toFloat(wire: unknown): unknown {
  if (typeof wire === 'number') return wire;
  if (typeof wire === 'bigint') return Number(wire);
  if (typeof wire !== 'string') return WRONG;
  const text = wire.trim();
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return Number(text);
  return oddFloats[text.toLowerCase()] ?? WRONG;
}

const bools: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  [1, true],
  [0, false],
  ['1', true],
  ['0', false],
  ['true', true],
  ['false', false],
]);

const toBool: Converter = (wire) => bools.get(wire) ?? WRONG;

const timeForm = /^(\d{4})-?(\d{2})-?(\d{2})(?:T(\d{2}):?(\d{2}):?(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * `yyyy-mm-ddThh:mm:ssZ` from `20261122T14:00:00Z`, the ISO forms, fractions and offsets. Without a zone it is UTC, as
 * some older fields mean it.
 */
export function toDatetime(wire: unknown): unknown {
  if (wire === '19700101T00:00:00Z' || wire === '') return NEVER;
  const part = typeof wire === 'string' ? timeForm.exec(wire.trim()) : null;
  if (!part) return WRONG;
  const [, year, month, day, hour = '00', minute = '00', second = '00', zone = 'Z'] = part;
  const utc = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
  const time = Date.parse(
    zone === 'Z' ? utc : utc.replace('Z', zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone),
  );
  if (Number.isNaN(time)) return WRONG;
  return zone === 'Z' ? utc : new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A time of a record in the compact form that every release of XenAPI reads: `20261122T14:00:00Z`. */
export const toWireDatetime = (datetime: string): string => datetime.replace(/^(\d{4})-(\d{2})-(\d{2})T/, '$1$2$3T');

const toRef: Converter = (wire) =>
  typeof wire === 'string' ? (wire === NULL_REF || wire === '' ? NULL_REF : wire) : WRONG;

const noMember = ['unspecified', 'unknown', 'undefined', 'none'];

/** Servers may know members that this version does not: any text is one. Known ones share one string each. */
function enumReader(name: string): Omit<ValueReader, 'type'> {
  const members: readonly string[] = Object.hasOwn(enumValues, name) ? enumValues[name as keyof typeof enumValues] : [];
  const shared = new Map(members.map((member) => [member, member]));
  const missing = noMember.find((member) => shared.has(member)) ?? '';
  return { convert: (wire) => (typeof wire === 'string' ? (shared.get(wire) ?? wire) : WRONG), missing };
}

function isSorted(list: readonly string[]): boolean {
  for (let i = 1; i < list.length; i++) if (list[i - 1]! > list[i]!) return false;
  return true;
}

/**
 * Sets have no order of their own and come in any; those of references and of enumeration members are sorted, so that
 * equal sets are equal arrays. Sets of other things keep theirs (task.error_info is a list in truth).
 */
function toSet(item: ValueReader): Converter {
  const sorted = item.type.kind === 'ref' || item.type.kind === 'enum';
  return (wire) => {
    if (!Array.isArray(wire)) return wire === '' ? EMPTY_SET : WRONG;
    if (wire.length === 0) return EMPTY_SET;
    for (let i = 0; i < wire.length; i++) {
      const value = item.convert(wire[i]);
      if (value === WRONG) return WRONG;
      wire[i] = value;
    }
    return sorted && !isSorted(wire) ? wire.sort() : wire;
  };
}

/** Maps lose their prototype: a key `__proto__` or `constructor` is a key like any other. */
function toMap(value: ValueReader): Converter {
  return (wire) => {
    if (typeof wire !== 'object' || wire === null) return wire === '' ? EMPTY_MAP : WRONG;
    if (Array.isArray(wire)) return wire.length === 0 ? EMPTY_MAP : WRONG;
    const map = Object.setPrototypeOf(wire, null) as Record<string, unknown>;
    let size = 0;
    for (const key in map) {
      size++;
      const converted = value.convert(map[key]);
      if (converted === WRONG) return WRONG;
      if (converted !== map[key]) map[key] = converted;
    }
    return size === 0 ? EMPTY_MAP : map;
  };
}

/** XenAPI has sent an absent option as nil, as an empty text and as an empty array. */
function toOption(item: ValueReader): Converter {
  return (wire) =>
    wire === null || wire === '' || (Array.isArray(wire) && wire.length === 0) ? undefined : item.convert(wire);
}

type Readers = {
  readonly [K in FieldType['kind']]: (type: Extract<FieldType, { kind: K }>) => Omit<ValueReader, 'type'>;
};

const readers: Readers = {
  string: () => ({ convert: toText, missing: '' }),
  int: () => ({ convert: toInt, missing: 0n }),
  float: () => ({ convert: toFloat, missing: 0 }),
  bool: () => ({ convert: toBool, missing: false }),
  datetime: () => ({ convert: toDatetime, missing: NEVER }),
  enum: ({ name }) => enumReader(name),
  ref: () => ({ convert: toRef, missing: NULL_REF }),
  set: ({ item }) => ({ convert: toSet(valueReader(item)), missing: EMPTY_SET }),
  option: ({ item }) => ({ convert: toOption(valueReader(item)), missing: undefined }),
  map: ({ value }) => ({ convert: toMap(valueReader(value)), missing: EMPTY_MAP }),
  any: () => ({ convert: (wire) => wire, missing: undefined }),
};

/** How a type of the data model is read. */
export function valueReader(type: FieldType | string): ValueReader {
  const parsed = typeof type === 'string' ? parseFieldType(type) : type;
  const make = readers[parsed.kind] as (type: FieldType) => Omit<ValueReader, 'type'>;
  return { type: parsed, ...make(parsed) };
}
