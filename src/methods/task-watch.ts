import type { Records } from '../xenapi/records.js';
import type { Change, Store } from '../xenapi/view.js';
import { TurnLine } from './turn-line.js';

type Task = Records['task'];

export interface TaskWatchOptions {
  readonly store: Store;
  /** Asks the pool for a task; rejects when the pool cannot say, gives undefined when it has none. */
  readonly ask: (ref: string) => Promise<Task | undefined>;
  /** How often tasks of which no event came are asked for; milliseconds. */
  readonly pollMs?: number;
}

interface Waiting {
  readonly done: (task: Task | undefined) => void;
}

const ended: ReadonlySet<string> = new Set(['success', 'failure', 'cancelled']);

export const hasEnded = ({ status }: Task): boolean => ended.has(status);

/** Tells when tasks end, by the events of the pool; one of which no event comes is asked for now and then. */
export class TaskWatch {
  readonly #options: Required<TaskWatchOptions>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #ending = new TurnLine();
  readonly #unlisten: () => void;
  readonly #timer: NodeJS.Timeout;
  #asking = false;

  constructor(options: TaskWatchOptions) {
    this.#options = { pollMs: 5_000, ...options };
    this.#unlisten = this.#options.store.listen({ after: (changes) => this.#changed(changes) });
    this.#timer = setInterval(() => void this.#ask(), this.#options.pollMs);
    this.#timer.unref();
  }

  /** The task when it has ended; undefined when it was lost: the pool no longer knows it, and nobody how it ended. */
  wait(ref: string): Promise<Task | undefined> {
    const known = this.#options.store.get('task', ref);
    if (known && hasEnded(known)) return Promise.resolve(known);
    return new Promise((resolve) => {
      const done = (task: Task | undefined): void => {
        this.#waiting.delete(ref);
        void this.#ending.next().then(() => resolve(task));
      };
      this.#waiting.set(ref, { done });
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unlisten();
  }

  #changed(changes: readonly Change[]): void {
    if (this.#waiting.size === 0) return;
    for (const change of changes) {
      const waiting = change.of === 'task' ? this.#waiting.get(change.ref) : undefined;
      if (!waiting) continue;
      const [before, after] = [change.before, change.after] as [Task | undefined, Task | undefined];
      if (after === undefined) waiting.done(before && hasEnded(before) ? before : undefined);
      else if (hasEnded(after)) waiting.done(after);
    }
  }

  /** A task that the view does not show may be too new, or so old that its end was missed. */
  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    for (const [ref, { done }] of [...this.#waiting]) {
      if (this.#options.store.get('task', ref)) continue;
      try {
        const task = await this.#options.ask(ref);
        if (task === undefined || hasEnded(task)) done(task);
      } catch {
        // The pool is away: it is asked again.
      }
    }
    this.#asking = false;
  }
}
