import type { DecodeLimits } from './limit.js';
import { CallError, type Message } from './message.js';
import { decodeRequest } from './request.js';
import { cut, FrameTrial, type Gaps, isSure, nameOf, RequestFrame, type Surround } from './request-frame.js';

/** Longer requests are seldom sent twice (bytes). */
const longest = 4096;

/** Frames that are tried first. */
const fewFrames = 4;

/** What a frame counts for beside its requests (bytes): clients that never ask the same twice must not fill the memory. */
const frameSize = 16 * 1024;

interface Recent<T> {
  readonly frame: RequestFrame<T>;
  readonly trial: FrameTrial;
}

/** A request that was read: its identifier, and what is made of its message. */
export interface Received<T> {
  readonly id: string;
  readonly content: T;
}

/**
 * Reads requests, and remembers those it has read: clients that poll send the same again, but for the identifier of the
 * message. What is remembered is bounded: when the young half is full, what is only in the old half goes.
 */
export class RequestCache<T> {
  readonly #make: (message: Message) => T;
  readonly #half: number;
  readonly #frames = new Map<string, RequestFrame<T>>();
  /** Those in which requests came last. */
  #recent: readonly Recent<T>[] = [];
  /** Octets of the requests that are young, and of their frames. */
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
    for (const { frame, trial } of this.#recent) {
      const gaps = trial.fit(body);
      const content = gaps && this.#known(frame, gaps.key, body.length);
      if (content) return { id: gaps.id, content };
    }
    const parts = cut(body);
    return parts ? this.#look(body, parts, limits) : this.#read(body, limits);
  }

  #read(body: Buffer, limits: DecodeLimits): Received<T> {
    const message = decodeRequest(body, limits);
    return { id: message.id, content: this.#make(message) };
  }

  /** What is known of a request that is in none of the frames that are tried first, or is new. */
  #look(body: Buffer, parts: Surround & Gaps, limits: DecodeLimits): Received<T> {
    const frame = this.#frames.get(nameOf(parts));
    const known = frame && this.#known(frame, parts.key, body.length);
    if (known) {
      this.#prefer(frame);
      return { id: parts.id, content: known };
    }
    const message = decodeRequest(body, limits);
    const content = this.#make(message);
    if (message.id === parts.id && isSure(parts) && isLasting(message)) {
      const own = frame ?? new RequestFrame<T>(parts);
      this.#remember(own, parts.key, content, body.length);
      this.#prefer(own);
    }
    return { id: message.id, content };
  }

  #known(frame: RequestFrame<T>, key: string, length: number): T | undefined {
    const young = frame.young(key);
    if (young) return young;
    const old = frame.old(key);
    if (old) this.#remember(frame, key, old, length);
    return old;
  }

  #prefer(frame: RequestFrame<T>): void {
    if (this.#recent.some((one) => one.frame === frame)) return;
    this.#recent = [{ frame, trial: new FrameTrial(frame.name) }, ...this.#recent.slice(0, fewFrames - 1)];
  }

  #remember(frame: RequestFrame<T>, key: string, content: T, length: number): void {
    if (this.#size + length > this.#half) this.#age();
    this.#frames.set(frame.name, frame);
    this.#size += frame.hasYoung ? length : length + frameSize;
    frame.set(key, content);
  }

  #age(): void {
    this.#size = 0;
    for (const [name, frame] of this.#frames) {
      frame.age();
      if (frame.isEmpty) this.#frames.delete(name);
    }
    this.#recent = this.#recent.filter(({ frame }) => !frame.isEmpty);
  }
}

/** Operations on a context of an enumeration, which is another each time: they never come again. */
const passing = /^(?:Pull|Close|EnumerationCount)/;

/** Only what reads are made of: the parameters of a method may hold a password. */
const isLasting = ({ calls }: Message): boolean =>
  calls.every((call) => !(call instanceof CallError) && call.kind === 'intrinsic' && !passing.test(call.name));
