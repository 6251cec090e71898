import type { Page } from './endpoint.js';
import { TransportError } from './error.js';
import type { Log } from './log.js';
import { MalformedAnswer } from './protocol.js';
import { noSamples, parseUpdates } from './rrd-parse.js';
import type { Samples } from './rrd-sample.js';
import type { Turns } from './turns.js';

/** Gets pages from the hosts of the pool, by their addresses, in the bridge's session. Throws where none comes. */
export type GetPage = (address: string, path: string, accept: string, signal: AbortSignal) => Promise<Page>;

/** Times in milliseconds. */
export interface ReadingLimits {
  /** A host is asked so often at most: it measures no faster. */
  readonly intervalMs: number;
  /** So long an answer may take in all. */
  readonly timeoutMs: number;
  /** So long a host is left alone after its first failure, its second one running, and so on. */
  readonly pausesMs: readonly number[];
}

/** The rows of the last ten seconds, of the host and of every machine on it (XenAPI /rrd_updates, one archive). */
const path = '/rrd_updates?start=-10&cf=AVERAGE&interval=5&host=true';

/** The forms that a host can be asked for: by the header since 23.17, by the parameter before. */
const forms = {
  json: { path: `${path}&json=true`, accept: 'application/json' },
  xml: { path, accept: 'text/xml' },
} as const;

/** Answers of a host that can not say in JSON what it has measured: it is asked again in XML. */
const wantsOtherForm = new Set([406, 500]);

function pastDeadline(signal: AbortSignal, address: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    const late = (): void =>
      reject(new TransportError('timeout', address, `no readings from ${address} in time`, { sent: true }));
    signal.addEventListener('abort', late, { once: true });
  });
}

/** What one host measures: the newest samples, asked for when somebody wants them and they are old. */
export class HostReadings {
  readonly #get: GetPage;
  readonly #limits: ReadingLimits;
  readonly #log: Log;
  readonly #turns: Turns;
  readonly #host: string;
  samples: Samples = noSamples;
  #form: keyof typeof forms = 'json';
  #running: Promise<void> | undefined;
  #notBefore = Number.NEGATIVE_INFINITY;
  #failures = 0;

  /** What the hosts of a pool answer is read in `turns`: each takes some milliseconds. */
  constructor(host: string, get: GetPage, limits: ReadingLimits, log: Log, turns: Turns) {
    [this.#host, this.#get, this.#limits, this.#log, this.#turns] = [host, get, limits, log, turns];
  }

  /** Resolves, never rejects, when the request that is under way or made now has ended; undefined where none is due. */
  refresh(address: string, now: number): Promise<void> | undefined {
    if (this.#running || now < this.#notBefore) return this.#running;
    this.#notBefore = now + this.#limits.intervalMs;
    this.#running = this.#ask(address, now).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #ask(address: string, now: number): Promise<void> {
    const deadline = AbortSignal.timeout(this.#limits.timeoutMs);
    try {
      this.samples = await Promise.race([this.#fetch(address, deadline), pastDeadline(deadline, address)]);
      if (this.#failures > 0) this.#log.info({ host: this.#host }, 'a host gives its readings again');
      this.#failures = 0;
    } catch (error) {
      this.#failed(error as Error, now);
    }
  }

  /** The first failure is told, those that follow it are not. */
  #failed({ message }: Error, now: number): void {
    const { pausesMs, intervalMs } = this.#limits;
    const pause = pausesMs[Math.min(this.#failures, pausesMs.length - 1)] ?? intervalMs;
    const fields = { host: this.#host, reason: message, againInSeconds: pause / 1000 };
    this.#log[this.#failures === 0 ? 'warn' : 'debug'](fields, 'a host gives no readings');
    this.#failures++;
    this.#notBefore = now + pause;
  }

  async #fetch(address: string, signal: AbortSignal): Promise<Samples> {
    if (this.#form === 'xml') return this.#read(await this.#page('xml', address, signal));
    const page = await this.#page('json', address, signal);
    if (!wantsOtherForm.has(page.status)) {
      try {
        return await this.#read(page);
      } catch (error) {
        if (!(error instanceof MalformedAnswer) || page.status !== 200) throw error;
      }
    }
    const samples = await this.#read(await this.#page('xml', address, signal));
    this.#form = 'xml';
    return samples;
  }

  #page(form: keyof typeof forms, address: string, signal: AbortSignal): Promise<Page> {
    return this.#get(address, forms[form].path, forms[form].accept, signal);
  }

  #read({ status, text }: Page): Promise<Samples> {
    return this.#turns.take(() => {
      if (status !== 200) throw new MalformedAnswer(`/rrd_updates was answered with HTTP ${status}`);
      return parseUpdates(text, this.samples);
    });
  }
}
