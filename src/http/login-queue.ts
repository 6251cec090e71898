/** How logins that have to be checked are let through; times in milliseconds. */
export interface LoginQueueOptions {
  /** Checks under way at once: XenAPI itself asks PAM with 8 threads, and Active Directory with 1. */
  readonly concurrent: number;
  /** Logins that may wait in all, and those of one address. */
  readonly waiting: number;
  readonly waitingPerSource: number;
  /** Wrong logins that an address has free before its next ones are slowed down, and the longest pause between two. */
  readonly freeFailures: number;
  readonly longestPause: number;
}

export const defaultLoginQueue: LoginQueueOptions = {
  concurrent: 4,
  waiting: 256,
  waitingPerSource: 32,
  freeFailures: 10,
  longestPause: 5_000,
};

/** A login that waits. */
interface Waiting {
  readonly start: () => void;
  /** Whether somebody waits for the answer still; what nobody waits for is dropped. */
  readonly wanted: () => boolean;
  readonly drop: () => void;
}

interface Source {
  waiting: Waiting[];
  failures: number;
  /** When the next check of this address may begin. */
  notBefore: number;
}

const shortestPause = 100;
const remembered = 10_000;

/**
 * Lets logins through a few at a time, the addresses in turn, so that a flood of wrong ones from one address neither
 * hammers the pool nor keeps others out. Nobody is locked out: a slowed-down address waits, it is not refused. Whoever goes
 * away leaves the line.
 */
export class LoginQueue {
  readonly #options: LoginQueueOptions;
  readonly #sources = new Map<string, Source>();
  #favoured: Waiting[] = [];
  #running = 0;
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakes = Number.POSITIVE_INFINITY;

  constructor(options: LoginQueueOptions = defaultLoginQueue) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Runs the check when it is its turn and tells whether the login was right; undefined at once when too many wait.
   * A favoured one, which was right before, goes ahead of all others and is never slowed down. Rejects where it is no
   * longer wanted when its turn comes.
   */
  run<T>(
    source: string,
    favoured: boolean,
    check: () => Promise<T>,
    right: (result: T) => boolean,
    wanted: () => boolean = () => true,
  ): Promise<T> | undefined {
    const record = this.#record(source);
    if (!this.#hasRoom(record, favoured)) return undefined;
    return new Promise<T>((resolve, reject) => {
      const start = (): void => {
        check()
          .then((result) => {
            this.#note(record, right(result));
            resolve(result);
          }, reject)
          .finally(() => {
            this.#running -= 1;
            this.#next();
          });
      };
      const drop = (): void => reject(new Error('nobody waits for the login any more'));
      (favoured ? this.#favoured : record.waiting).push({ start, wanted, drop });
      this.#waiting += 1;
      this.#next();
    });
  }

  #hasRoom(record: Source, favoured: boolean): boolean {
    const { waiting, waitingPerSource } = this.#options;
    const hasRoom = (): boolean => this.#waiting < waiting && (favoured || record.waiting.length < waitingPerSource);
    if (hasRoom()) return true;
    this.#clear();
    return hasRoom();
  }

  /** Drops those that nobody waits for any more. */
  #clear(): void {
    this.#favoured = this.#stillWanted(this.#favoured);
    for (const record of this.#sources.values()) record.waiting = this.#stillWanted(record.waiting);
  }

  #stillWanted(line: readonly Waiting[]): Waiting[] {
    return line.filter(({ wanted, drop }) => {
      if (wanted()) return true;
      this.#waiting -= 1;
      drop();
      return false;
    });
  }

  #record(source: string): Source {
    let record = this.#sources.get(source);
    if (record === undefined) {
      if (this.#sources.size >= remembered) this.#forget();
      record = { waiting: [], failures: 0, notBefore: 0 };
      this.#sources.set(source, record);
    }
    return record;
  }

  /** Drops the addresses of which nothing waits; with so many of them, their failures were but few each. */
  #forget(): void {
    for (const [source, record] of this.#sources) if (record.waiting.length === 0) this.#sources.delete(source);
  }

  #note(record: Source, right: boolean): void {
    record.failures = right ? 0 : record.failures + 1;
    const over = record.failures - this.#options.freeFailures;
    record.notBefore = over > 0 ? Date.now() + Math.min(shortestPause * 2 ** over, this.#options.longestPause) : 0;
  }

  #next(): void {
    if (this.#waiting > 0) this.#clear();
    while (this.#running < this.#options.concurrent) {
      const next = this.#favoured.shift() ?? this.#fromNextSource();
      if (next === undefined) return;
      this.#running += 1;
      this.#waiting -= 1;
      next.start();
    }
  }

  /** The first waiting login of the address whose turn it is; that address goes to the end of the round. */
  #fromNextSource(): Waiting | undefined {
    const now = Date.now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const [source, record] of this.#sources) {
      if (record.waiting.length === 0) continue;
      if (record.notBefore <= now) {
        this.#sources.delete(source);
        this.#sources.set(source, record);
        return record.waiting.shift();
      }
      soonest = Math.min(soonest, record.notBefore);
    }
    if (soonest < this.#wakes) this.#wake(soonest, soonest - now);
    return undefined;
  }

  #wake(at: number, after: number): void {
    clearTimeout(this.#timer);
    this.#wakes = at;
    this.#timer = setTimeout(() => {
      this.#wakes = Number.POSITIVE_INFINITY;
      this.#next();
    }, after).unref();
  }
}
