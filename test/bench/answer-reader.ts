/** An answer as it came, in octets. */
export interface Answer {
  /** Octets on the wire, the head included. */
  readonly bytes: number;
  /** The head, and the pieces after it when they were to be kept, without the marks of chunks. */
  readonly head: string;
  readonly pieces: readonly Buffer[];
}

const headEnd = Buffer.from('\r\n\r\n');
const nothing: Buffer = Buffer.alloc(0);
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

/** A body in chunks, without what separates them. */
export function unchunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf('\r\n', at, 'latin1');
    const length = Number.parseInt(body.toString('latin1', at, lineEnd), 16);
    if (!(length > 0)) break;
    pieces.push(body.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
  return Buffer.concat(pieces);
}

/**
 * Finds the end of an HTTP answer at as little cost as can be, since what the client takes the server lacks. Whoever
 * sends one is trusted to send a length or chunks, and nothing after them.
 */
export class AnswerReader {
  readonly #keep: boolean;
  readonly #parts: Buffer[] = [];
  /** The end of what came, as long as the mark of the last chunk. */
  #tail = nothing;
  #head: string | undefined;
  #headLength = 0;
  #bytes = 0;
  /** All octets that are due; undefined for chunks. */
  #due: number | undefined;

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  /** Takes a piece, which is copied if need be; tells whether the answer is complete. */
  take(piece: Buffer): boolean {
    this.#bytes += piece.length;
    if (this.#head === undefined) this.#readHead(piece);
    if (this.#keep || this.#head === undefined) this.#parts.push(Buffer.from(piece));
    if (this.#head === undefined) return false;
    if (this.#due !== undefined) return this.#bytes >= this.#due;
    return this.#atLastChunk(piece);
  }

  answer(): Answer {
    const head = this.#head ?? '';
    if (!this.#keep) return { bytes: this.#bytes, head, pieces: [] };
    const body = Buffer.concat(this.#parts).subarray(this.#headLength);
    return { bytes: this.#bytes, head, pieces: [this.#due === undefined ? unchunked(body) : body] };
  }

  #readHead(piece: Buffer): void {
    const start = this.#parts.length === 0 ? piece : Buffer.concat([...this.#parts, piece]);
    const end = start.indexOf(headEnd);
    if (end < 0) return;
    this.#headLength = end + headEnd.length;
    // What follows the head at once tells whether it is an error.
    this.#head = start.toString('latin1', 0, Math.min(start.length, this.#headLength + 800));
    const lines = this.#head.slice(0, end + 2);
    const length = /^content-length: (\d+)\r$/im.exec(lines)?.[1];
    if (length !== undefined) this.#due = this.#headLength + Number(length);
    else if (!/^transfer-encoding: chunked\r$/im.test(lines)) throw new Error('wanted an answer that tells its length');
  }

  #atLastChunk(piece: Buffer): boolean {
    if (piece.length >= lastChunk.length) this.#tail = Buffer.from(piece.subarray(-lastChunk.length));
    else this.#tail = Buffer.concat([this.#tail, piece]).subarray(-lastChunk.length);
    return this.#tail.equals(lastChunk);
  }
}
