/**
 * Lets those who wait go on one after the other, some milliseconds apart: what many do at once, such as beginning a method,
 * or going on when their tasks have ended, leaves room in between for those who read.
 */
export class TurnLine {
  readonly #pause: number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** `pause`: milliseconds; XenAPI works on far fewer at once than come of it. */
  constructor(pause = 10) {
    this.#pause = pause;
  }

  /** Resolves at once when nobody else went on a moment ago, else when those before have. */
  next(): Promise<void> {
    if (this.#taken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#take();
    return Promise.resolve();
  }

  #take(): void {
    this.#taken = true;
    setTimeout(() => {
      this.#taken = false;
      const next = this.#waiting.shift();
      if (!next) return;
      this.#take();
      next();
    }, this.#pause);
  }
}
