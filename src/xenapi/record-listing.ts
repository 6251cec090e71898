import { setImmediate as nextTurn } from 'node:timers/promises';

/** For how long records are read in one go, in milliseconds, and after how many the clock is looked at. */
export interface Slicing {
  readonly turn: number;
  readonly slice: number;
}

const usual: Slicing = { turn: 8, slice: 16 };

/**
 * The records of one class as they are read out of a `get_all_records` answer, which may come in parts. Reading gives way
 * to other work after some milliseconds.
 */
export class RecordListing<R> {
  readonly records = new Map<string, R>();
  readonly #read: (ref: string, wire: unknown) => R;
  readonly #slicing: Slicing;

  constructor(read: (ref: string, wire: unknown) => R, slicing: Slicing = usual) {
    this.#read = read;
    this.#slicing = slicing;
  }

  /** Reads a part of the answer; what is no struct holds no records (an empty one of XML-RPC may be a text). */
  async take(wire: unknown): Promise<void> {
    if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) return;
    const sent = wire as Readonly<Record<string, unknown>>;
    const { turn, slice } = this.#slicing;
    let count = 0;
    let until = performance.now() + turn;
    for (const ref in sent) {
      this.records.set(ref, this.#read(ref, sent[ref]));
      if (++count % slice > 0 || performance.now() < until) continue;
      await nextTurn();
      until = performance.now() + turn;
    }
  }
}
