import { messages } from './catalogue.js';
import type { XenApiFailure } from './failure.js';

/** A failure for one of the next calls: how many of those that match pass before it. */
interface Planned {
  readonly matches: (message: string) => boolean;
  readonly failure: XenApiFailure;
  before: number;
}

const quiet = /^(event|session)\.|\.(get_|set_progress|assert_)|^HTTP GET /;

/** Messages that change something, and are no mere getter, session or event. */
const isWrite = (message: string): boolean => !quiet.test(message) && messages.get(message)?.role !== 'read-only';

/** What calls are meant: a message by its name, `*` any, `writes` any that changes something. */
const matcher = (pattern: string): Planned['matches'] =>
  pattern === '*' ? () => true : pattern === 'writes' ? isWrite : (message) => message === pattern;

/** What was called has been done, and the connection is to be cut in place of the answer. */
export class LostAnswer extends Error {}

/** What calls are to suffer, by message name; `*` is every message. */
export class FaultTable {
  readonly #delays = new Map<string, number>();
  readonly #failed: string[] = [];
  readonly #holds = new Map<string, number>();
  readonly #losses = new Map<string, number>();
  #planned: Planned[] = [];

  /** The messages that have failed because they were told to, in order. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  /** Every call of the message waits so many milliseconds before anything is looked at; 0 ends it. */
  delay(message: string, milliseconds: number): void {
    if (milliseconds <= 0) this.#delays.delete(message);
    else this.#delays.set(message, milliseconds);
  }

  /** The next `times` calls of the message fail so, after all checks, in place of the action. */
  failNext(message: string, failure: XenApiFailure, times = 1): void {
    for (let i = 0; i < times; i++) this.#planned.push({ matches: matcher(message), failure, before: 0 });
  }

  /** The call of this number from now on fails so, 1 being the next; calls before it and after it do not. */
  failAt(message: string, number: number, failure: XenApiFailure): void {
    this.#planned.push({ matches: matcher(message), failure, before: number - 1 });
  }

  /** The answer to every call of the message is held back so many milliseconds after it has been carried out; 0 ends it. */
  holdAnswer(message: string, milliseconds: number): void {
    this.#holds.set(message, milliseconds);
  }

  holdOf(message: string): number {
    return this.#holds.get(message) ?? 0;
  }

  /** The answers to the next `times` calls of the message are lost. */
  loseAnswer(message: string, times = 1): void {
    this.#losses.set(message, times);
  }

  /** Counts an answer; whether it is to be lost. */
  takeLoss(message: string): boolean {
    const left = this.#losses.get(message) ?? 0;
    if (left > 0) this.#losses.set(message, left - 1);
    return left > 0;
  }

  delayOf(message: string): number {
    return this.#delays.get(message) ?? this.#delays.get('*') ?? 0;
  }

  /** Counts a call, and takes the failure that it is to get. */
  takeFailure(message: string): XenApiFailure | undefined {
    const meant = this.#planned.filter(({ matches }) => matches(message));
    const due = meant.find(({ before }) => before === 0);
    for (const each of meant) if (each !== due && each.before > 0) each.before--;
    if (due === undefined) return undefined;
    this.#planned = this.#planned.filter((each) => each !== due);
    this.#failed.push(message);
    return due.failure;
  }

  clear(): void {
    this.#delays.clear();
    this.#planned = [];
    this.#failed.length = 0;
    this.#holds.clear();
    this.#losses.clear();
  }
}
