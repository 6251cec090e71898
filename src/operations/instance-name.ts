import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import { CimError } from '../cim/error.js';
import { fold, sameName } from '../cim/name.js';
import { integerOfText, realOfText } from '../cim/number-text.js';
import { type InstancePath, instancePath, type KeyBinding } from '../cim/path.js';
import { parseInstancePath } from '../cim/path-text.js';
import { integerRange, isWide } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';

type KeyValue = KeyBinding['value'];

const isPath = (value: KeyValue): value is InstancePath => typeof value === 'object';

function truth(value: KeyValue): KeyValue | undefined {
  if (typeof value === 'boolean') return value;
  const text = fold(String(value));
  return text === 'true' || (text === 'false' ? false : undefined);
}

function integer(type: PropertyDeclaration['type'], value: KeyValue): KeyValue | undefined {
  const [min, max] = integerRange[type]!;
  const whole = isPath(value) ? undefined : integerOfText(String(value));
  if (whole === undefined || whole < min || whole > max) return undefined;
  return isWide(type) ? whole : Number(whole);
}

/** The names of what a reference key leads to, made exact where its class is known here. */
function reference(schema: Schema, value: KeyValue): KeyValue | undefined {
  if (typeof value !== 'string' && !isPath(value)) return undefined;
  const path = typeof value === 'string' ? parseInstancePath(value) : value;
  const cls = schema.class(path.className);
  return cls && keyFault(cls, path) === undefined ? exactName(schema, cls, path) : path;
}

/** The value as the key's declared type has it: clients quote numbers and leave the type out. */
function keyValue(schema: Schema, { type }: PropertyDeclaration, value: KeyValue): KeyValue | undefined {
  if (type === 'reference') return reference(schema, value);
  if (isPath(value)) return undefined;
  if (type === 'boolean') return truth(value);
  if (integerRange[type]) return integer(type, value);
  return type === 'real32' || type === 'real64' ? realOfText(String(value)) : String(value);
}

/** The single key of a class may come without its name (DSP0201 5.3.4.1: INSTANCENAME with one KEYVALUE). */
const named = ({ keys }: CimClass, given: readonly KeyBinding[]): readonly KeyBinding[] =>
  keys.length === 1 && given.length === 1 && given[0]!.name === '' ? [{ ...given[0]!, name: keys[0]! }] : given;

/** What is wrong with the names of the keys, or undefined: they are the class's, each once. */
function keyFault(cls: CimClass, path: InstancePath): string | undefined {
  const given = named(cls, path.keys);
  const distinct = new Set(given.map((key) => fold(key.name)));
  const right = distinct.size === given.length && cls.keys.every((name) => distinct.has(fold(name)));
  if (right && given.length === cls.keys.length) return undefined;
  const list = (names: readonly string[]): string => (names.length > 0 ? names.join(', ') : 'none');
  return `the keys of ${cls.name} are ${list(cls.keys)}; got ${list(given.map((key) => key.name)).slice(0, 200)}`;
}

/**
 * The path with class and keys spelt and typed as the class declares them. Keys that are missing, too many or of the
 * wrong type are CIM_ERR_INVALID_PARAMETER ("otherwise incorrect parameters", DSP0200 5.4.2.2).
 */
export function exactName(schema: Schema, cls: CimClass, path: InstancePath): InstancePath {
  const fault = keyFault(cls, path);
  if (fault) throw new CimError('INVALID_PARAMETER', fault);
  const keys = named(cls, path.keys).map((key) => {
    const declared = cls.properties.get(key.name)!;
    const value = keyValue(schema, declared, key.value);
    if (value !== undefined) return { name: declared.name, type: declared.type, value };
    const got = isPath(key.value) ? 'a reference' : String(key.value).slice(0, 60);
    throw new CimError('INVALID_PARAMETER', `the key ${cls.name}.${declared.name} is a ${declared.type}; got ${got}`);
  });
  const exact = instancePath(cls.name, keys);
  return path.namespace === undefined ? exact : { ...exact, namespace: path.namespace };
}

/** Whether the path stays in the namespace that was asked, under either of its names. */
export const isWithin = (
  path: { readonly namespace?: string },
  namespace: { readonly name: string; readonly shown: string },
): boolean =>
  path.namespace === undefined || sameName(path.namespace, namespace.name) || sameName(path.namespace, namespace.shown);
