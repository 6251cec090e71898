import { classFields } from '../xenapi/datamodel.generated.js';
import { XenApiFailure } from './failure.js';
import { type Type, typeOf } from './type.js';

/** What arrived for an argument: JSON, or what the XML-RPC reader made of its element. */
export type Raw = unknown;

const described = (raw: Raw): string => {
  const text = typeof raw === 'bigint' ? String(raw) : (JSON.stringify(raw) ?? String(raw));
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
};

/** The failure of unmarshalling is INTERNAL_ERROR (facts 0.3, 1.5 step 3). */
const wrong = (wanted: string, raw: Raw): XenApiFailure =>
  new XenApiFailure('INTERNAL_ERROR', `Unmarshalling failed: wanted ${wanted}, got ${described(raw)}`);

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** A point in time as xapi writes it: `20261122T14:00:00Z` (facts 1.2). */
export const dateText = (date: Date): string =>
  `${pad(date.getUTCFullYear(), 4)}${pad(date.getUTCMonth() + 1)}${pad(date.getUTCDate())}T` +
  `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}:${pad(date.getUTCSeconds())}Z`;

function text(raw: Raw, wanted = 'string'): string {
  if (typeof raw === 'string') return raw;
  throw wrong(wanted, raw);
}

/** int arguments: any of number and text (facts 1.2), within 64 bits. */
function integer(raw: Raw): bigint {
  if (typeof raw === 'number' && Number.isInteger(raw)) return BigInt(raw);
  if (typeof raw !== 'string' || !/^\s*[+-]?\d{1,19}\s*$/.test(raw)) throw wrong('int', raw);
  const value = BigInt(raw.trim());
  if (BigInt.asIntN(64, value) !== value) throw wrong('int of 64 bits', raw);
  return value;
}

/** float arguments: double, int or text (facts 1.2). */
function float(raw: Raw): number {
  if (typeof raw === 'number') return raw;
  const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : Number.NaN;
  if (Number.isNaN(value) && raw !== 'nan') throw wrong('float', raw);
  return value;
}

function date(raw: Raw): string {
  if (raw instanceof Date) return dateText(raw);
  const value = text(raw, 'datetime');
  const at = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(?:Z|\+00:?00)?$/.exec(value);
  if (at === null) throw wrong('datetime', raw);
  return `${at[1]}${at[2]}${at[3]}T${at[4]}:${at[5]}:${at[6]}Z`;
}

function map(type: Type & { kind: 'map' }, raw: Raw): Record<string, unknown> {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw) || raw instanceof Date) throw wrong('map', raw);
  const made: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(raw)) made[String(decode(type.key, key))] = decode(type.value, value);
  return made;
}

/** The fields that are there; which of them count is the constructor's affair. */
function record(of: keyof typeof classFields, raw: Raw): Record<string, unknown> {
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw) || raw instanceof Date)
    throw wrong(`${of} record`, raw);
  const given = raw as Readonly<Record<string, unknown>>;
  const made: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(classFields[of]))
    if (Object.hasOwn(given, name)) made[name] = decode(typeOf(type), given[name]);
  return made;
}

function set(item: Type, raw: Raw): unknown[] {
  if (!Array.isArray(raw)) throw wrong('set', raw);
  return raw.map((each) => decode(item, each));
}

/** The values of an enumeration are compared without regard to case and kept in the model's own spelling. */
function member(values: readonly string[], name: string, raw: Raw): string {
  const given = text(raw, `enum ${name}`).toLowerCase();
  const found = values.find((value) => value.toLowerCase() === given);
  if (found === undefined) throw wrong(`enum ${name} (${values.join(', ')})`, raw);
  return found;
}

/** An argument as the data model types it: int to bigint, maps to objects without a prototype. Strictly; else INTERNAL_ERROR. */
export function decode(type: Type, raw: Raw): unknown {
  switch (type.kind) {
    case 'string':
    case 'ref':
      return text(raw, type.kind);
    case 'int':
      return integer(raw);
    case 'float':
      return float(raw);
    case 'bool':
      if (typeof raw !== 'boolean') throw wrong('bool', raw);
      return raw;
    case 'datetime':
      return date(raw);
    case 'enum':
      return member(type.values, type.name, raw);
    case 'set':
      return set(type.item, raw);
    case 'map':
      return map(type, raw);
    case 'record':
      return record(type.of, raw);
    case 'option':
      return raw === null || raw === undefined ? undefined : decode(type.item, raw);
    default:
      return undefined;
  }
}
