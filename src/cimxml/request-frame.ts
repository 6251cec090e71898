/** What is in the two gaps of a request: the identifier of its message, and the last key of the instance it is about. */
export interface Gaps {
  readonly id: string;
  readonly key: string;
}

/** The text of a request around its gaps. */
export interface Surround {
  readonly before: string;
  readonly between: string;
  readonly behind: string;
}

const mark = 'MESSAGE ID="';
const quote = 0x22;
/** Within so many octets from its beginning a request has its identifier. */
const near = 256;
/** An identifier that needs no decoding, as every client known makes them. */
const plain = /^[\w.:-]{1,100}$/;
const keyEnd = '</KEYVALUE>';

/** Takes a request apart, octet by octet as characters; undefined where no plain identifier is found. */
export function cut(body: Buffer): (Surround & Gaps) | undefined {
  const start = body.toString('latin1', 0, near);
  const from = start.indexOf(mark) + mark.length;
  const to = start.indexOf('"', from);
  const id = start.slice(from, to);
  if (from < mark.length || !plain.test(id)) return undefined;
  const rest = body.toString('latin1', to);
  const end = rest.lastIndexOf(keyEnd);
  const begin = rest.lastIndexOf('>', end) + 1;
  const before = body.toString('latin1', 0, from);
  if (end < 0) return { before, id, between: rest, key: '', behind: '' };
  // It is remembered: a slice would keep all of the rest.
  const key = body.toString('latin1', to + begin, to + end);
  return { before, id, between: rest.slice(0, begin), key, behind: rest.slice(end) };
}

/** Whether what was found is the identifier of the message: not one in a comment, and not one of several. */
export const isSure = ({ before, between, key, behind }: Surround & Gaps): boolean =>
  !before.includes('<!--') && !(between + key + behind).includes(mark);

/** What tells the frame from all others: no XML has this character. */
export const nameOf = ({ before, between, behind }: Surround): string => [before, between, behind].join('\0');

const isAt = (body: Buffer, at: number, part: Buffer): boolean =>
  body.compare(part, 0, part.length, at, at + part.length) === 0;

/** The text around the gaps as it comes over the wire: made for the few frames that are tried, since small buffers cost. */
export class FrameTrial {
  readonly #before: Buffer;
  readonly #between: Buffer;
  readonly #behind: Buffer;

  constructor(name: string) {
    const [before, between, behind] = name.split('\0').map((text) => Buffer.from(text, 'latin1'));
    [this.#before, this.#between, this.#behind] = [before!, between!, behind!];
  }

  /** What a request has in the gaps; undefined where the text around them is another. */
  fit(body: Buffer): Gaps | undefined {
    const [from, end] = [this.#before.length, body.length - this.#behind.length];
    if (end < from || !isAt(body, 0, this.#before)) return undefined;
    const to = body.indexOf(quote, from);
    const begin = to + this.#between.length;
    if (to < 0 || begin > end || !isAt(body, to, this.#between) || !isAt(body, end, this.#behind)) return undefined;
    const id = body.toString('latin1', from, to);
    return plain.test(id) ? { id, key: body.toString('latin1', begin, end) } : undefined;
  }
}

/**
 * Requests that differ in their gaps alone, with what was made of them. A client that polls sends thousands such: to hold
 * the text around the gaps against theirs takes less time than to look up all of it.
 */
export class RequestFrame<T> {
  readonly name: string;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(surround: Surround) {
    this.name = nameOf(surround);
  }

  get isEmpty(): boolean {
    return this.#young.size + this.#old.size === 0;
  }

  get hasYoung(): boolean {
    return this.#young.size > 0;
  }

  young(key: string): T | undefined {
    return this.#young.get(key);
  }

  old(key: string): T | undefined {
    return this.#old.get(key);
  }

  set(key: string, content: T): void {
    this.#young.set(key, content);
  }

  /** What is young grows old, and what was old goes. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
