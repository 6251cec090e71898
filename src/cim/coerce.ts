import type { CimClass } from './class.js';
import { parseDatetime } from './datetime.js';
import { CimError, type CimStatus } from './error.js';
import { fold } from './name.js';
import { integerOfText, realOfText } from './number-text.js';
import type { Argument } from './operation.js';
import { type InstancePath, instancePath, type KeyBinding } from './path.js';
import { formatPath, parseInstancePath } from './path-text.js';
import {
  type CimScalar,
  type CimType,
  type CimValue,
  type Embedded,
  forIntegers,
  integerRange,
  isWide,
} from './value.js';

/** What a value is to become: a property, parameter or key as declared. `name` is what a refusal calls it. */
export interface Declared {
  readonly name: string;
  readonly type: CimType;
  readonly isArray: boolean;
  readonly arraySize?: number;
  readonly embedded?: Embedded;
}

/** What came: text that says a value, a value of another type, or what a protocol decoded. */
type Given = Argument | CimValue;
type Item = Exclude<Given, readonly unknown[] | null>;

/** Reads an item as a value of its type; undefined where it says none. */
type Reading = (item: Item) => CimScalar | undefined;

const textual = (read: (text: string) => CimScalar | undefined): Reading => {
  return (item) => (typeof item === 'string' ? read(item) : undefined);
};

function integerOf(item: Item): bigint | undefined {
  if (typeof item === 'bigint') return item;
  if (typeof item === 'number') return Number.isInteger(item) ? BigInt(item) : undefined;
  return typeof item === 'string' ? integerOfText(item.trim()) : undefined;
}

const integer = (type: CimType): Reading => {
  const [min, max] = integerRange[type]!;
  return (item) => {
    const value = integerOf(item);
    if (value === undefined || value < min || value > max) return undefined;
    return isWide(type) ? value : Number(value);
  };
};

const greatestReal32 = 3.402_823_466_385_288_6e38;

function realOf(item: Item): number | undefined {
  if (typeof item === 'number') return item;
  if (typeof item === 'bigint') return Number(item);
  return typeof item === 'string' ? realOfText(item.trim()) : undefined;
}

const real32: Reading = (item) => {
  const value = realOf(item);
  return value === undefined || (Number.isFinite(value) && Math.abs(value) > greatestReal32) ? undefined : value;
};

const boolean: Reading = (item) => {
  if (typeof item === 'boolean') return item;
  const word = typeof item === 'string' ? fold(item.trim()) : '';
  return word === 'true' ? true : word === 'false' ? false : undefined;
};

const isKind = <K extends string>(item: Item, kind: K): item is Extract<Item, { readonly kind: K }> =>
  typeof item === 'object' && 'kind' in item && item.kind === kind;

const reference: Reading = (item) => {
  if (typeof item === 'string') return parseInstancePath(item.trim());
  return isKind(item, 'path') ? item : undefined;
};

const readings: Readonly<Record<CimType, Reading>> = {
  boolean,
  string: textual((text) => text),
  char16: textual((text) => (text.length === 1 ? text : undefined)),
  datetime: textual((text) => (parseDatetime(text.trim()) ? text.trim() : undefined)),
  ...forIntegers(integer),
  real32,
  real64: realOf,
  reference,
};

const embeddedReadings: Readonly<Record<Embedded, Reading>> = {
  instance: (item) => (isKind(item, 'instance') ? item : undefined),
  object: (item) => (isKind(item, 'instance') || isKind(item, 'class') ? item : undefined),
};

const wanted: Readonly<Partial<Record<CimType, string>>> = {
  boolean: 'TRUE or FALSE',
  char16: 'one UTF-16 character',
  datetime: 'a datetime of 25 characters',
  reference: "an instance's path",
};

function describe({ type, embedded }: Declared): string {
  if (embedded) return `an embedded ${embedded === 'instance' ? 'instance' : 'instance or class'}`;
  const range = integerRange[type];
  return range ? `a ${type} (${range[0]} to ${range[1]})` : (wanted[type] ?? `a ${type}`);
}

const kindNames = {
  path: "an instance's path",
  classPath: "a class's path",
  instance: 'an instance',
  class: 'a class',
} as const;

function shown(item: Item): string {
  if (typeof item === 'object') return 'kind' in item ? kindNames[item.kind] : 'a qualifier';
  const text = String(item);
  return `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`;
}

function coerceItem(item: Item, declared: Declared, status: CimStatus): CimScalar {
  const read = declared.embedded ? embeddedReadings[declared.embedded] : readings[declared.type];
  let reason: unknown;
  try {
    const value = read(item);
    if (value !== undefined) return value;
  } catch (error) {
    if (!(error instanceof CimError)) throw error;
    reason = error;
  }
  const more = reason instanceof CimError ? `: ${reason.message}` : '';
  throw new CimError(status, `${declared.name} wants ${describe(declared)}, not ${shown(item)}${more}`);
}

const isList = (given: Given): given is Exclude<Given, Item | null> => Array.isArray(given);

/**
 * What came as a value of the declared type: text is read as DSP0201 writes values (integers also in hex, octal and
 * binary; INF, -INF and NaN), NULL stays. A CimError of the status given says what was wanted and what came.
 */
export function coerce(given: Given, declared: Declared, status: CimStatus = 'TYPE_MISMATCH'): CimValue {
  if (given === null) return null;
  if (!isList(given)) {
    if (!declared.isArray) return coerceItem(given, declared, status);
    throw new CimError(status, `${declared.name} wants an array of ${declared.type}, not ${shown(given)} alone`);
  }
  if (!declared.isArray)
    throw new CimError(status, `${declared.name} wants ${describe(declared)}, not an array of ${given.length}`);
  if (declared.arraySize !== undefined && given.length > declared.arraySize)
    throw new CimError(status, `${declared.name} holds at most ${declared.arraySize} values, not ${given.length}`);
  return given.map((item) => (item === null ? null : coerceItem(item, declared, status)));
}

function coerceKey(key: KeyBinding, of: CimClass): KeyBinding {
  const property = of.properties.get(key.name);
  if (!property?.key) return key;
  const { name, type } = property;
  const isText = type === 'string' || type === 'char16' || type === 'datetime';
  const text = typeof key.value === 'object' ? formatPath(key.value) : String(key.value);
  const value = coerce(isText ? text : key.value, { name, type, isArray: false }, 'INVALID_PARAMETER');
  return { name, type, value: value as KeyBinding['value'] };
}

/**
 * The path with each key as the class declares it, in name and type; keys that are none of the class's stay as they came.
 * INVALID_PARAMETER where a value cannot be of its key's type.
 */
export function coerceKeys(path: InstancePath, of: CimClass): InstancePath {
  const keys = path.keys.map((key) => coerceKey(key, of));
  return { ...path, keys: instancePath(path.className, keys).keys };
}
