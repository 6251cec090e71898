import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { Delay } from '../cim/operation.js';

/** How an answer ended: whole; cut by the client; or broken off by us, since its items failed after the first bytes. */
export type AnswerEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'broken'; readonly reason: unknown };

/** Chunks and, among them, what has to be waited for before the next can be made. */
export type Made = Generator<Buffer | Delay>;

/** The chunks of an answer, made as they are asked for. */
export type Chunks = Made | AsyncGenerator<Buffer>;

/** How an answer goes out. */
export interface Pace {
  /** After how long in which a handful is not taken the client counts as gone; milliseconds. */
  readonly stall: number;
  /** Waits, if need be, until others have had their turn. */
  readonly turn: () => Promise<void> | undefined;
}

/** Octets that are handed over at once, and those for a client that has taken the ones before them briskly. */
export const handful = 2 * 1024 * 1024;
export const armful = 2 * handful;

/** Milliseconds in which a brisk client takes what it was given. */
const brisk = 10;

/** Milliseconds of making chunks after which those that are there go out, and others may have their turn. */
const moment = 1;

/** Chunks that go out together, and what came behind them where they were the last. */
export interface Step {
  readonly chunks: readonly Buffer[];
  readonly end?: { readonly reason?: unknown };
  /** What to wait for once they are out. */
  readonly delay?: Delay;
}

/** So many octets of chunks, or as many as a moment makes. */
export function step(chunks: Made, octets: number): Step {
  const made: Buffer[] = [];
  const until = performance.now() + moment;
  try {
    for (let bytes = 0; bytes < octets; ) {
      const next = chunks.next();
      if (next.done === true) return { chunks: made, end: {} };
      if (next.value instanceof Promise) return { chunks: made, delay: next.value };
      made.push(next.value);
      bytes += next.value.length;
      if (performance.now() >= until) break;
    }
  } catch (reason) {
    return { chunks: made, end: { reason } };
  }
  return { chunks: made };
}

/** The next of chunks that have to be waited for. */
async function stepLater(chunks: AsyncGenerator<Buffer>): Promise<Step> {
  try {
    const next = await chunks.next();
    return next.done === true ? { chunks: [], end: {} } : { chunks: [next.value] };
  } catch (reason) {
    return { chunks: [], end: { reason } };
  }
}

/** The end of an answer, where what it waits for fails. */
const delayed = (delay: Delay): Promise<Step['end']> =>
  delay.then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  );

/**
 * Writes chunks as the client takes them, giving way to other requests between two handfuls, and ends the response. No
 * more than a handful is held for a client that takes its time. A client that goes away, or takes nothing for too long,
 * stops the making of chunks at once; a chunk that cannot be made leaves the response open, to be broken off.
 */
export async function pump(
  response: ServerResponse,
  chunks: Chunks,
  sink: 'plain' | 'gzip',
  { stall, turn }: Pace,
): Promise<AnswerEnd> {
  const stream: Writable = sink === 'plain' ? response : packing(response);
  let octets = handful;
  for (;;) {
    const made = Symbol.iterator in chunks ? step(chunks, octets) : await stepLater(chunks);
    const given = performance.now();
    for (const chunk of made.chunks) stream.write(chunk);
    const end = made.end ?? (made.delay && (await delayed(made.delay)));
    if (end) return finish(response, stream, end, stall);
    // Asked and not remembered: what was full may have drained meanwhile.
    if (stream.writableNeedDrain && !(await within(stall, stream, 'drain', response))) return leave(response, chunks);
    octets = performance.now() - given < brisk ? armful : handful;
    // Drained at once, where a fast reader takes all: others would never have their turn.
    await turn();
    if (response.destroyed) return leave(response, chunks);
  }
}

function finish(
  response: ServerResponse,
  out: Writable,
  end: NonNullable<Step['end']>,
  stall: number,
): AnswerEnd | Promise<AnswerEnd> {
  if ('reason' in end) {
    if (out !== response) out.destroy();
    return { kind: 'broken', reason: end.reason };
  }
  out.end();
  return finished(response, stall);
}

function packing(response: ServerResponse): Writable {
  const packer = createGzip({ level: constants.Z_BEST_SPEED });
  packer.pipe(response);
  packer.on('error', () => response.destroy());
  response.once('close', () => packer.destroy());
  return packer;
}

async function leave(response: ServerResponse, chunks: Chunks): Promise<AnswerEnd> {
  response.destroy();
  await chunks.return(undefined);
  return { kind: 'gone' };
}

const complete: AnswerEnd = { kind: 'complete' };

/** How the ended response goes on its way: known at once where the system has taken all of it. */
export function finished(response: ServerResponse, stall: number): AnswerEnd | Promise<AnswerEnd> {
  return response.writableFinished ? complete : whenFinished(response, stall);
}

async function whenFinished(response: ServerResponse, stall: number): Promise<AnswerEnd> {
  if (await within(stall, response, 'finish', response)) return complete;
  response.destroy();
  return { kind: 'gone' };
}

/** Whether the event comes before the response closes and before the time is over. */
function within(
  milliseconds: number,
  on: Writable,
  event: 'drain' | 'finish',
  response: ServerResponse,
): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(response.writableFinished);
  return new Promise((resolve) => {
    const settle = (came: boolean) => () => {
      clearTimeout(timer);
      on.off(event, come);
      response.off('close', close);
      resolve(came);
    };
    const come = settle(true);
    const close = settle(false);
    const timer = setTimeout(close, milliseconds);
    on.on(event, come);
    response.on('close', close);
  });
}
