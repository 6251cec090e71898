import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';

/** How an answer ended: whole; cut by the client; or broken off by us, since its items failed after the first bytes. */
export type AnswerEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'broken'; readonly reason: unknown };

/** The chunks of an answer, made as they are asked for. */
export type Chunks = Iterator<Buffer> | AsyncIterator<Buffer>;

/** How an answer goes out. */
export interface Pace {
  /** After how long without a byte being taken the client counts as gone; milliseconds. */
  readonly stall: number;
  /** Waits, if need be, until others have had their turn. */
  readonly turn: () => Promise<void> | undefined;
}

/**
 * Writes chunk after chunk as the client takes them, giving way to other requests between two, and ends the response. No
 * more than a chunk or two is ever held. A client that goes away, or takes nothing for too long, stops the making of
 * chunks at once; a chunk that cannot be made leaves the response open, to be broken off.
 */
export async function pump(
  response: ServerResponse,
  chunks: Chunks,
  sink: 'plain' | 'gzip',
  { stall, turn }: Pace,
): Promise<AnswerEnd> {
  const out = sink === 'plain' ? response : packing(response);
  const stream: Writable = out;
  for (;;) {
    let next: IteratorResult<Buffer>;
    try {
      next = await chunks.next();
    } catch (reason) {
      if (out !== response) out.destroy();
      return { kind: 'broken', reason };
    }
    if (next.done === true) {
      stream.end();
      return finished(response, stall);
    }
    const free = stream.write(next.value);
    if (!free && !(await within(stall, stream, 'drain', response))) return leave(response, chunks);
    // Drained at once, where a fast reader takes all: others would never have their turn.
    await turn();
    if (response.destroyed) return leave(response, chunks);
  }
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
  await chunks.return?.();
  return { kind: 'gone' };
}

/** Waits until the ended response is on its way whole. */
export async function finished(response: ServerResponse, stall: number): Promise<AnswerEnd> {
  if (response.writableFinished || (await within(stall, response, 'finish', response))) return { kind: 'complete' };
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
