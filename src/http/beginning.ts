import type { Delay } from '../cim/operation.js';
import { armful, type Chunks, type Made, step } from './pump.js';

/** What an answer begins with: all of it where it is at hand and no more than goes out at once. */
export type Beginning =
  | { readonly kind: 'whole'; readonly chunks: readonly Buffer[] }
  | { readonly kind: 'part'; readonly chunks: Chunks };

/** Chunks that are there already, then the rest. */
export function* joined(first: readonly (Buffer | Delay)[], rest?: Made): Made {
  yield* first;
  if (rest) yield* rest;
}

/**
 * Makes what can be made at once, two chunks at least: what fails so early is an ERROR and not an answer broken off.
 * Throws what the making of chunks throws before any is there to be sent.
 */
export async function begin(chunks: Chunks): Promise<Beginning> {
  if (!(Symbol.iterator in chunks)) return beginLater(chunks);
  const first: (Buffer | Delay)[] = [];
  for (;;) {
    const { chunks: made, end, delay } = step(chunks, armful);
    first.push(...made);
    if (end) {
      if ('reason' in end) throw end.reason;
      return { kind: 'whole', chunks: first as readonly Buffer[] };
    }
    if (delay && first.length > 0) return { kind: 'part', chunks: joined([...first, delay], chunks) };
    if (first.length > 1) return { kind: 'part', chunks: joined(first, chunks) };
    await delay;
  }
}

async function* joinedLater(first: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

/** The first two chunks: it takes the second to know whether the first is the whole answer. */
async function beginLater(chunks: AsyncGenerator<Buffer>): Promise<Beginning> {
  const first: Buffer[] = [];
  while (first.length < 2) {
    const next = await chunks.next();
    if (next.done === true) return { kind: 'whole', chunks: first };
    first.push(next.value);
  }
  return { kind: 'part', chunks: joinedLater(first, chunks) };
}
