import type { Page } from '../cim/operation.js';
import type { EncodedCache, EncodedPage } from './encoded-cache.js';

/** A part of an encoded page, from one byte up to another. */
export interface Piece {
  readonly page: Page;
  /** The name of the form in which the page is kept. */
  readonly form: string;
  readonly encoded: EncodedPage;
  readonly start: number;
  readonly end: number;
}

/** Where pages lie in so many places at most, they stay there: what is copied once need not be gathered at each answer. */
const fewPlaces = 2;

/** For how many milliseconds pieces are waited for. */
const moment = 1;

/** A stretch of memory. */
interface Stretch {
  readonly of: ArrayBufferLike;
  readonly from: number;
  to: number;
}

/** The bytes of the pieces, those that lie side by side in memory as one. */
function viewsOf(pieces: readonly Piece[]): readonly Buffer[] {
  const stretches: Stretch[] = [];
  let last: Stretch | undefined;
  for (const { encoded, start, end } of pieces) {
    const { buffer, byteOffset } = encoded.bytes;
    const from = byteOffset + start;
    if (last && last.of === buffer && last.to === from) last.to = byteOffset + end;
    else {
      last = { of: buffer, from, to: byteOffset + end };
      stretches.push(last);
    }
  }
  return stretches.map(({ of, from, to }) => Buffer.from(of, from, to - from));
}

/** The same pieces of pages that lie side by side, and are kept so. */
function gathered(pieces: readonly Piece[], cache: EncodedCache | undefined): readonly Piece[] {
  const size = pieces.reduce((sum, { encoded }) => sum + encoded.bytes.length, 0);
  const block = Buffer.allocUnsafeSlow(size);
  let at = 0;
  return pieces.map((piece) => {
    const { length } = piece.encoded.bytes;
    piece.encoded.bytes.copy(block, at);
    const encoded = { ...piece.encoded, bytes: block.subarray(at, at + length) };
    cache?.put(piece.page, piece.form, encoded);
    at += length;
    return { ...piece, encoded };
  });
}

/** Consecutive pieces of pages on their way out, so that they go in few large writes. */
export class Run {
  readonly #limit: number;
  readonly #cache: EncodedCache | undefined;
  #pieces: Piece[] = [];
  #size = 0;
  #until = 0;

  constructor(limit: number, cache: EncodedCache | undefined) {
    this.#limit = limit;
    this.#cache = cache;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes a piece; true when there is enough for a write, or the pieces take their time to be made. */
  add(piece: Piece): boolean {
    const now = performance.now();
    if (this.#size === 0) this.#until = now + moment;
    this.#pieces.push(piece);
    this.#size += piece.end - piece.start;
    return this.#size >= this.#limit || now >= this.#until;
  }

  /** What has come together, as few buffers. */
  take(): readonly Buffer[] {
    const views = viewsOf(this.#pieces);
    const few = views.length <= fewPlaces ? views : viewsOf(gathered(this.#pieces, this.#cache));
    this.#pieces = [];
    this.#size = 0;
    return few;
  }
}
