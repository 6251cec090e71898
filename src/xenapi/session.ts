import { hostname } from 'node:os';
import type { Caller } from './caller.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { TransportError, XenApiError } from './error.js';
import { firstOf } from './race.js';

/** A session of the bridge with the coordinator. */
export interface Established {
  readonly endpoint: Endpoint;
  readonly session: string;
  readonly pool: { readonly ref: string; readonly uuid: string };
}

export interface SessionOptions {
  readonly caller: Caller;
  readonly user: string;
  readonly password: string;
  readonly endpoint: EndpointOptions;
  readonly loginTimeoutMs: number;
  readonly probeTimeoutMs: number;
}

const hopLimit = 4;
const probesAtOnce = 16;
const logoutTimeoutMs = 5_000;

/** The origin of a pool's URL; throws where it is none, naming no credentials that it may hold. */
export function poolOrigin(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '') return parsed.origin;
  throw new TypeError('the URL of the pool wants the form https://host[:port] (or http://), and has another');
}

/** The URL of another host of the pool: its address, with the scheme and port that the pool was configured with. */
export function originAt(like: string, address: string): string {
  const url = new URL(like);
  url.hostname = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return url.origin;
}

/**
 * Makes and ends sessions with the hosts of one pool: the one that was met first. A host of another is refused, since an
 * ejected host answers as a pool of its own.
 */
export class SessionMaker {
  readonly #options: SessionOptions;
  readonly #originator = `xen-cim-bridge/${hostname()}`;
  readonly #endpoints = new Map<string, Endpoint>();
  #poolUuid: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Logs in at a host, or at the coordinator that it names. */
  async follow(first: string, signal?: AbortSignal): Promise<Established> {
    let origin = first;
    for (let hop = 0; ; hop++) {
      try {
        return await this.#enter(this.host(origin), signal);
      } catch (error) {
        const master = error instanceof XenApiError && error.code === 'HOST_IS_SLAVE' ? error.params[0] : undefined;
        if (!master || hop === hopLimit) throw error;
        origin = originAt(first, master);
      }
    }
  }

  /** Logs in at whichever of the hosts, or the coordinators that they name, answers first. */
  search(origins: readonly string[]): Promise<Established> {
    return firstOf(
      [...new Set(origins)],
      probesAtOnce,
      (origin, signal) =>
        this.follow(origin, AbortSignal.any([signal, AbortSignal.timeout(this.#options.probeTimeoutMs)])),
      (late) => void this.end(late),
    );
  }

  /** A session of any user at a host. */
  async open(endpoint: Endpoint, user: string, password: string, signal?: AbortSignal): Promise<string> {
    const { caller, loginTimeoutMs: timeoutMs } = this.#options;
    const params = [user, password, '2.x', this.#originator];
    const options = { timeoutMs, waits: true as const, ...(signal ? { signal } : {}) };
    return String(await caller.send(endpoint, 'session.login_with_password', params, options));
  }

  /** Logs out; what is wrong with the session then is no longer of interest. */
  async end({ endpoint, session }: Pick<Established, 'endpoint' | 'session'>): Promise<void> {
    const options = { timeoutMs: logoutTimeoutMs, waits: true as const };
    await this.#options.caller.send(endpoint, 'session.logout', [session], options).catch(() => {});
  }

  /** A host of the pool, by scheme, host and port; its connections are shared by all who ask it. */
  host(origin: string): Endpoint {
    const endpoint = this.#endpoints.get(origin) ?? new Endpoint(origin, this.#options.endpoint);
    this.#endpoints.set(origin, endpoint);
    return endpoint;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#endpoints.clear();
  }

  /** A session with this host, after it was seen to be of our pool. */
  async #enter(endpoint: Endpoint, signal?: AbortSignal): Promise<Established> {
    const { caller, user, password, loginTimeoutMs: timeoutMs } = this.#options;
    const session = await this.open(endpoint, user, password, signal);
    try {
      const options = { timeoutMs, waits: true as const, ...(signal ? { signal } : {}) };
      const pools = await caller.send(endpoint, 'pool.get_all_records', [session], options);
      return { endpoint, session, pool: this.#ourPool(endpoint.origin, pools) };
    } catch (error) {
      void this.end({ endpoint, session });
      throw error;
    }
  }

  #ourPool(origin: string, pools: unknown): Established['pool'] {
    const [ref, record] = Object.entries((pools ?? {}) as Record<string, { readonly uuid?: unknown }>)[0] ?? [];
    const uuid = String(record?.uuid ?? '');
    if (!ref || uuid === '') {
      throw new TransportError('answer', origin, `${origin} shows no pool record`, { sent: true });
    }
    this.#poolUuid ??= uuid;
    if (uuid === this.#poolUuid) return { ref, uuid };
    const message = `${origin} belongs to the pool ${uuid} now; the bridge serves ${this.#poolUuid}`;
    throw new TransportError('pool', origin, message, { sent: true });
  }
}
