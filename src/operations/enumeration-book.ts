import { randomBytes } from 'node:crypto';
import { CimError } from '../cim/error.js';
import { type Cursor, type OpenRequest, sealCursor, unsealCursor } from './cursor.js';

/** How far an enumeration has come: contexts of a lower sequence are spent. */
export interface EnumerationState {
  readonly id: string;
  readonly sequence: number;
  /** Milliseconds since 1970; thereafter no context of it is valid, and nothing of it need be known. */
  readonly expires: number;
  /** Closed by the client, finished, or failed. */
  readonly closed: boolean;
}

/** Where states outlast the process. What has been noted is there when this returns. */
export interface EnumerationLedger {
  readonly states: Iterable<EnumerationState>;
  note(state: EnumerationState): void;
}

export interface EnumerationBookOptions {
  /** Signs the contexts; 32 bytes. */
  readonly key?: Buffer;
  readonly ledger?: EnumerationLedger;
  /** Enumerations that may be remembered at once. */
  readonly limit?: number;
  readonly now?: () => number;
}

interface Entry extends EnumerationState {
  /** A pull of it is being carried out. */
  readonly busy: boolean;
}

/** The sequence of the context that was given out last: while a pull is carried out, of the one that it was given. */
const currentOf = ({ sequence, busy }: Entry): number => (busy ? sequence - 1 : sequence);

/** Who an enumeration belongs to. */
export type Owner = Pick<Cursor, 'user' | 'namespace'>;

const refusal = (why: string): CimError =>
  new CimError('INVALID_ENUMERATION_CONTEXT', `the enumeration context cannot be found: ${why}`);

/**
 * The open enumerations. Where each one stands is in its context; kept here is no more than what tells a context that is
 * spent from the current one (decisions.md 6).
 */
export class EnumerationBook {
  readonly #key: Buffer;
  readonly #ledger: EnumerationLedger | undefined;
  readonly #limit: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  #sweepAt = 1_000;

  constructor({ key = randomBytes(32), ledger, limit = 100_000, now = () => Date.now() }: EnumerationBookOptions = {}) {
    this.#key = key;
    this.#ledger = ledger;
    this.#limit = limit;
    this.#now = now;
    for (const state of ledger?.states ?? []) this.#entries.set(state.id, { ...state, busy: false });
    this.#sweep();
  }

  /** Enumerations remembered now, open or closed. */
  get size(): number {
    return this.#entries.size;
  }

  /** A new enumeration, before anything of it has been given. Nothing is kept until its context is handed out. */
  begin(owner: Owner, request: OpenRequest, timeout: number): Cursor {
    if (this.#entries.size >= this.#limit) this.#sweep();
    if (this.#entries.size >= this.#limit) {
      throw new CimError('SERVER_LIMITS_EXCEEDED', `${this.#limit} enumerations are remembered; try again later`);
    }
    const id = randomBytes(15).toString('base64url');
    return { id, ...owner, request, mark: null, timeout, expires: 0, sequence: 0, idle: 0 };
  }

  /** The cursor of a context that is current; CIM_ERR_INVALID_ENUMERATION_CONTEXT for any other (DSP0200 5.4.2.24.1). */
  find(context: string, owner: Owner): Cursor {
    const cursor = unsealCursor(this.#key, context);
    if (!cursor || cursor.user !== owner.user || cursor.namespace !== owner.namespace) {
      throw refusal('this server has given you none like it in this namespace');
    }
    if (cursor.expires <= this.#now()) throw refusal(`it was kept for ${cursor.timeout} s after the last operation`);
    const entry = this.#entries.get(cursor.id);
    if (entry?.closed) throw refusal('the enumeration is closed');
    if (entry && cursor.sequence < currentOf(entry)) throw refusal('a later one has been given out since');
    return cursor;
  }

  /** Makes the context spent and the enumeration busy until `handOut` or `close`. */
  take(cursor: Cursor): void {
    if (this.#entries.get(cursor.id)?.busy) throw refusal('it is being used by another operation');
    this.#note({ ...cursor, sequence: cursor.sequence + 1, closed: false }, true);
  }

  /** The context for the operation after this one. */
  handOut(cursor: Cursor, mark: string | null, idle: number): string {
    this.check(cursor);
    const expires = this.#now() + cursor.timeout * 1000;
    const next = { ...cursor, mark, idle, expires, sequence: cursor.sequence + 1 };
    const context = sealCursor(this.#key, next);
    this.#note({ ...next, closed: false }, false);
    return context;
  }

  /** CIM_ERR_PULL_HAS_BEEN_ABANDONED when the client has closed the enumeration meanwhile (DSP0200 5.4.2.24.14). */
  check({ id }: Cursor): void {
    if (this.#entries.get(id)?.closed) {
      throw new CimError('PULL_HAS_BEEN_ABANDONED', 'the enumeration was closed while it was being pulled from');
    }
  }

  /** Lets no context of it be used again. One of which none was handed out leaves no trace. */
  close(cursor: Cursor): void {
    if (cursor.expires === 0) return;
    this.#note({ ...cursor, sequence: cursor.sequence + 1, closed: true }, false);
  }

  #note({ id, sequence, expires, closed }: EnumerationState, busy: boolean): void {
    const state = { id, sequence, expires, closed };
    this.#entries.set(id, { ...state, busy });
    if (!busy) this.#ledger?.note(state);
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
  }

  /** Forgets what has expired; looks again when twice as many are there. */
  #sweep(): void {
    const now = this.#now();
    for (const [id, { expires, busy }] of this.#entries) if (expires <= now && !busy) this.#entries.delete(id);
    this.#sweepAt = Math.max(1_000, this.#entries.size * 2);
  }
}
