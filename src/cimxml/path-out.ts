import type { ClassPath, InstancePath, KeyBinding } from '../cim/path.js';
import type { CimType } from '../cim/value.js';
import { escapeAttribute, escapeText } from './escape.js';
import { encodeScalar } from './value-out.js';

type KeyScalar = Exclude<KeyBinding['value'], InstancePath>;

/** The type of a key that came without one: the widest that its value fits. */
function typeOfKey(value: KeyScalar): CimType {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'real64';
  return value < 0 ? 'sint64' : 'uint64';
}

const valueTypes: Readonly<Partial<Record<CimType, string>>> = {
  boolean: 'boolean',
  string: 'string',
  char16: 'string',
  datetime: 'string',
};

function encodeKey(key: KeyBinding): string {
  const { value } = key;
  if (typeof value === 'object') return encodeReference(value);
  const type = key.type ?? typeOfKey(value);
  const valueType = valueTypes[type] ?? 'numeric';
  return `<KEYVALUE VALUETYPE="${valueType}" TYPE="${type}">${encodeScalar(type, value)}</KEYVALUE>`;
}

/** INSTANCENAME: class and keys, in the order in which the path has them. A key without a name is the only one. */
export function encodeInstanceName(path: InstancePath): string {
  let keys = '';
  for (const key of path.keys) {
    const content = encodeKey(key);
    keys += key.name === '' ? content : `<KEYBINDING NAME="${escapeAttribute(key.name)}">${content}</KEYBINDING>`;
  }
  return `<INSTANCENAME CLASSNAME="${escapeAttribute(path.className)}">${keys}</INSTANCENAME>`;
}

/** CLASSNAME. */
export function encodeClassName(name: string): string {
  return `<CLASSNAME NAME="${escapeAttribute(name)}"/>`;
}

let lastNamespace: string | undefined;
let lastNamespacePath = '';

/** LOCALNAMESPACEPATH; the last one is kept, since an answer mostly has but one. */
function encodeNamespace(namespace: string): string {
  if (namespace === lastNamespace) return lastNamespacePath;
  const names = namespace.split('/').map((name) => `<NAMESPACE NAME="${escapeAttribute(name)}"/>`);
  lastNamespacePath = `<LOCALNAMESPACEPATH>${names.join('')}</LOCALNAMESPACEPATH>`;
  lastNamespace = namespace;
  return lastNamespacePath;
}

const encodeHost = (host: string, namespace: string): string =>
  `<NAMESPACEPATH><HOST>${escapeText(host)}</HOST>${encodeNamespace(namespace)}</NAMESPACEPATH>`;

/** VALUE.REFERENCE around as much of the path as is known: INSTANCEPATH, LOCALINSTANCEPATH or INSTANCENAME, or of a class. */
export function encodeReference(path: InstancePath | ClassPath): string {
  return `<VALUE.REFERENCE>${encodePath(path)}</VALUE.REFERENCE>`;
}

function encodePath(path: InstancePath | ClassPath): string {
  const { host, namespace } = path;
  const instance = path.kind === 'path';
  const name = instance ? encodeInstanceName(path) : encodeClassName(path.className);
  if (namespace === undefined) return name;
  const element = instance ? 'INSTANCEPATH' : 'CLASSPATH';
  if (host !== undefined) return `<${element}>${encodeHost(host, namespace)}${name}</${element}>`;
  return `<LOCAL${element}>${encodeNamespace(namespace)}${name}</LOCAL${element}>`;
}

/** Where paths lie that do not say so themselves. */
export interface Place {
  readonly host: string;
  readonly namespace: string;
}

/** INSTANCEPATH or CLASSPATH with host and namespace, the place's where the path has none. */
export function encodeFullPath(path: InstancePath | ClassPath, place: Place): string {
  return encodePath({ ...path, host: path.host ?? place.host, namespace: path.namespace ?? place.namespace });
}
