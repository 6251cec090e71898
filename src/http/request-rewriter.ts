/**
 * Finds the requests in the bytes of one connection and makes each `M-POST` a `POST`, which is all that keeps Node's
 * parser from reading it (DSP0200 6.2, RFC 2774). Bodies pass untouched. What it cannot frame with certainty (both lengths
 * given, a head beyond the limit) it hands over as it is from there on: the parser behind it refuses that and closes.
 */
export class RequestRewriter {
  readonly #onHead: (mandatory: boolean) => void;
  readonly #longestHead: number;
  #state: State = 'start';
  /** What arrived of a method or of a line that is not complete yet. */
  #pending: Buffer = empty;
  /** The head so far, without its method; it has gone on already. */
  #headText = '';
  /** Octets of the body or chunk, with the line end that closes the chunk, still to come. */
  #left = 0;

  /** `onHead` is told of each request in turn, before its bytes are returned, whether it was an M-POST. */
  constructor(longestHead: number, onHead: (mandatory: boolean) => void) {
    this.#longestHead = longestHead;
    this.#onHead = onHead;
  }

  /** Takes the next bytes and gives back those that may go on. */
  rewrite(bytes: Buffer): Buffer[] {
    const done: Buffer[] = [];
    let rest = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = empty;
    while (rest.length > 0) {
      const taken = this.#step(rest, done);
      if (taken === 0) {
        this.#pending = rest;
        break;
      }
      rest = rest.subarray(taken);
    }
    return done;
  }

  /** Takes some of the bytes by the state; 0 when it needs more of them. */
  #step(bytes: Buffer, done: Buffer[]): number {
    if (this.#state === 'start') return this.#start(bytes, done);
    if (this.#state === 'head') return this.#head(bytes, done);
    if (this.#state === 'chunkSize') return this.#chunkSize(bytes, done);
    if (this.#state === 'trailer') return this.#trailer(bytes, done);
    const taken = this.#state === 'raw' ? bytes.length : Math.min(this.#left, bytes.length);
    done.push(bytes.subarray(0, taken));
    if (this.#state === 'raw') return taken;
    this.#left -= taken;
    if (this.#left === 0) this.#state = this.#state === 'chunk' ? 'chunkSize' : 'start';
    return taken;
  }

  /** The method, after the empty lines that may stand before it. The rest of the head goes on as it comes. */
  #start(bytes: Buffer, done: Buffer[]): number {
    const method = bytes.subarray(0, mPost.length).toString('latin1');
    const blank = /^[\r\n]*/.exec(method)?.[0].length ?? 0;
    if (blank > 0) {
      done.push(bytes.subarray(0, blank));
      return blank;
    }
    if (method.length < mPost.length && mPost.startsWith(method)) return 0;
    const mandatory = method === mPost;
    this.#onHead(mandatory);
    this.#headText = '';
    this.#state = 'head';
    if (!mandatory) return this.#head(bytes, done);
    done.push(post);
    return mPost.length;
  }

  #head(bytes: Buffer, done: Buffer[]): number {
    const before = this.#headText.length;
    this.#headText += bytes.toString('latin1');
    const end = this.#headText.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if ((end === -1 ? this.#headText.length : end) > this.#longestHead) return this.#giveUp(bytes, done);
    const taken = end === -1 ? bytes.length : end + 4 - before;
    done.push(bytes.subarray(0, taken));
    if (end !== -1) this.#frame(this.#headText.slice(0, end));
    return taken;
  }

  /** What follows the head (RFC 9112 6.3). */
  #frame(head: string): void {
    const lengths = new Set(fieldsOf(head, 'content-length'));
    const codings = fieldsOf(head, 'transfer-encoding');
    const [length = '0'] = lengths;
    if (codings.length > 0) {
      this.#state = lengths.size === 0 && /^chunked$/i.test(codings.join(',')) ? 'chunkSize' : 'raw';
    } else if (lengths.size > 1 || !/^\d{1,15}$/.test(length)) {
      this.#state = 'raw';
    } else {
      this.#left = Number(length);
      this.#state = this.#left === 0 ? 'start' : 'body';
    }
  }

  #chunkSize(bytes: Buffer, done: Buffer[]): number {
    const line = this.#line(bytes, done);
    if (line === undefined) return 0;
    const size = /^([0-9a-f]{1,12})\s*(?:;|$)/i.exec(line.text)?.[1];
    if (size === undefined) this.#state = 'raw';
    else if (/^0+$/.test(size)) this.#state = 'trailer';
    else {
      this.#left = Number.parseInt(size, 16) + 2;
      this.#state = 'chunk';
    }
    return line.length;
  }

  #trailer(bytes: Buffer, done: Buffer[]): number {
    const line = this.#line(bytes, done);
    if (line === undefined) return 0;
    if (line.text === '') this.#state = 'start';
    return line.length;
  }

  /** The next whole line, which has been handed over; undefined while it is not whole. */
  #line(bytes: Buffer, done: Buffer[]): { text: string; length: number } | undefined {
    const end = bytes.indexOf('\r\n');
    if (end === -1 && bytes.length <= this.#longestHead) return undefined;
    const length = end === -1 ? this.#giveUp(bytes, done) : end + 2;
    if (end !== -1) done.push(bytes.subarray(0, length));
    return { text: bytes.subarray(0, Math.max(end, 0)).toString('latin1'), length };
  }

  #giveUp(bytes: Buffer, done: Buffer[]): number {
    this.#state = 'raw';
    done.push(bytes);
    return bytes.length;
  }
}

type State = 'start' | 'head' | 'body' | 'chunkSize' | 'chunk' | 'trailer' | 'raw';

const empty = Buffer.alloc(0);
const mPost = 'M-POST ';
const post = Buffer.from('POST ');

/** The values of a field in a head, one for each time it stands there. */
function fieldsOf(head: string, name: string): string[] {
  const lines = head.split('\r\n').slice(1);
  const matching = lines.filter((line) => line.slice(0, name.length + 1).toLowerCase() === `${name}:`);
  return matching.map((line) => line.slice(name.length + 1).trim());
}
