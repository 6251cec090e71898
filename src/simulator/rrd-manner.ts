import type { JsonDialect } from './rrd-form.js';

/**
 * How a host gives its readings: as today's release does, in an older release's JSON (the parameter `json` decides there,
 * not the Accept header), in XML whatever was asked for, or not at all: it hangs, or answers HTTP 500. `late`: the newest
 * row has no numbers yet.
 */
export type ReadingManner = JsonDialect | 'xml' | 'hang' | 'error' | 'late';

/** How hosts give their readings, by their uuids, and how often each was asked. */
export class ReadingManners {
  readonly #manners = new Map<string, ReadingManner>();
  readonly #requests = new Map<string, number>();

  /** From now on; `text` is as today's release does. */
  set(host: string, manner: ReadingManner): void {
    this.#manners.set(host, manner);
  }

  of(host: string): ReadingManner {
    return this.#manners.get(host) ?? 'text';
  }

  clear(): void {
    this.#manners.clear();
  }

  count(host: string): void {
    this.#requests.set(host, (this.#requests.get(host) ?? 0) + 1);
  }

  /** Requests for readings by the uuid of the host that was asked. */
  get requests(): ReadonlyMap<string, number> {
    return this.#requests;
  }

  resetRequests(): void {
    this.#requests.clear();
  }
}
