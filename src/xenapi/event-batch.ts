import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordReaders } from './record-reader.js';
import type { RemoteClass } from './records.js';
import type { Update } from './store.js';
import type { View } from './view.js';

/** One event as event.from sends it; a deletion has no snapshot. */
interface WireEvent {
  readonly class?: unknown;
  readonly operation?: unknown;
  readonly ref?: unknown;
  readonly snapshot?: unknown;
}

/** What an answer of event.from holds: its events, but for those that were taken before. */
export interface EventAnswer {
  readonly events: readonly unknown[];
  readonly counts: unknown;
  readonly token: string;
}

const isEvent = (event: unknown): event is WireEvent => typeof event === 'object' && event !== null;

/** Takes the answer apart, without what is no event; undefined when it is none. */
export function eventAnswer(wire: unknown): EventAnswer | undefined {
  if (typeof wire !== 'object' || wire === null) return undefined;
  const { events, valid_ref_counts: counts, token } = wire as Record<string, unknown>;
  if (!Array.isArray(events) || typeof token !== 'string' || token === '') return undefined;
  return { events, counts, token };
}

/** The watched classes by the lower-case names that events carry. */
export const byEventName = (classes: readonly RemoteClass[]): ReadonlyMap<string, RemoteClass> =>
  new Map(classes.map((of) => [of.toLowerCase(), of]));

interface Reading {
  /** The watched classes by the names that events carry (`byEventName`). */
  readonly classes: ReadonlyMap<string, RemoteClass>;
  readonly readers: RecordReaders;
  /** What was known before. */
  readonly view: View;
}

/** How long records are read in one go, in milliseconds: whoever asks meanwhile waits so much longer. */
const turnMs = 2;

/** From so many on, the pool may have forgotten some messages: it keeps its newest 256 to 511 for events. */
const manyMessages = 256;

/** Reads the events of one answer, which may come in parts, into the updates that they stand for. */
export class EventBatch {
  readonly updates: Update[] = [];
  /** When the first of them had come, by `performance.now()`. */
  arrived: number | undefined;
  readonly #reading: Reading;
  #size = 0;
  #messages = 0;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** How many events there were. */
  get size(): number {
    return this.#size;
  }

  /** Whether messages may have been left out of the answer, which nothing counts. */
  get mayLackMessages(): boolean {
    return this.#messages >= manyMessages;
  }

  /**
   * Reads a part of the events. Gives way to other work before the first, after the last, and as often in between as the
   * time says: what came before was taking the answer apart, and what follows is done in one go.
   */
  async take(part: unknown): Promise<void> {
    if (!Array.isArray(part) || part.length === 0) return;
    this.arrived ??= performance.now();
    let began = Number.NEGATIVE_INFINITY;
    for (const event of part) {
      if (performance.now() - began > turnMs) {
        await nextTurn();
        began = performance.now();
      }
      if (isEvent(event)) this.#read(event);
    }
    await nextTurn();
  }

  #read(event: WireEvent): void {
    this.#size++;
    if (event.class === 'message') this.#messages++;
    const update = updateOf(event, this.#reading);
    if (update) this.updates.push(update);
  }
}

function updateOf(event: WireEvent, { classes, readers, view }: Reading): Update | undefined {
  const of = typeof event.class === 'string' ? classes.get(event.class.toLowerCase()) : undefined;
  if (!of || typeof event.ref !== 'string') return undefined;
  if (event.operation === 'del') return { of, ref: event.ref, after: undefined };
  if (typeof event.snapshot !== 'object' || event.snapshot === null) return undefined;
  return { of, ref: event.ref, after: readers.renewed(of, event.snapshot, view.get(of, event.ref)) };
}

/**
 * The pool's count of changes that a token stands for (its first part, twenty digits, so that texts compare as
 * numbers). The second part counts messages, and not every call that gives a token fills it.
 */
export const generationOf = (token: string): string => token.split(',', 1)[0]!;
