/**
 * Lets those who wait go on one a turn of the event loop: what many do at once, such as beginning a method, or going on
 * when their tasks have ended, holds up whoever reads meanwhile by one of them.
 */
export class TurnLine {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  /** Resolves at once when nobody else went on in this turn, else when those before have. */
  next(): Promise<void> {
    if (this.#taken) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#take();
    return Promise.resolve();
  }

  #take(): void {
    this.#taken = true;
    setImmediate(() => {
      this.#taken = false;
      const next = this.#waiting.shift();
      if (!next) return;
      this.#take();
      next();
    });
  }
}
