import { hostname } from 'node:os';
import type { Role } from '../cim/principal.js';
import { Endpoint, type EndpointOptions } from './endpoint.js';
import { TransportError, XenApiError } from './error.js';
import { Gate } from './gate.js';
import { type Log, silent } from './log.js';
import type { CallValue } from './protocol.js';
import { firstOf } from './race.js';
import { roleOf } from './role.js';
import { Trust, type TrustOptions } from './tls.js';

/** Told of every call that was made: for metrics. `outcome` is `ok`, a XenAPI code, or a transport fault. */
export type CallObserver = (method: string, ms: number, outcome: string) => void;

export interface ConnectionOptions {
  /** `https://host[:port]` or `http://host[:port]`, of any member of the pool. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The bridge's own version, for User-Agent. */
  readonly version: string;
  readonly trust?: TrustOptions;
  /** Calls under way at once; the event loop's own waiting call is not counted. */
  readonly maxInFlight?: number;
  readonly timeoutMs?: number;
  readonly loginTimeoutMs?: number;
  readonly probeTimeoutMs?: number;
  readonly endpoint?: Omit<EndpointOptions, 'trust' | 'userAgent'>;
  readonly onCall?: CallObserver;
  readonly log?: Log;
}

/** How one call differs from the others. */
export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The call waits on purpose (event.from): it takes no place among those in flight. */
  readonly waits?: true;
}

/** A session of the bridge with the coordinator. */
export interface Established {
  readonly endpoint: Endpoint;
  readonly session: string;
  readonly pool: { readonly ref: string; readonly uuid: string };
}

/** A login of a user of the pool: its session lasts until `logout`. */
export interface UserLogin {
  readonly session: string;
  readonly role: Role;
}

const defaults = { maxInFlight: 50, timeoutMs: 120_000, loginTimeoutMs: 30_000, probeTimeoutMs: 20_000 };
const hopLimit = 4;
const retries = 2;
const probesAtOnce = 16;

/** Methods that change nothing, and may therefore be repeated when the connection broke. */
const readsOnly = /^[\w]+\.(get_\w+|assert_\w+|listMethods|from)$/;

/** Sessions are for these: who logs in has none yet. */
const wrongLogin: ReadonlySet<string> = new Set(['SESSION_AUTHENTICATION_FAILED', 'SESSION_AUTHORIZATION_FAILED']);

/** The URL of another host of the pool: its address, with the scheme and port that the pool was configured with. */
export function originAt(like: string, address: string): string {
  const url = new URL(like);
  url.hostname = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return url.origin;
}

/**
 * The bridge's connection with a pool: one session with the coordinator, made when first needed and again when it was
 * lost (one login at a time); a member sends it on to the coordinator, a dead coordinator is looked for among the
 * members. The pool is the one that was met first: a host of another is refused (an ejected host is its own pool).
 */
export class Connection {
  readonly trust: Trust;
  readonly #options: Required<Omit<ConnectionOptions, 'trust' | 'endpoint' | 'onCall'>> & ConnectionOptions;
  readonly #gate: Gate;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #originator = `xen-cim-bridge/${hostname()}`;
  /** Where the coordinator was last. */
  #origin: string;
  #members: readonly string[] = [];
  #poolUuid: string | undefined;
  #pending: Promise<Established> | undefined;
  #current: Established | undefined;
  #stopped = false;

  constructor(options: ConnectionOptions) {
    this.#options = { log: silent, ...defaults, ...options };
    this.trust = new Trust(options.trust);
    this.#gate = new Gate(this.#options.maxInFlight);
    this.#origin = new URL(options.url).origin;
  }

  /** The scheme, host and port of the coordinator, as far as is known. */
  get origin(): string {
    return this.#origin;
  }

  /** Calls under way, and calls that wait for a place. */
  get load(): { readonly inside: number; readonly waiting: number } {
    return this.#gate.load;
  }

  /** The addresses at which the pool is looked for when its coordinator is gone. */
  setMembers(addresses: Iterable<string>): void {
    this.#members = [...new Set(addresses)].filter((address) => address !== '');
  }

  /** The session with the coordinator, made if there is none. Throws XenApiError or TransportError. */
  connect(): Promise<Established> {
    return this.#single(() => this.#follow(this.#origin));
  }

  /** Looks for the coordinator at all addresses that are known, at once, and connects to it. Throws TransportError. */
  recover(): Promise<Established> {
    return this.#single(() => this.#search());
  }

  /** Forgets the session, so that the next call makes another. */
  drop(established: Established): void {
    if (this.#current !== established) return;
    this.#current = undefined;
    this.#pending = undefined;
  }

  /** Calls a method in the bridge's session, which is put first among its parameters. */
  call(method: string, ...params: readonly CallValue[]): Promise<unknown> {
    return this.invoke(method, params);
  }

  /**
   * The same with options. A lost session is made again and HOST_IS_SLAVE followed, once each; a read-only call is
   * repeated when the connection broke. Throws XenApiError or TransportError.
   */
  invoke(method: string, params: readonly CallValue[], options: CallOptions = {}): Promise<unknown> {
    return this.#repeated(method, ({ endpoint, session }) =>
      this.#send(endpoint, method, [session, ...params], options),
    );
  }

  /** Calls once, in this very session: for who has to know when it was lost. */
  ask(
    established: Established,
    method: string,
    params: readonly CallValue[],
    options: CallOptions = {},
  ): Promise<unknown> {
    return this.#send(established.endpoint, method, [established.session, ...params], options);
  }

  /** Calls in a user's own session, which is not made again when it is lost. */
  callAs(session: string): (method: string, ...params: readonly CallValue[]) => Promise<unknown> {
    return async (method, ...params) => {
      const { endpoint } = await this.connect();
      return this.#send(endpoint, method, [session, ...params], {});
    };
  }

  /** Logs a user in; undefined when name or password are wrong, or the user has no role. Throws as `call` does. */
  async login(user: string, password: string): Promise<UserLogin | undefined> {
    try {
      const session = await this.#repeated('session.login_with_password', ({ endpoint }) =>
        this.#open(endpoint, user, password),
      );
      return { session, role: await roleOf(session, this.callAs(session)) };
    } catch (error) {
      if (error instanceof XenApiError && wrongLogin.has(error.code)) return undefined;
      throw error;
    }
  }

  /** Ends a user's session; what is wrong with it then is no longer of interest. */
  async logout(session: string): Promise<void> {
    await this.callAs(session)('session.logout').catch(() => {});
  }

  /** The role of the user, if name and password are right: logs in, asks, and logs out. Throws when the pool cannot say. */
  async checkLogin(user: string, password: string): Promise<Role | undefined> {
    const login = await this.login(user, password);
    if (login) await this.logout(login.session);
    return login?.role;
  }

  /** Logs out and closes all connections. */
  async stop(): Promise<void> {
    const last = this.#current;
    this.#stopped = true;
    this.#current = undefined;
    if (last) await this.#end(last).catch(() => {});
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#endpoints.clear();
  }

  /** Does work in the session, and again when the session or the coordinator changed meanwhile. */
  async #repeated<T>(method: string, work: (established: Established) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const established = await this.connect();
      try {
        return await work(established);
      } catch (error) {
        if (attempt >= retries || !this.#mend(error, established, method)) throw error;
      }
    }
  }

  /** Whether the call may be made again after this error, with what that takes. */
  #mend(error: unknown, established: Established, method: string): boolean {
    if (!(error instanceof TransportError)) return this.renew(error, established);
    return error.fault === 'reset' && readsOnly.test(method) && !this.#stopped;
  }

  /** Whether the error says that the session or the coordinator is another now; then the next `connect` follows. */
  renew(error: unknown, established: Established): boolean {
    if (!(error instanceof XenApiError)) return false;
    if (error.code === 'SESSION_INVALID') this.drop(established);
    else if (error.code === 'HOST_IS_SLAVE' && error.params[0]) {
      if (this.#current === established) this.#origin = originAt(this.#origin, error.params[0]);
      this.drop(established);
    } else return false;
    return true;
  }

  #single(establish: () => Promise<Established>): Promise<Established> {
    if (this.#stopped) {
      return Promise.reject(new TransportError('stopped', this.#origin, 'the bridge is stopping', { sent: false }));
    }
    if (this.#pending) return this.#pending;
    const pending: Promise<Established> = establish().then(
      (established) => this.#adopt(pending, established),
      (error) => {
        if (this.#pending === pending) this.#pending = undefined;
        throw error;
      },
    );
    this.#pending = pending;
    return pending;
  }

  #adopt(pending: Promise<Established>, established: Established): Established {
    if (this.#stopped) void this.#end(established).catch(() => {});
    else if (this.#pending === pending) {
      this.#current = established;
      this.#origin = established.endpoint.origin;
      this.#poolUuid = established.pool.uuid;
    }
    this.#options.log.info(
      { coordinator: established.endpoint.origin, pool: established.pool.uuid },
      'logged in to the pool',
    );
    return established;
  }

  #endpoint(origin: string): Endpoint {
    let endpoint = this.#endpoints.get(origin);
    if (!endpoint) {
      const { version, endpoint: options } = this.#options;
      endpoint = new Endpoint(origin, { ...options, trust: this.trust, userAgent: `xen-cim-bridge/${version}` });
      this.#endpoints.set(origin, endpoint);
    }
    return endpoint;
  }

  /** Logs in at a host, or at the coordinator that it names. */
  async #follow(first: string, signal?: AbortSignal): Promise<Established> {
    let origin = first;
    for (let hop = 0; ; hop++) {
      try {
        return await this.#enter(this.#endpoint(origin), signal);
      } catch (error) {
        const master = error instanceof XenApiError && error.code === 'HOST_IS_SLAVE' ? error.params[0] : undefined;
        if (!master || hop === hopLimit) throw error;
        origin = originAt(first, master);
      }
    }
  }

  /** A session with this host, after it was seen to be of our pool. */
  async #enter(endpoint: Endpoint, signal?: AbortSignal): Promise<Established> {
    const { user, password } = this.#options;
    const session = await this.#open(endpoint, user, password, signal);
    const tried = { endpoint, session, pool: { ref: '', uuid: '' } };
    try {
      const pools = await this.#send(endpoint, 'pool.get_all_records', [session], signal ? { signal } : {});
      const pool = this.#ourPool(endpoint, pools);
      return { endpoint, session, pool };
    } catch (error) {
      void this.#end(tried).catch(() => {});
      throw error;
    }
  }

  #ourPool(endpoint: Endpoint, pools: unknown): Established['pool'] {
    const [ref, record] = Object.entries((pools ?? {}) as Record<string, { readonly uuid?: unknown }>)[0] ?? [];
    const uuid = String(record?.uuid ?? '');
    if (!ref || uuid === '') {
      throw new TransportError('answer', endpoint.origin, `${endpoint.origin} shows no pool record`, { sent: true });
    }
    if (this.#poolUuid !== undefined && uuid !== this.#poolUuid) {
      const message = `${endpoint.origin} belongs to the pool ${uuid} now; the bridge serves ${this.#poolUuid}`;
      throw new TransportError('pool', endpoint.origin, message, { sent: true });
    }
    return { ref, uuid };
  }

  async #search(): Promise<Established> {
    const known = [
      this.#origin,
      new URL(this.#options.url).origin,
      ...this.#members.map((m) => originAt(this.#origin, m)),
    ];
    const origins = [...new Set(known)];
    return firstOf(
      origins,
      probesAtOnce,
      (origin, signal) =>
        this.#follow(origin, AbortSignal.any([signal, AbortSignal.timeout(this.#options.probeTimeoutMs)])),
      (late) => void this.#end(late).catch(() => {}),
    );
  }

  async #open(endpoint: Endpoint, user: string, password: string, signal?: AbortSignal): Promise<string> {
    const options = { timeoutMs: this.#options.loginTimeoutMs, waits: true as const, ...(signal ? { signal } : {}) };
    const params = [user, password, '2.x', this.#originator];
    return String(await this.#send(endpoint, 'session.login_with_password', params, options));
  }

  async #end({ endpoint, session }: Established): Promise<void> {
    await this.#send(endpoint, 'session.logout', [session], { timeoutMs: 5_000, waits: true });
  }

  #send(endpoint: Endpoint, method: string, params: readonly CallValue[], options: CallOptions): Promise<unknown> {
    const { signal, waits, timeoutMs = this.#options.timeoutMs } = options;
    const work = () => this.#observed(endpoint, method, params, { timeoutMs, ...(signal ? { signal } : {}) });
    return waits ? work() : this.#gate.pass(work);
  }

  async #observed(
    ...args: readonly [Endpoint, string, readonly CallValue[], { timeoutMs: number; signal?: AbortSignal }]
  ): Promise<unknown> {
    const [endpoint, method, params, limits] = args;
    const start = performance.now();
    let outcome = 'ok';
    try {
      return await endpoint.call(method, params, limits);
    } catch (error) {
      outcome = error instanceof XenApiError ? error.code : error instanceof TransportError ? error.fault : 'fault';
      throw error;
    } finally {
      this.#options.onCall?.(method, performance.now() - start, outcome);
    }
  }
}
