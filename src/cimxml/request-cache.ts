import type { DecodeLimits } from './limit.js';
import { CallError, type Message } from './message.js';
import { decodeRequest } from './request.js';

/** Longer requests are seldom sent twice (bytes). */
const longest = 4096;

const mark = 'MESSAGE ID="';
/** Within so many octets from its beginning a request has its identifier. */
const near = 256;
/** An identifier that needs no decoding, as every client known makes them. */
const plain = /^[\w.:-]{1,100}$/;

/** A request that was read: its identifier, and what is made of its message. */
export interface Received<T> {
  readonly id: string;
  readonly content: T;
}

/** What was read, by the text before the identifier, of which there are few, and by that behind it. */
type Half<T> = Map<string, Map<string, T>>;

/**
 * Reads requests, and remembers those it has read: clients that poll send the same again, but for the identifier of the
 * message. What is remembered is bounded: when the young half is full, what is only in the old half goes.
 */
export class RequestCache<T> {
  readonly #make: (message: Message) => T;
  readonly #half: number;
  #young: Half<T> = new Map();
  #old: Half<T> = new Map();
  #size = 0;

  /**
   * `make`: what is made of a message, and comes back where the request comes again; the identifier in the message is the
   * first one's. `capacity`: how many octets of requests are remembered, 12,000 GetInstance in either half unless given; what is read
   * from them is some times as large.
   */
  constructor(make: (message: Message) => T, capacity = 24 * 1024 ** 2) {
    this.#make = make;
    this.#half = capacity / 2;
  }

  /** Reads a request as `decodeRequest` does, whose refusals it throws. */
  decode(body: Buffer, limits: DecodeLimits): Received<T> {
    if (body.length > longest) return this.#read(body, limits);
    const start = body.toString('latin1', 0, near);
    const from = start.indexOf(mark) + mark.length;
    const to = start.indexOf('"', from);
    const id = start.slice(from, to);
    if (from < mark.length || !plain.test(id)) return this.#read(body, limits);
    // Texts of their own, and not parts of one: those are compared much slower.
    const [before, behind] = [body.toString('latin1', 0, from), body.toString('latin1', to)];
    const known = this.#young.get(before)?.get(behind) ?? this.#again(before, behind);
    if (known) return { id, content: known };
    const message = decodeRequest(body, limits);
    const content = this.#make(message);
    if (message.id === id && isSure(before, behind) && isLasting(message)) this.#remember(before, behind, content);
    return { id: message.id, content };
  }

  #read(body: Buffer, limits: DecodeLimits): Received<T> {
    const message = decodeRequest(body, limits);
    return { id: message.id, content: this.#make(message) };
  }

  #again(before: string, behind: string): T | undefined {
    const known = this.#old.get(before)?.get(behind);
    if (known) this.#remember(before, behind, known);
    return known;
  }

  #remember(before: string, behind: string, content: T): void {
    const length = before.length + behind.length;
    if (this.#size + length > this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#size = 0;
    }
    const known = this.#young.get(before) ?? new Map<string, T>();
    this.#young.set(before, known.set(behind, content));
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
