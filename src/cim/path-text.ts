import { CimError } from './error.js';
import { fold } from './name.js';
import { integerOfText, realOfText, textOfReal } from './number-text.js';
import { type ClassPath, type InstancePath, instancePath, type KeyBinding } from './path.js';

/*
 * Paths as text, the untyped WBEM URI (DSP0004 clause 8, DSP0207): `//host/root/cimv2:Class.Name="x",Number=5`. A reference in
 * a key is the quoted text of another path.
 */

/** `dsp0004` begins with the namespace or class; `dsp0207` begins with a slash and always has the colon. */
export type PathForm = 'dsp0004' | 'dsp0207';

const quote = (text: string): string => `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;

function formatKey({ type, value }: KeyBinding, form: PathForm): string {
  if (typeof value === 'object') return quote(formatPath(value, form));
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number')
    return Number.isInteger(value) && !type?.startsWith('real') ? BigInt(value).toString() : textOfReal(value);
  return type === 'char16' ? `'${value.replace(/['\\]/, '\\$&')}'` : quote(value);
}

function start(path: InstancePath | ClassPath, form: PathForm): string {
  const { host, namespace } = path;
  const authority = host === undefined ? '' : `//${host}`;
  if (form === 'dsp0207' || host !== undefined) return `${authority}/${namespace ?? ''}:`;
  return namespace === undefined ? '' : `${namespace}:`;
}

/** The path as text: `root/cimv2:Class.Key="v",Key2=5`, with `//host/` before it where the path has a host. */
export function formatPath(path: InstancePath | ClassPath, form: PathForm = 'dsp0004'): string {
  const head = start(path, form) + path.className;
  if (path.kind === 'classPath' || path.keys.length === 0) return head;
  return `${head}.${path.keys.map((key) => `${key.name}=${formatKey(key, form)}`).join(',')}`;
}

/** Walks over the text of one path; every refusal says where and what was expected. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#at === this.#text.length;
  }

  /** What the pattern (sticky) matches here, which is stepped over; undefined where it does not match. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found) this.#at = pattern.lastIndex;
    return found;
  }

  expect(pattern: RegExp, wanted: string): RegExpExecArray {
    return this.take(pattern) ?? this.refuse(wanted);
  }

  refuse(wanted: string): never {
    const found = this.done ? 'its end' : `"${this.#text.slice(this.#at, this.#at + 20)}"`;
    const shown = this.#text.length > 200 ? `${this.#text.slice(0, 200)}…` : this.#text;
    throw new CimError(
      'INVALID_PARAMETER',
      `the path ${shown} has ${found} at character ${this.#at + 1} where ${wanted} was expected`,
    );
  }
}

const authority = /(?:[a-z][a-z0-9+.-]*:)?\/\/([^/]+)\//iy;
const namespaceName = /\/?([^:"'=,]*):/y;
const identifier = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const quoted = /"((?:[^"\\]|\\[\s\S])*)"/y;
const character = /'((?:[^'\\]|\\[\s\S])[\da-fA-F]{0,4})'/y;
const bare = /[^,"'\s]+/y;

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

/** The text without its escapes (DSP0004 7.12.1); what is no escape is refused. */
function withoutEscapes(reader: Reader, text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:[xX]([\da-fA-F]{1,4})|([\s\S]))/g, (_, hex?: string, letter = '') => {
    if (hex) return String.fromCharCode(Number.parseInt(hex, 16));
    if (/["'\\]/.test(letter)) return letter;
    return (
      escapes[letter] ?? reader.refuse(`an escape (\\b \\t \\n \\f \\r \\" \\' \\\\ \\x41) instead of \\${letter}`)
    );
  });
}

const pathLike = /^[^"'=,]*[.][A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*=/;

/** A quoted text that reads as an instance path in full is a reference; any other is a string of unknown type. */
function quotedKey(name: string, text: string): KeyBinding {
  if (pathLike.test(text)) {
    try {
      return { name, type: 'reference', value: parseInstancePath(text) };
    } catch {
      // An ordinary string after all.
    }
  }
  return { name, type: undefined, value: text };
}

function readNumber(reader: Reader, name: string): KeyBinding {
  const wanted = 'a key value ("text", a number, TRUE or FALSE)';
  const text = reader.take(bare)?.[0] ?? reader.refuse(wanted);
  if (/^(?:true|false)$/i.test(text)) return { name, type: 'boolean', value: fold(text) === 'true' };
  const integer = integerOfText(text);
  if (integer !== undefined) {
    const small = Number(integer);
    return { name, type: undefined, value: Number.isSafeInteger(small) ? small : integer };
  }
  const real = realOfText(text);
  if (real === undefined) return reader.refuse(`${wanted} instead of ${text}`);
  return { name, type: undefined, value: real };
}

function readKey(reader: Reader): KeyBinding {
  const [name] = reader.expect(identifier, 'the name of a key');
  reader.expect(/\s*=\s*/y, '"="');
  const text = reader.take(quoted)?.[1];
  if (text !== undefined) return quotedKey(name, withoutEscapes(reader, text));
  const unit = reader.take(character)?.[1];
  if (unit === undefined) return readNumber(reader, name);
  const value = withoutEscapes(reader, unit);
  return value.length === 1 ? { name, type: 'char16', value } : reader.refuse('one character between quotes');
}

function readKeys(reader: Reader): KeyBinding[] {
  const keys = [readKey(reader)];
  while (reader.take(/\s*,\s*/y)) keys.push(readKey(reader));
  if (!reader.done) reader.refuse('"," or the end');
  const names = new Set(keys.map((key) => fold(key.name)));
  return names.size === keys.length ? keys : reader.refuse('each key once');
}

/** The name of a namespace without slashes before and after it, which clients add. */
export function trimNamespace(text: string): string {
  let [start, end] = [0, text.length];
  while (text[start] === '/') start++;
  while (end > start && text[end - 1] === '/') end--;
  return text.slice(start, end);
}

/** No path that means anything is longer; it also bounds what matching may cost. */
const longest = 64 * 1024;

/** Reads a path of either form, with keys (an instance's) or without (a class's); INVALID_PARAMETER says where it fails. */
export function parsePath(text: string): InstancePath | ClassPath {
  if (text.length > longest)
    throw new CimError('INVALID_PARAMETER', `a path has at most ${longest} characters; this one has ${text.length}`);
  const reader = new Reader(text);
  const host = reader.take(authority)?.[1];
  const namespace = trimNamespace(reader.take(namespaceName)?.[1] ?? '');
  const [className] = reader.expect(identifier, 'the name of a class');
  const place = { ...(host && { host }), ...(namespace && { namespace }) };
  if (reader.done) return { kind: 'classPath', ...place, className };
  reader.expect(/\./y, '"." and keys, or the end');
  return { ...instancePath(className, readKeys(reader)), ...place };
}

/** Reads the path of an instance; INVALID_PARAMETER where the text has no keys or is none. */
export function parseInstancePath(text: string): InstancePath {
  const path = parsePath(text);
  if (path.kind === 'path') return path;
  throw new CimError(
    'INVALID_PARAMETER',
    `the path ${text.slice(0, 200)} names a class; an instance's, with keys, was wanted`,
  );
}

/** Reads the path of a class; INVALID_PARAMETER where the text has keys or is none. */
export function parseClassPath(text: string): ClassPath {
  const path = parsePath(text);
  if (path.kind === 'classPath') return path;
  throw new CimError(
    'INVALID_PARAMETER',
    `the path ${text.slice(0, 200)} names an instance; a class's, without keys, was wanted`,
  );
}

const canonicalKey = ({ value }: KeyBinding): string => {
  if (typeof value === 'object') return quote(canonicalPath(value));
  return typeof value === 'boolean' ? (value ? '"TRUE"' : '"FALSE"') : quote(String(value));
};

/**
 * A text that is equal for equal paths and for no others: names folded, keys in order, values exact and by what they
 * say, so that 5, 5n and an untyped "5" are one. For maps and sets; not for people.
 */
export function canonicalPath(path: InstancePath | ClassPath): string {
  const host = path.host === undefined ? '' : `//${fold(path.host)}/`;
  const namespace = path.namespace === undefined ? '' : `${fold(path.namespace)}:`;
  let text = host + namespace + fold(path.className);
  if (path.kind === 'classPath') return text;
  text += '.';
  for (const key of path.keys) text += `,${fold(key.name)}=${canonicalKey(key)}`;
  return text;
}

/** Whether two paths name the same thing: names without regard to case, values exactly (DSP0004 clause 8). */
export const samePath = (a: InstancePath | ClassPath, b: InstancePath | ClassPath): boolean =>
  a === b || canonicalPath(a) === canonicalPath(b);
