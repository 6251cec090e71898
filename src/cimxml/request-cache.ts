import type { DecodeLimits } from './limit.js';
import { CallError, type Message } from './message.js';
import { decodeRequest } from './request.js';

/** Longer requests are seldom sent twice (bytes). */
const longest = 4096;

const mark = 'MESSAGE ID="';
/** An identifier that needs no decoding, as every client known makes them. */
const plain = /^[\w.:-]{1,100}$/;

/**
 * Reads requests, and remembers those it has read: clients that poll send the same again, but for the identifier of the
 * message. What is remembered is bounded; what was not sent for longest goes first.
 */
export class RequestCache {
  readonly #capacity: number;
  readonly #known = new Map<string, Message>();
  #size = 0;

  /** `capacity`: how many octets of requests are remembered; what is read from them is some times as large. */
  constructor(capacity = 2 * 1024 ** 2) {
    this.#capacity = capacity;
  }

  /** Like `decodeRequest`, whose refusals it throws. */
  decode(body: Buffer, limits: DecodeLimits): Message {
    if (body.length > longest) return decodeRequest(body, limits);
    const text = body.toString('latin1');
    const from = text.indexOf(mark) + mark.length;
    const to = text.indexOf('"', from);
    const id = text.slice(from, to);
    const sure = plain.test(id) && !text.includes(mark, to) && !text.slice(0, from).includes('<!--');
    if (from < mark.length || !sure) return decodeRequest(body, limits);
    const key = text.slice(0, from) + text.slice(to);
    const known = this.#known.get(key);
    if (known) return this.#again(key, known, id);
    const message = decodeRequest(body, limits);
    if (message.id === id && isLasting(message)) this.#remember(key, message);
    return message;
  }

  #again(key: string, known: Message, id: string): Message {
    this.#known.delete(key);
    this.#known.set(key, known);
    return { ...known, id };
  }

  #remember(key: string, message: Message): void {
    this.#known.set(key, message);
    this.#size += key.length;
    for (const [oldest] of this.#known) {
      if (this.#size <= this.#capacity) return;
      this.#known.delete(oldest);
      this.#size -= oldest.length;
    }
  }
}

/** Only what reads are made of: the parameters of a method may hold a password. */
const isLasting = ({ calls }: Message): boolean =>
  calls.every((call) => !(call instanceof CallError) && call.kind === 'intrinsic');
