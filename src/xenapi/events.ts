import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from './connection.js';
import { TransportError, XenApiError } from './error.js';
import { byEventName, type EventAnswer, EventBatch, eventAnswer, generationOf } from './event-batch.js';
import { type ClassRecords, type Lister, listClass, listClasses } from './listing.js';
import { type Log, silent } from './log.js';
import { type PoolStatus, StatusKeeper, type StatusListener } from './pool-status.js';
import { RecordReaders } from './record-reader.js';
import type { RemoteClass } from './records.js';
import { ReferenceCounts } from './reference-count.js';
import type { Established } from './session.js';
import type { RecordStore } from './store.js';
import type { View } from './view.js';
import { Waiters } from './waiter.js';
import { type Weight, watchedClasses } from './watched-class.js';

export interface EventLoopOptions {
  readonly connection: Connection;
  readonly store: RecordStore;
  readonly classes?: Readonly<Partial<Record<RemoteClass, Weight>>>;
  /** How long the pool may hold an event.from call when nothing happens; below the idle limits of proxies. */
  readonly waitSeconds?: number;
  /** How much longer than that an answer may take. */
  readonly guardMs?: number;
  /** The pause before attempt n (1, 2, ...) to reach the pool again. */
  readonly backoffMs?: (attempt: number) => number;
  readonly log?: Log;
}

/** 1, 2, 4 ... 30 seconds. */
const doubling = (attempt: number): number => Math.min(30_000, 1_000 * 2 ** (attempt - 1));

const defaults = { classes: watchedClasses, waitSeconds: 30, guardMs: 15_000, backoffMs: doubling, log: silent };

/** An empty answer that comes sooner than this is not waited for by the pool; then we do (milliseconds). */
const tooSoonMs = 50;
const idlePauseMs = 200;

/** Of the certificates that the members show to the world; the pool's authorities are no members. */
function memberFingerprints(store: RecordStore): readonly string[] {
  const certificates = store.refs('Certificate').map((ref) => store.get('Certificate', ref));
  return certificates.flatMap((certificate) => (certificate?.type === 'host' ? [certificate.fingerprint] : []));
}

/** The mirror has to be listed anew: what was heard does not follow from what was known. */
class OutOfStep extends Error {}

/**
 * Keeps the store equal to the pool: a token from event.inject, then all records of the watched classes, then
 * event.from with that token for ever. When the pool is away, the store stays as it was and the loop looks for the
 * pool again, at all its members, with growing pauses; then everything is listed anew and only what differs is a change.
 */
export class EventLoop {
  readonly readers: RecordReaders;
  readonly #options: Required<EventLoopOptions>;
  readonly #status = new StatusKeeper();
  readonly #counts = new ReferenceCounts();
  readonly #waiters = new Waiters();
  readonly #abort = new AbortController();
  #classes: readonly RemoteClass[] = [];
  #token = '';
  #attempt = 0;
  /** A change of session or coordinator was followed without a pause; the next one has to wait. */
  #renewed = false;
  #running: Promise<void> | undefined;

  constructor(options: EventLoopOptions) {
    this.#options = { ...defaults, ...options };
    this.readers = new RecordReaders((field, wanted, got) =>
      this.#options.log.warn(
        { field, wanted, got },
        'the pool sends a field in another shape; its empty value is used',
      ),
    );
  }

  /** Begins; an unreachable pool is no error but a status. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#waiters.close();
    await this.#running;
  }

  status(): PoolStatus {
    return this.#status.status();
  }

  onStatus(listener: StatusListener): () => void {
    return this.#status.listen(listener);
  }

  /** Whether the pool has been listed, within the time. */
  waitReady(timeoutMs: number): Promise<boolean> {
    return this.#waiters.wait(() => this.#status.ready, timeoutMs);
  }

  /** Waits until the store shows something, such as the outcome of a write; false when it does not within the time. */
  waitFor(holds: (view: View) => boolean, timeoutMs: number): Promise<boolean> {
    return this.#waiters.wait(() => holds(this.#options.store), timeoutMs);
  }

  /**
   * Waits until the store shows all that the pool knew when this was called; false when it does not within the time.
   * Costs one event.inject (XenAPI event.inject gives a token just before a change that changes nothing).
   */
  async caughtUp(timeoutMs: number): Promise<boolean> {
    const mark = generationOf(await this.#mark(await this.#options.connection.connect()));
    return this.#waiters.wait(() => generationOf(this.#token) > mark, timeoutMs);
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      let established: Established | undefined;
      try {
        established = await this.#connect();
        await this.#list(established);
        await this.#follow(established);
      } catch (error) {
        if (!this.#stopped) await this.#recover(error, established);
      }
    }
  }

  get #stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  /** A session, or an error as soon as the loop is to stop. */
  #connect(): Promise<Established> {
    const { connection } = this.#options;
    const { signal } = this.#abort;
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      const session = this.#attempt === 0 ? connection.connect() : connection.recover();
      session.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }

  /** After an error: at once when the session or the coordinator has only changed, else after a pause. */
  async #recover(error: unknown, established: Established | undefined): Promise<void> {
    const { connection, log, backoffMs } = this.#options;
    const renewed = established !== undefined && connection.renew(error, established);
    if (renewed && !this.#renewed) {
      this.#renewed = true;
      return;
    }
    if (error instanceof OutOfStep) {
      log.info({ reason: error.message }, 'the pool is listed again');
      return this.#pause(backoffMs(1));
    }
    if (established && error instanceof TransportError) connection.drop(established);
    const reason = error instanceof XenApiError ? error.text() : error instanceof Error ? error.message : String(error);
    this.#status.down(reason);
    const ms = backoffMs(++this.#attempt);
    log.warn(
      { reason, attempt: this.#attempt, pauseMs: ms, fault: error instanceof TransportError ? error.fault : undefined },
      'no word from the pool',
    );
    await this.#pause(ms);
  }

  /** Lists everything: class by class the first time, as one batch when there is an older state to tell from. */
  async #list(established: Established): Promise<void> {
    const { store, log } = this.#options;
    const start = performance.now();
    this.#counts.clear();
    this.#token = await this.#mark(established);
    const whole = new Map<RemoteClass, ClassRecords>();
    this.#classes = await listClasses(this.#lister(established), this.#options.classes, (of, records = new Map()) => {
      if (this.#status.ready) whole.set(of, records);
      else store.replaceAll(new Map([[of, records]]));
    });
    if (this.#stopped) return;
    store.replaceAll(whole);
    this.#heard();
    this.#attempt = 0;
    this.#renewed = false;
    this.#status.up();
    this.#waiters.settle();
    log.info({ classes: this.#classes.length, ms: Math.round(performance.now() - start) }, 'the pool is listed');
  }

  /** A token of now. */
  async #mark(established: Established): Promise<string> {
    return String(await this.#options.connection.ask(established, 'event.inject', ['pool', established.pool.ref]));
  }

  #lister(established: Established): Lister {
    const { connection, store: view, log } = this.#options;
    const { signal } = this.#abort;
    return {
      call: (method, params, take) => connection.ask(established, method, params, { signal, take }),
      readers: this.readers,
      view,
      log,
    };
  }

  /** Takes events until something goes wrong. A new session with the same coordinator goes on with the same token. */
  async #follow(first: Established): Promise<void> {
    const { connection } = this.#options;
    let established = first;
    while (!this.#stopped) {
      try {
        await this.#takeBatch(established);
      } catch (error) {
        if (!connection.renew(error, established)) throw error;
        const again = await connection.connect();
        if (again.endpoint !== established.endpoint) throw new OutOfStep('another host is the coordinator');
        await this.#verify(again);
        established = again;
      }
    }
  }

  /** A coordinator that was restarted on an older state hears of nothing until it has counted up to the token. */
  async #verify(established: Established): Promise<void> {
    if (generationOf(await this.#mark(established)) < generationOf(this.#token)) {
      throw new OutOfStep('the pool counts its events anew');
    }
  }

  async #takeBatch(established: Established): Promise<void> {
    const { store } = this.#options;
    const asked = performance.now();
    const batch = new EventBatch({ classes: byEventName(this.#classes), readers: this.readers, view: store });
    const answer = await this.#ask(established, batch);
    const took = performance.now() - asked;
    if (generationOf(answer.token) < generationOf(this.#token)) throw new OutOfStep('the pool counts its events anew');
    await batch.take(answer.events);
    store.apply(batch.updates);
    this.#token = answer.token;
    if (batch.arrived !== undefined) this.#status.lag(performance.now() - batch.arrived);
    this.#heard();
    this.#status.up();
    this.#waiters.settle();
    await this.#relist(established, answer.counts, batch.mayLackMessages);
    if (batch.size === 0 && took < tooSoonMs) await this.#pause(idlePauseMs);
  }

  /** The next answer, whose events the batch takes as they arrive, but for the last. */
  async #ask(established: Established, batch: EventBatch): Promise<EventAnswer> {
    const { connection, waitSeconds, guardMs } = this.#options;
    // A fraction, because some releases take no whole number for a float.
    const params = [[...this.#classes], this.#token, waitSeconds + 0.1];
    const options = {
      timeoutMs: waitSeconds * 1_000 + guardMs,
      waits: true as const,
      signal: this.#abort.signal,
      take: (events: object) => batch.take(events),
    };
    const wire = await this.#parsed(connection.ask(established, 'event.from', params, options));
    const answer = eventAnswer(wire);
    if (!answer) {
      const { origin } = established.endpoint;
      throw new TransportError('answer', origin, `${origin}: event.from answers without events or token`, {
        sent: true,
      });
    }
    return answer;
  }

  /** A token that the pool no longer understands means a new beginning. */
  async #parsed(call: Promise<unknown>): Promise<unknown> {
    try {
      return await call;
    } catch (error) {
      if (error instanceof XenApiError && /^EVENT(S_LOST|_FROM_TOKEN)/.test(error.code))
        throw new OutOfStep(error.code);
      throw error;
    }
  }

  /** Lists the classes again of which the pool counts more or fewer than there are here. */
  async #relist(established: Established, counts: unknown, mayLackMessages: boolean): Promise<void> {
    const { store, classes, log } = this.#options;
    const stale = new Set(this.#counts.stale(counts, this.#classes, (of) => store.count(of)));
    if (mayLackMessages && this.#classes.includes('message')) stale.add('message');
    for (const of of stale) {
      log.info({ class: of, held: store.count(of) }, 'the pool counts another number of these; they are listed again');
      const records = await listClass(this.#lister(established), of, classes[of] ?? 'optional');
      if (records) store.replaceAll(new Map([[of, records]]));
    }
    if (stale.size === 0) return;
    this.#heard();
    this.#waiters.settle();
  }

  /** After news: the addresses and certificates by which the pool is found and trusted when its coordinator is gone. */
  #heard(): void {
    const { connection, store } = this.#options;
    this.#status.heard();
    connection.setMembers(store.refs('host').map((ref) => store.get('host', ref)?.address ?? ''));
    connection.trust.setMembers(memberFingerprints(store));
  }

  #pause(ms: number): Promise<void> {
    return pause(ms, undefined, { signal: this.#abort.signal }).catch(() => {});
  }
}
