import type { Page } from '../cim/operation.js';
import { newBlock } from './block-pool.js';
import type { DraftPage, EncodedCache, EncodedPage } from './encoded-cache.js';
import { isDraft, lengthOf, settled } from './page-out.js';

/** A part of a page, from one byte up to another. */
export interface Piece<E = EncodedPage | DraftPage> {
  readonly page: Page;
  /** The name of the form in which the page is kept. */
  readonly form: string;
  readonly encoded: E;
  readonly start: number;
  readonly end: number;
}

/** Where pages lie in so many places at most, they stay there: what is copied once need not be gathered at each answer. */
const fewPlaces = 2;

/** For how many milliseconds pieces are waited for. */
const moment = 1;

/** Pieces after which the clock is looked at. */
const few = 4;

/** A stretch of memory. */
interface Stretch {
  readonly of: ArrayBufferLike;
  readonly from: number;
  to: number;
}

/** The bytes of the pieces, those that lie side by side in memory as one. */
function viewsOf(pieces: readonly Piece<EncodedPage>[]): readonly Buffer[] {
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

const areSettled = (pieces: readonly Piece[]): pieces is readonly Piece<EncodedPage>[] =>
  pieces.every(({ encoded }) => !isDraft(encoded));

/** The same pieces of pages that lie side by side, and are kept so. */
function gathered(pieces: readonly Piece[], cache: EncodedCache | undefined): readonly Piece<EncodedPage>[] {
  const size = pieces.reduce((sum, { encoded }) => sum + lengthOf(encoded), 0);
  const block = cache?.block(size) ?? newBlock(size);
  let at = 0;
  return pieces.map((piece) => {
    const encoded = settled(piece.encoded, block, at);
    cache?.put(piece.page, piece.form, encoded);
    at += encoded.bytes.length;
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
    if (this.#pieces.length === 0) this.#until = performance.now() + moment;
    this.#pieces.push(piece);
    this.#size += piece.end - piece.start;
    return this.#size >= this.#limit || (this.#pieces.length % few === 0 && performance.now() >= this.#until);
  }

  /** What has come together, as few buffers. */
  take(): readonly Buffer[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    const views = areSettled(pieces) ? viewsOf(pieces) : [];
    return views.length > 0 && views.length <= fewPlaces ? views : viewsOf(gathered(pieces, this.#cache));
  }
}
