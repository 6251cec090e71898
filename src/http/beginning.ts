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

/** Makes what can be made at once. Throws what the making of chunks throws before any is there to be sent. */
export async function begin(chunks: Chunks): Promise<Beginning> {
  if (!(Symbol.iterator in chunks)) return beginLater(chunks);
  for (;;) {
    const made = step(chunks, armful);
    if (made.end) {
      if ('reason' in made.end) throw made.end.reason;
      return { kind: 'whole', chunks: made.chunks };
    }
    if (made.chunks.length > 0) {
      return { kind: 'part', chunks: joined(made.delay ? [...made.chunks, made.delay] : made.chunks, chunks) };
    }
    await made.delay;
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
