import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from './log.js';
import { EnumerationBook, type EnumerationLedger, type EnumerationState } from './operations/enumeration-book.js';
import { readSecretFile } from './secret-file.js';
import { writeStateFile } from './state-folder.js';

const keyLength = 32;

/** The key that signs enumeration contexts: made once, read at every later start. */
function signingKey(folder: string): Buffer {
  const path = join(folder, 'signing.key');
  if (!existsSync(path)) {
    const key = randomBytes(keyLength);
    writeStateFile(path, `${key.toString('hex')}\n`);
    return key;
  }
  const text = readSecretFile('state-dir', path).trim();
  if (/^[\da-f]{64}$/.test(text)) return Buffer.from(text, 'hex');
  throw new Error(`state-dir: ${path} holds no key of ${keyLength} bytes in hex; remove it, and another is made`);
}

const lineOf = ({ id, sequence, expires, closed }: EnumerationState): string =>
  `${id} ${sequence} ${expires} ${closed ? 'closed' : 'open'}\n`;

/** What a line says; undefined for one that is torn. */
function stateIn(line: string): EnumerationState | undefined {
  const [, id, sequence, expires, closed] = /^([\w-]{20}) (\d{1,15}) (\d{1,15}) (open|closed)$/.exec(line) ?? [];
  if (id === undefined) return undefined;
  return { id, sequence: Number(sequence), expires: Number(expires), closed: closed === 'closed' };
}

const leastLines = 10_000;

/**
 * A file to which every state is added as it comes to be, in the order of the enumerations' operations: what was noted
 * outlasts the process, however that ends. It is written anew when most of it has expired.
 */
export class LedgerFile implements EnumerationLedger {
  readonly #path: string;
  readonly #log: Logger;
  readonly #states = new Map<string, EnumerationState>();
  #file: number | undefined;
  #lines = 0;
  #most = leastLines;
  #broken = false;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    for (const line of lines) {
      const state = stateIn(line);
      if (state) this.#states.set(state.id, state);
    }
    this.#rewrite();
  }

  get states(): Iterable<EnumerationState> {
    return this.#states.values();
  }

  note(state: EnumerationState): void {
    this.#states.set(state.id, state);
    try {
      if (++this.#lines > this.#most) this.#rewrite();
      else if (this.#file !== undefined) writeSync(this.#file, lineOf(state));
      this.#broken = false;
    } catch (err) {
      if (!this.#broken) this.#log.error({ err, file: this.#path }, 'states of enumerations cannot be written');
      this.#broken = true;
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #rewrite(): void {
    const now = Date.now();
    for (const [id, { expires }] of this.#states) if (expires <= now) this.#states.delete(id);
    this.#lines = this.#states.size;
    this.#most = Math.max(leastLines, this.#lines * 2);
    this.close();
    writeStateFile(this.#path, [...this.#states.values()].map(lineOf).join(''));
    this.#file = openSync(this.#path, 'a', 0o600);
  }
}

/** The open enumerations of a bridge, and the end of their file. */
export interface KeptEnumerations {
  readonly book: EnumerationBook;
  close(): void;
}

/** The enumerations that a folder keeps; without one a restart ends all that are open, and a warning says so. */
export function keepEnumerations(folder: string | undefined, log: Logger): KeptEnumerations {
  if (folder === undefined) {
    log.warn('without state-dir, enumerations that clients are pulling from end with the bridge');
    return { book: new EnumerationBook(), close: () => {} };
  }
  const key = signingKey(folder);
  const ledger = new LedgerFile(join(folder, 'enumerations.log'), log);
  return { book: new EnumerationBook({ key, ledger }), close: () => ledger.close() };
}
