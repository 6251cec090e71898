import { dateText } from './decode.js';
import type { IdentitySource } from './identity.js';

/** How long something takes, in milliseconds: always the same, or between two bounds. */
export type Duration = number | readonly [number, number];

/** What a clock can be told. */
export interface ClockOptions {
  /**
   * Durations of operations by message (`VM.start`), or `default`. Beside messages there are `agent`: what a guest's
   * agent needs until it reports (nothing unless told otherwise); `host.action`: how long after the answer a host does
   * what it was told, 10 s on real ones; `host.boot`: how long it takes to come up. facts 5.7 lists what real hosts take.
   */
  readonly durations?: Readonly<Record<string, Duration>>;
}

const usual: Duration = [0, 20];

/** The pool's time: the machine's own, which a test may move ahead, and the time that operations take. */
export class Clock {
  #durations: Readonly<Record<string, Duration>>;
  readonly #source: IdentitySource;
  readonly #timers = new Set<() => void>();
  #ahead = 0;

  constructor(source: IdentitySource, options: ClockOptions = {}) {
    this.#source = source;
    this.#durations = options.durations ?? {};
  }

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** Now, as xapi writes it, to the second. */
  text(): string {
    return dateText(new Date(this.now()));
  }

  /** Moves the pool's time ahead by so many milliseconds. */
  advance(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  /** From now on an operation takes so long. */
  take(operation: string, duration: Duration): void {
    this.#durations = { ...this.#durations, [operation]: duration };
  }

  /** Milliseconds that an operation takes this time. */
  duration(operation: string): number {
    const given = this.#durations[operation] ?? (operation === 'agent' ? 0 : (this.#durations['default'] ?? usual));
    if (typeof given === 'number') return given;
    return given[0] + this.#source.below(Math.max(1, given[1] - given[0] + 1));
  }

  /** Ends after so many milliseconds, or at once when the simulator stops. */
  sleep(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#timers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#timers.add(done);
    });
  }

  /** Ends after what the named thing takes. */
  pass(operation: string): Promise<void> {
    return this.sleep(this.duration(operation));
  }

  /** Ends after what the named thing takes, but not before an answer that is being sent has gone out. */
  afterAnswer(operation: string): Promise<void> {
    return this.sleep(Math.max(20, this.duration(operation)));
  }

  /** Ends every sleep. */
  stop(): void {
    for (const done of [...this.#timers]) done();
  }
}
