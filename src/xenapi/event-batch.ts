import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordReaders } from './record-reader.js';
import type { RemoteClass } from './records.js';
import type { Update } from './store.js';

/** One event as event.from sends it; a deletion has no snapshot. */
interface WireEvent {
  readonly class?: unknown;
  readonly operation?: unknown;
  readonly ref?: unknown;
  readonly snapshot?: unknown;
}

/** What an answer of event.from holds. */
export interface EventAnswer {
  readonly events: readonly WireEvent[];
  readonly counts: unknown;
  readonly token: string;
}

const isEvent = (event: unknown): event is WireEvent => typeof event === 'object' && event !== null;

/** Takes the answer apart, without what is no event; undefined when it is none. */
export function eventAnswer(wire: unknown): EventAnswer | undefined {
  if (typeof wire !== 'object' || wire === null) return undefined;
  const { events, valid_ref_counts: counts, token } = wire as Record<string, unknown>;
  if (!Array.isArray(events) || typeof token !== 'string' || token === '') return undefined;
  return { events: events.filter(isEvent), counts, token };
}

/** The watched classes by the lower-case names that events carry. */
export const byEventName = (classes: readonly RemoteClass[]): ReadonlyMap<string, RemoteClass> =>
  new Map(classes.map((of) => [of.toLowerCase(), of]));

function updateOf(
  event: WireEvent,
  classes: ReadonlyMap<string, RemoteClass>,
  readers: RecordReaders,
): Update | undefined {
  const of = typeof event.class === 'string' ? classes.get(event.class.toLowerCase()) : undefined;
  if (!of || typeof event.ref !== 'string') return undefined;
  if (event.operation === 'del') return { of, ref: event.ref, after: undefined };
  if (typeof event.snapshot !== 'object' || event.snapshot === null) return undefined;
  return { of, ref: event.ref, after: readers.reader(of)(event.snapshot) };
}

/** The updates that events stand for; gives way to other work after every `slice` events. */
export async function updatesOf(
  events: readonly WireEvent[],
  classes: ReadonlyMap<string, RemoteClass>,
  readers: RecordReaders,
  slice = 500,
): Promise<readonly Update[]> {
  const updates: Update[] = [];
  for (const [index, event] of events.entries()) {
    const update = updateOf(event, classes, readers);
    if (update) updates.push(update);
    if ((index + 1) % slice === 0) await nextTurn();
  }
  return updates;
}

/** From so many on, the pool may have forgotten some messages: it keeps its newest 256 to 511 for events. */
const manyMessages = 256;

/** Whether messages may have been left out of the answer, which nothing counts. */
export function mayLackMessages(events: readonly WireEvent[]): boolean {
  let messages = 0;
  for (const event of events) if (event.class === 'message') messages++;
  return messages >= manyMessages;
}

/**
 * The pool's count of changes that a token stands for (its first part, twenty digits, so that texts compare as
 * numbers). The second part counts messages, and not every call that gives a token fills it.
 */
export const generationOf = (token: string): string => token.split(',', 1)[0]!;
