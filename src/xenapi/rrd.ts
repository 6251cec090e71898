import { type Log, silent } from './log.js';
import type { ReadingKey, Readings, Sample } from './reading.js';
import { type GetPage, HostReadings, type ReadingLimits } from './rrd-host.js';
import { Turns } from './turns.js';
import type { View } from './view.js';

export interface RrdReadingsOptions extends Partial<ReadingLimits> {
  readonly get: GetPage;
  /** Knows the hosts' addresses. */
  readonly view: View;
  readonly log?: Log;
  /** Milliseconds that only ever grow. */
  readonly now?: () => number;
}

const defaults: ReadingLimits = {
  intervalMs: 5_000,
  timeoutMs: 5_000,
  pausesMs: [15_000, 30_000, 60_000, 120_000],
};

/**
 * The readings of a pool: one request to /rrd_updates a host and interval, to that host's own address, made when
 * somebody reads and shared by all who do (decisions.md 35). Of each data source the newest sample is kept.
 */
export class RrdReadings implements Readings {
  readonly #options: RrdReadingsOptions;
  readonly #limits: ReadingLimits;
  readonly #now: () => number;
  readonly #hosts = new Map<string, HostReadings>();
  readonly #turns = new Turns();

  constructor(options: RrdReadingsOptions) {
    this.#options = options;
    this.#limits = { ...defaults, ...options };
    this.#now = options.now ?? (() => performance.now());
  }

  sample({ host, owner, source }: ReadingKey): Sample | undefined {
    return this.#hosts.get(host)?.samples.get(owner, source);
  }

  refresh(hosts: Iterable<string> = this.#alive()): Promise<void> | undefined {
    const now = this.#now();
    const running: Promise<void>[] = [];
    for (const uuid of hosts) {
      const asked = this.#refresh(uuid, now);
      if (asked) running.push(asked);
    }
    this.#forgetGone();
    return running.length === 0 ? undefined : Promise.all(running).then(() => {});
  }

  /** A host that is not alive would only be waited for. */
  #alive(): readonly string[] {
    const { view } = this.#options;
    const hosts = view.refs('host').map((ref) => view.get('host', ref)!);
    return hosts.filter(({ metrics }) => view.get('host_metrics', metrics)?.live).map(({ uuid }) => uuid);
  }

  #refresh(uuid: string, now: number): Promise<void> | undefined {
    const address = this.#addressOf(uuid);
    if (!address) return undefined;
    const { get, log = silent } = this.#options;
    const host = this.#hosts.get(uuid) ?? new HostReadings(uuid, get, this.#limits, log, this.#turns);
    this.#hosts.set(uuid, host);
    return host.refresh(address, now);
  }

  #addressOf(uuid: string): string | undefined {
    const { view } = this.#options;
    const ref = view.byUuid('host', uuid);
    return ref && view.get('host', ref)?.address;
  }

  /** The samples of hosts that left the pool go with them. */
  #forgetGone(): void {
    const { view } = this.#options;
    if (this.#hosts.size <= view.refs('host').length) return;
    for (const uuid of this.#hosts.keys()) if (!view.byUuid('host', uuid)) this.#hosts.delete(uuid);
  }
}
