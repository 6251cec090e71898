import type { XenApiFailure } from './failure.js';

/** What calls are to suffer, by message name; `*` is every message. */
export class FaultTable {
  readonly #delays = new Map<string, number>();
  readonly #failures = new Map<string, XenApiFailure[]>();

  /** Every call of the message waits so many milliseconds before anything is looked at; 0 ends it. */
  delay(message: string, milliseconds: number): void {
    if (milliseconds <= 0) this.#delays.delete(message);
    else this.#delays.set(message, milliseconds);
  }

  /** The next `times` calls of the message fail so, after all checks, in place of the action. */
  failNext(message: string, failure: XenApiFailure, times = 1): void {
    const queue = this.#failures.get(message) ?? [];
    for (let i = 0; i < times; i++) queue.push(failure);
    this.#failures.set(message, queue);
  }

  delayOf(message: string): number {
    return this.#delays.get(message) ?? this.#delays.get('*') ?? 0;
  }

  /** Takes the failure that the next call is to get. */
  takeFailure(message: string): XenApiFailure | undefined {
    return this.#failures.get(message)?.shift() ?? this.#failures.get('*')?.shift();
  }

  clear(): void {
    this.#delays.clear();
    this.#failures.clear();
  }
}
