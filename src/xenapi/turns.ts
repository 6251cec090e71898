import { setImmediate as nextTurn } from 'node:timers/promises';

/** Does pieces of work one after the other, each in a turn of the event loop of its own: other work comes in between. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Resolves with what the work gives, or rejects with what it throws. */
  take<T>(work: () => T): Promise<T> {
    const done = this.#last.then(() => nextTurn()).then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
