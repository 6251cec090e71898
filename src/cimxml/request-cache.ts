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
 * message. What is remembered is bounded: when the young half is full, what is only in the old half goes.
 */
export class RequestCache {
  readonly #half: number;
  #young = new Map<string, Message>();
  #old: ReadonlyMap<string, Message> = new Map();
  #size = 0;

  /**
   * `capacity`: how many octets of requests are remembered, 12,000 GetInstance in either half unless given; what is read
   * from them is some times as large.
   */
  constructor(capacity = 24 * 1024 ** 2) {
    this.#half = capacity / 2;
  }

  /** Like `decodeRequest`, whose refusals it throws. The calls of a request that is remembered are the same objects. */
  decode(body: Buffer, limits: DecodeLimits): Message {
    if (body.length > longest) return decodeRequest(body, limits);
    const text = body.toString('latin1');
    const from = text.indexOf(mark) + mark.length;
    const to = text.indexOf('"', from);
    const id = text.slice(from, to);
    if (from < mark.length || !plain.test(id)) return decodeRequest(body, limits);
    const key = text.slice(0, from) + text.slice(to);
    const known = this.#young.get(key) ?? this.#again(key);
    if (known) return { ...known, id };
    const message = decodeRequest(body, limits);
    if (message.id === id && isSure(text, from, to) && isLasting(message)) this.#remember(key, message);
    return message;
  }

  #again(key: string): Message | undefined {
    const known = this.#old.get(key);
    if (known) this.#remember(key, known);
    return known;
  }

  #remember(key: string, message: Message): void {
    if (this.#size + key.length > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    this.#young.set(key, message);
    this.#size += key.length;
  }
}

/** Whether the identifier is that of the message: not one in a comment, and not one of several. */
const isSure = (text: string, from: number, to: number): boolean =>
  !text.includes(mark, to) && !text.slice(0, from).includes('<!--');

/** Only what reads are made of: the parameters of a method may hold a password. */
const isLasting = ({ calls }: Message): boolean =>
  calls.every((call) => !(call instanceof CallError) && call.kind === 'intrinsic');
