/** Which data source of which host: `owner` is `vm:<uuid>`, `host:<uuid>` or `sr:<uuid>` (xenapi RRD legend). */
export interface ReadingKey {
  /** The uuid of the host that measures it. */
  readonly host: string;
  readonly owner: string;
  readonly source: string;
}

/** The last sample of a data source, in the unit the host gives it. */
export interface Sample {
  readonly value: number;
  /** When it was taken, in milliseconds since the epoch by the host's clock. */
  readonly time: number;
  /** The seconds it stands for. */
  readonly seconds: number;
}

/** What the hosts measure, fetched on demand: at most one request a host and interval, however many readers. */
export interface Readings {
  /** The last sample known; undefined when the host has none. */
  sample(key: ReadingKey): Sample | undefined;
  /**
   * Resolves when the samples of these hosts, of all that are alive unless given, are as fresh as can be had in time;
   * undefined when they are already.
   */
  refresh(hosts?: Iterable<string>): Promise<void> | undefined;
}
