import type { DecodeLimits } from './limit.js';
import { CallError, type Message } from './message.js';
import { decodeRequest } from './request.js';

/** Longer requests are seldom sent twice (bytes). */
const longest = 4096;

const mark = 'MESSAGE ID="';
/** An identifier that needs no decoding, as every client known makes them. */
const plain = /^[\w.:-]{1,100}$/;

/** What was read, by the text before the identifier, of which there are few, and by that behind it. */
type Half = Map<string, Map<string, Message>>;

/**
 * Reads requests, and remembers those it has read: clients that poll send the same again, but for the identifier of the
 * message. What is remembered is bounded: when the young half is full, what is only in the old half goes.
 */
export class RequestCache {
  readonly #half: number;
  #young: Half = new Map();
  #old: Half = new Map();
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
    const [before, behind] = [text.slice(0, from), text.slice(to)];
    const known = this.#young.get(before)?.get(behind) ?? this.#again(before, behind);
    if (known) return { ...known, id };
    const message = decodeRequest(body, limits);
    if (message.id === id && isSure(before, behind) && isLasting(message)) this.#remember(before, behind, message);
    return message;
  }

  #again(before: string, behind: string): Message | undefined {
    const known = this.#old.get(before)?.get(behind);
    if (known) this.#remember(before, behind, known);
    return known;
  }

  #remember(before: string, behind: string, message: Message): void {
    const length = before.length + behind.length;
    if (this.#size + length > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    const known = this.#young.get(before) ?? new Map<string, Message>();
    this.#young.set(before, known.set(behind, message));
    this.#size += length;
  }
}

/** Whether the identifier is that of the message: not one in a comment, and not one of several. */
const isSure = (before: string, behind: string): boolean => !behind.includes(mark) && !before.includes('<!--');

/** Operations on a context of an enumeration, which is another each time: they never come again. */
const passing = /^(?:Pull|Close|EnumerationCount)/;

/** Only what reads are made of: the parameters of a method may hold a password. */
const isLasting = ({ calls }: Message): boolean =>
  calls.every((call) => !(call instanceof CallError) && call.kind === 'intrinsic' && !passing.test(call.name));
