interface Waiter {
  readonly holds: () => boolean;
  readonly done: (held: boolean) => void;
}

/** Those who wait until something holds; looked at whenever `settle` says that something changed. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  #closed = false;

  /** True as soon as it holds, false when it does not within the time or nothing will change any more. */
  wait(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    if (this.#closed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.done(holds()), timeoutMs);
      const waiter: Waiter = {
        holds,
        done: (held) => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(held);
        },
      };
      this.#waiting.add(waiter);
    });
  }

  settle(): void {
    for (const waiter of [...this.#waiting]) if (waiter.holds()) waiter.done(true);
  }

  /** Lets all go who still wait. */
  close(): void {
    this.#closed = true;
    for (const waiter of [...this.#waiting]) waiter.done(false);
  }
}
