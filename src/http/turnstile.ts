/**
 * Lets operations begin, and go on between two chunks of an answer: at once, as long as a turn of the event loop is young;
 * beyond that one a turn, the users in turn. Many long operations of one user then hold up those of others by one step of
 * one of them.
 */
export class Turnstile {
  /** By user, those who wait; the user whose turn it is comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #slice: number;
  /** When this turn of the event loop began, as far as we know; undefined between two. */
  #began: number | undefined;

  /** `slice`: for how many milliseconds of one turn operations begin at once; short ones are hardly ever kept. */
  constructor(slice = 10) {
    this.#slice = slice;
  }

  /** Undefined where it may go on now; else resolves when it may. */
  pass(user: string): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#isYoung()) return undefined;
    return new Promise((resolve) => {
      const line = this.#waiting.get(user);
      if (line) line.push(resolve);
      else this.#waiting.set(user, [resolve]);
    });
  }

  #isYoung(): boolean {
    const now = performance.now();
    if (this.#began !== undefined) return now - this.#began < this.#slice;
    this.#began = now;
    setImmediate(() => this.#next());
    return true;
  }

  /** A turn later. */
  #next(): void {
    this.#began = undefined;
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [user, line] = first;
    this.#waiting.delete(user);
    const begin = line.shift()!;
    if (line.length > 0) this.#waiting.set(user, line);
    this.#began = performance.now();
    setImmediate(() => this.#next());
    begin();
  }
}
