/** How the mirror of the pool stands; times in milliseconds. */
export interface PoolStatus {
  /** The pool has been listed once: there is something to read. */
  readonly ready: boolean;
  /** The last attempt to hear from the pool succeeded. */
  readonly reachable: boolean;
  /** Since when `reachable` is what it is, `yyyy-mm-ddThh:mm:ssZ`. */
  readonly since: string;
  /** `ok`, or what keeps the pool away. */
  readonly reason: string;
  /** Since the pool last answered; undefined before it ever has. An idle pool answers once a timeout of event.from. */
  readonly ageMs: number | undefined;
  /** From the arrival of the last changes until they could be read. */
  readonly eventLagMs: number;
}

export type StatusListener = (status: PoolStatus) => void;

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** Keeps the status and tells of its changes; ages and lags alone are no change. */
export class StatusKeeper {
  readonly #listeners = new Set<StatusListener>();
  #ready = false;
  #reachable = false;
  #since = now();
  #reason = 'the pool has not been reached yet';
  #contact: number | undefined;
  #lag = 0;

  get ready(): boolean {
    return this.#ready;
  }

  status(): PoolStatus {
    return {
      ready: this.#ready,
      reachable: this.#reachable,
      since: this.#since,
      reason: this.#reason,
      ageMs: this.#contact === undefined ? undefined : performance.now() - this.#contact,
      eventLagMs: this.#lag,
    };
  }

  /** The pool answered. */
  heard(): void {
    this.#contact = performance.now();
  }

  lag(ms: number): void {
    this.#lag = ms;
  }

  /** The mirror is what the pool is. */
  up(): void {
    const changed = !this.#reachable || !this.#ready;
    this.#ready = true;
    this.#set(true, 'ok', changed);
  }

  /** The pool is away. */
  down(reason: string): void {
    this.#set(false, reason, this.#reachable || reason !== this.#reason);
  }

  listen(listener: StatusListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #set(reachable: boolean, reason: string, changed: boolean): void {
    if (reachable !== this.#reachable) this.#since = now();
    this.#reachable = reachable;
    this.#reason = reason;
    if (!changed) return;
    const status = this.status();
    for (const listener of [...this.#listeners]) listener(status);
  }
}
