import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { type Role, roles } from './cim/principal.js';
import { notKnown } from './command-line.js';
import { isPasswordHash } from './http/password-hash.js';
import { type Given, isSetting, settingNames } from './setting.js';

/** A user of the bridge alone, whom XenAPI does not know (decisions.md 37). `hash` is what `hash-password` prints. */
export interface User {
  readonly name: string;
  readonly hash: string;
  readonly role: Role;
}

export interface ConfigFile {
  readonly path?: string;
  readonly given: ReadonlyMap<string, Given>;
  readonly users: readonly User[];
}

/** Reads a YAML file of settings. Every value is taken as the text it was written as, whatever YAML makes of it. */
export function readConfigFile(at: string, folder: string, problems: string[]): ConfigFile {
  const path = resolve(folder, at);
  const file = { path, given: new Map<string, Given>(), users: [] as User[] };
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (reason) {
    problems.push(`--config: ${path} cannot be read: ${(reason as Error).message}`);
    return file;
  }
  const lines = new LineCounter();
  const document = parseDocument(content, { schema: 'failsafe', lineCounter: lines, prettyErrors: true });
  for (const { message } of document.errors) problems.push(`${path}: ${message.split('\n')[0]}`);
  const place = (node: unknown): string => `${path}:${lines.linePos((node as Node)?.range?.[0] ?? 0).line}`;
  const root = document.contents as unknown;
  if (document.errors.length > 0 || root === null || (isScalar(root) && root.value === '')) return file;
  if (!isMap(root)) {
    problems.push(`${place(root)}: wanted keys with their values, such as "http-port: 5988"; got something else`);
    return file;
  }
  for (const pair of root.items) readPair(pair, file, place, problems);
  return file;
}

interface Draft {
  readonly path: string;
  readonly given: Map<string, Given>;
  readonly users: User[];
}

type Place = (node: unknown) => string;

function readPair({ key, value }: Pair, file: Draft, place: Place, problems: string[]): void {
  const name = isScalar(key) ? String(key.value) : '?';
  if (name === 'users') {
    readUsers(value, file.users, place, problems);
  } else if (!isSetting(name)) {
    problems.push(`${place(key)}: ${notKnown(`the key ${name}`, name, [...settingNames, 'users'], (meant) => meant)}`);
  } else if (!isScalar(value) || value.value === '') {
    problems.push(
      `${place(key)}: ${name} wants a value of its own on the same line; got ${isScalar(value) ? 'none' : 'a list or keys'}`,
    );
  } else {
    file.given.set(name, { text: String(value.value), origin: `${name} (${place(key)})`, base: dirname(file.path) });
  }
}

const userKeys = ['name', 'hash', 'role'] as const;

function readUsers(node: unknown, users: User[], place: Place, problems: string[]): void {
  if (!isSeq(node)) {
    problems.push(`${place(node)}: users wants a list, each entry with name, hash and role; got something else`);
    return;
  }
  for (const entry of node.items) {
    const user = isMap(entry) ? readUser(entry, place, problems) : undefined;
    if (!isMap(entry)) problems.push(`${place(entry)}: a user wants name, hash and role; got something else`);
    if (user && users.some(({ name }) => name === user.name)) {
      problems.push(`${place(entry)}: the user "${user.name}" is there twice`);
    } else if (user) users.push(user);
  }
}

function readUser(entry: YAMLMap, place: Place, problems: string[]): User | undefined {
  const before = problems.length;
  const found: Record<string, string> = {};
  for (const { key, value } of entry.items) {
    const name = isScalar(key) ? String(key.value) : '?';
    if (!(userKeys as readonly string[]).includes(name)) {
      problems.push(`${place(key)}: ${notKnown(`a user's key ${name}`, name, userKeys, (meant) => meant)}`);
    } else if (isScalar(value)) found[name] = String(value.value);
  }
  for (const name of userKeys) {
    if (!found[name]) problems.push(`${place(entry)}: a user wants the key ${name}; got none`);
  }
  const role = roles.find((word) => word === found['role']);
  if (found['role'] && !role) {
    problems.push(`${place(entry)}: role wants one of ${roles.join(', ')}; got "${found['role']}"`);
  }
  if (found['hash'] && !isPasswordHash(found['hash'])) {
    problems.push(`${place(entry)}: hash wants what "xen-cim-bridge hash-password" prints; got something else`);
  }
  if (found['name']?.includes(':')) {
    problems.push(
      `${place(entry)}: name wants no colon, for Basic authentication cannot send one; got "${found['name']}"`,
    );
  }
  if (problems.length > before) return undefined;
  return { name: found['name']!, hash: found['hash']!, role: role! };
}
