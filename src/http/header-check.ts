import { fold, sameName } from '../cim/name.js';
import type { ClassPath, InstancePath, KeyBinding } from '../cim/path.js';
import { parseInstancePath, parsePath, trimNamespace } from '../cim/path-text.js';
import { askedOf, type CallDescription, describeCall, type Message } from '../cimxml/message.js';
import type { ExtensionHeaders } from './extension-header.js';
import { cimRefusal, type HttpRefusal } from './refusal.js';

/**
 * Refuses what needs no body to be refused: a CIMOperation that is none, a protocol version that is not 1.x (DSP0200
 * 6.3.3, 6.3.5). With `strict` an absent CIMOperation is refused too; clients of sfcb send none.
 */
export function checkOperationHeader({ CIMOperation, CIMProtocolVersion }: ExtensionHeaders, strict: boolean): void {
  if (CIMOperation === undefined ? strict : !sameName(CIMOperation.trim(), 'MethodCall')) {
    const got = CIMOperation === undefined ? 'is absent' : `is "${CIMOperation}"`;
    throw cimRefusal('unsupported-operation', `the header CIMOperation must be MethodCall, but ${got}`);
  }
  if (CIMProtocolVersion === undefined || CIMProtocolVersion === '1.0') return;
  if (!/^\s*1\.\d+\s*$/.test(CIMProtocolVersion)) {
    throw cimRefusal(
      'unsupported-protocol-version',
      `the header CIMProtocolVersion is "${CIMProtocolVersion}"; this server speaks 1.0 and what is compatible with it`,
    );
  }
}

/**
 * Holds the headers against the body (DSP0200 6.3.5 to 6.3.9): what is absent is taken from the body unless `strict`; what
 * is present and says another thing is a header-mismatch.
 */
export function checkHeaders(headers: ExtensionHeaders, body: Message, strict: boolean): void {
  checkVersion(headers.CIMProtocolVersion, body.protocolVersion, strict);
  checkBatch(headers, body, strict);
  const [call] = body.calls;
  if (body.multi || call === undefined) return;
  const described = describeCall(call);
  checkMethod(headers.CIMMethod, described.method, strict);
  checkObject(headers.CIMObject, described, askedOf(call).namespace, strict);
}

function checkVersion(header: string | undefined, message: string, strict: boolean): void {
  if (header === undefined ? strict && message !== '1.0' : header.trim() !== message) {
    throw mismatch(
      'CIMProtocolVersion',
      header ?? '1.0 (by its absence)',
      `the MESSAGE has PROTOCOLVERSION ${message}`,
    );
  }
}

function checkBatch({ CIMBatch, CIMMethod, CIMObject }: ExtensionHeaders, body: Message, strict: boolean): void {
  if (!body.multi) {
    if (CIMBatch !== undefined) throw mismatch('CIMBatch', CIMBatch, 'the MESSAGE holds a SIMPLEREQ');
    return;
  }
  if (!strict) return;
  if (CIMBatch === undefined) throw mismatch('CIMBatch', undefined, 'the MESSAGE holds a MULTIREQ');
  const single = CIMMethod === undefined ? (CIMObject === undefined ? undefined : 'CIMObject') : 'CIMMethod';
  if (single !== undefined) throw mismatch(single, CIMMethod ?? CIMObject, 'a MULTIREQ goes without it');
}

function checkMethod(header: string | undefined, method: string, strict: boolean): void {
  if (header === undefined ? strict : !sameName(header.trim(), method)) {
    throw mismatch('CIMMethod', header, `the body calls ${method}`);
  }
}

function checkObject(header: string | undefined, call: CallDescription, namespace: string, strict: boolean): void {
  if (header === undefined) {
    if (strict) throw mismatch('CIMObject', header, `the body is about ${namespace}`);
    return;
  }
  const { object } = call;
  const text = header.trim();
  if (object === undefined) return;
  if (object.kind === 'namespace') {
    const about = strict ? text : (text.split(':', 1)[0] ?? '');
    if (!sameNamespace(about, namespace)) throw mismatch('CIMObject', header, `the body asks in ${namespace}`);
  } else if (!sameTarget(text, object, namespace, strict)) {
    throw mismatch('CIMObject', header, `the body calls ${call.method} of ${object.className} in ${namespace}`);
  }
}

const sameNamespace = (a: string, b: string): boolean => sameName(trimNamespace(a.trim()), trimNamespace(b.trim()));

/**
 * Whether the text names the target of a method: names without regard to case, keys in any order, hosts ignored. Old
 * clients quote references in keys wrongly; of what cannot be read, namespace and class are compared, unless `strict`.
 */
function sameTarget(text: string, target: InstancePath | ClassPath, namespace: string, strict: boolean): boolean {
  let path: InstancePath | ClassPath;
  try {
    path = parsePath(text);
  } catch {
    const [, where = '', className = ''] = /^(?:\/\/[^/]*)?\/?([^:"=]*):([^.:"=]*)/.exec(text) ?? [];
    return !strict && sameNamespace(where, namespace) && sameName(className, target.className);
  }
  return sameNamespace(path.namespace ?? '', namespace) && comparable(path) === comparable(target);
}

/** The class and keys of a path in one spelling. */
function comparable(path: InstancePath | ClassPath): string {
  const name = fold(path.className);
  return path.kind === 'classPath' ? name : [name, ...path.keys.map(comparableKey).sort()].join('\n');
}

const comparableKey = ({ name, value }: KeyBinding): string =>
  `${fold(name)}=${JSON.stringify(comparableValue(value))}`;

function comparableValue(value: KeyBinding['value']): string {
  if (typeof value === 'object') return comparable(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value !== 'string') return String(value);
  if (/^(?:true|false)$/i.test(value)) return fold(value);
  if (!value.includes('=')) return value;
  try {
    return comparable(parseInstancePath(value));
  } catch {
    return value;
  }
}

const mismatch = (name: string, header: string | undefined, body: string): HttpRefusal =>
  cimRefusal(
    'header-mismatch',
    `the header ${name} ${header === undefined ? 'is absent' : `is "${header}"`}, but ${body}`,
  );
