import type { Role } from '../cim/principal.js';
import { Caller, type CallObserver, type CallOptions } from './caller.js';
import type { EndpointOptions, Page } from './endpoint.js';
import { TransportError, XenApiError } from './error.js';
import type { AskHandler } from './handler.js';
import { type Account, join } from './joining.js';
import { type Log, silent } from './log.js';
import type { CallValue } from './protocol.js';
import { type Rights, rightsOf } from './role.js';
import { type Established, originAt, poolOrigin, SessionMaker } from './session.js';
import { Trust, type TrustOptions } from './tls.js';

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

/** A login of a user of the pool: its session lasts until `logout`. */
export interface UserLogin extends Rights {
  readonly session: string;
}

const defaults = { maxInFlight: 50, timeoutMs: 120_000, loginTimeoutMs: 30_000, probeTimeoutMs: 20_000 };
const retries = 2;

/** Methods that change nothing, and may therefore be repeated when the connection broke. */
const readsOnly = /^\w+\.(get_\w+|assert_\w+|listMethods|from)$/;

/** The answers to a wrong name or password, and to a right one without a role. */
const wrongLogin: ReadonlySet<string> = new Set(['SESSION_AUTHENTICATION_FAILED', 'SESSION_AUTHORIZATION_FAILED']);

/**
 * The bridge's connection with a pool: one session with the coordinator, made when first needed and again when it was
 * lost (one login at a time); a member sends it on to the coordinator, a dead coordinator is looked for among the
 * members.
 */
export class Connection {
  readonly trust: Trust;
  readonly #url: string;
  readonly #account: Account;
  readonly #caller: Caller;
  readonly #sessions: SessionMaker;
  readonly #log: Log;
  /** Where the coordinator was last. */
  #origin: string;
  #members: readonly string[] = [];
  #pending: Promise<Established> | undefined;
  #current: Established | undefined;
  #stopped = false;

  constructor(options: ConnectionOptions) {
    const { url, version, endpoint, log = silent, ...rest } = options;
    const all = { ...defaults, ...rest };
    this.trust = new Trust(options.trust);
    this.#url = poolOrigin(url);
    this.#account = { user: options.user, password: options.password };
    this.#origin = this.#url;
    this.#log = log;
    this.#caller = new Caller(all.maxInFlight, all.timeoutMs, all.onCall);
    const shared = { ...endpoint, trust: this.trust, userAgent: `xen-cim-bridge/${version}` };
    this.#sessions = new SessionMaker({ ...all, caller: this.#caller, endpoint: shared });
  }

  /** The scheme, host and port of the coordinator, as far as is known. */
  get origin(): string {
    return this.#origin;
  }

  /** Calls under way, and calls that wait for a place. */
  get load(): { readonly inside: number; readonly waiting: number } {
    return this.#caller.load;
  }

  /** The addresses at which the pool is looked for when its coordinator is gone. */
  setMembers(addresses: Iterable<string>): void {
    this.#members = [...new Set(addresses)].filter((address) => address !== '');
  }

  /** The session with the coordinator, made if there is none. Throws XenApiError or TransportError. */
  connect(): Promise<Established> {
    return this.#single(() => this.#sessions.follow(this.#origin));
  }

  /** Looks for the coordinator at all addresses that are known, at once, and connects to it. Throws as `connect`. */
  recover(): Promise<Established> {
    const members = this.#members.map((address) => originAt(this.#origin, address));
    return this.#single(() => this.#sessions.search([this.#origin, this.#url, ...members]));
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
   * The same with options. A lost session is made again and HOST_IS_SLAVE followed; a read-only call is repeated when
   * the connection broke; each at most twice. Throws XenApiError or TransportError.
   */
  invoke(method: string, params: readonly CallValue[], options: CallOptions = {}): Promise<unknown> {
    return this.#repeated(method, (established) => this.ask(established, method, params, options));
  }

  /** Calls once, in this very session: for who has to know when it was lost. */
  ask(at: Established, method: string, params: readonly CallValue[], options: CallOptions = {}): Promise<unknown> {
    return this.#caller.send(at.endpoint, method, [at.session, ...params], options);
  }

  /** Calls in a user's own session, which is not made again when it is lost. */
  callAs(
    session: string,
    options: CallOptions = {},
  ): (method: string, ...params: readonly CallValue[]) => Promise<unknown> {
    return async (method, ...params) => {
      const { endpoint } = await this.connect();
      return this.#caller.send(endpoint, method, [session, ...params], options);
    };
  }

  /** Asks HTTP handlers of the pool's hosts in a user's own session. */
  handlersAs(session: string): AskHandler {
    return async (address, request, take) => {
      await this.connect();
      const endpoint = this.#sessions.host(originAt(this.#origin, address));
      return this.#caller.ask(endpoint, request, { cookie: `session_id=${session}` }, take);
    };
  }

  /** Logs a user in; undefined when name or password are wrong, or the user has no role. Throws as `call` does. */
  async login(user: string, password: string): Promise<UserLogin | undefined> {
    const open = ({ endpoint }: Established) => this.#sessions.open(endpoint, user, password);
    try {
      const session = await this.#repeated('session.login_with_password', open);
      return { session, ...(await this.#rightsOf(session)) };
    } catch (error) {
      if (error instanceof XenApiError && wrongLogin.has(error.code)) return undefined;
      throw error;
    }
  }

  /** Ends a user's session. */
  async logout(session: string): Promise<void> {
    const { endpoint } = await this.connect();
    await this.#sessions.end({ endpoint, session });
  }

  /** The name under which the bridge itself is logged in. */
  get user(): string {
    return this.#account.user;
  }

  /**
   * Has the host at an address join the pool: logs in there as its administrator, and gives it the coordinator's address
   * and the bridge's own account, with which it enters the pool. Gives the host's uuid. Throws XenApiError, which may be
   * the newcomer's, or TransportError.
   */
  async admit(address: string, administrator: Account, coordinator: string): Promise<string> {
    const newcomer = this.#sessions.host(originAt(this.#origin, address));
    const session = await this.#sessions.open(newcomer, administrator.user, administrator.password);
    try {
      return await join({ caller: this.#caller, newcomer, session, coordinator, account: this.#account });
    } finally {
      await this.#sessions.end({ endpoint: newcomer, session }).catch(() => {});
    }
  }

  /** The role of the user, if name and password are right: logs in, asks, logs out. Throws when the pool cannot say. */
  async checkLogin(user: string, password: string): Promise<Role | undefined> {
    const login = await this.login(user, password);
    if (login) await this.logout(login.session);
    return login?.role;
  }

  /**
   * Gets a page from the host of the pool at this address, in the bridge's session, whatever status it answers. A host
   * that does not take the session is asked again if the coordinator does not know it either. Throws as `call` does.
   */
  async get(address: string, path: string, accept: string, options: CallOptions = {}): Promise<Page> {
    const first = await this.connect();
    const page = await this.#page(first, address, path, accept, options);
    if (page.status !== 401) return page;
    await this.call('pool.get_all');
    const second = await this.connect();
    return second.session === first.session ? page : this.#page(second, address, path, accept, options);
  }

  /** Whether the error says that the session or the coordinator is another now; then the next `connect` follows. */
  renew(error: unknown, established: Established): boolean {
    if (!(error instanceof XenApiError)) return false;
    const master = error.code === 'HOST_IS_SLAVE' ? error.params[0] : undefined;
    if (error.code !== 'SESSION_INVALID' && !master) return false;
    if (master && this.#current === established) this.#origin = originAt(this.#origin, master);
    this.drop(established);
    return true;
  }

  /** Logs out and closes all connections. */
  async stop(): Promise<void> {
    const last = this.#current;
    this.#stopped = true;
    this.#current = undefined;
    if (last) await this.#sessions.end(last);
    await this.#sessions.close();
  }

  #page({ session }: Established, address: string, path: string, accept: string, options: CallOptions): Promise<Page> {
    const endpoint = this.#sessions.host(originAt(this.#origin, address));
    return this.#caller.get(endpoint, path, { accept, cookie: `session_id=${session}` }, options);
  }

  /** A user's session is not left behind when its rights cannot be found out. */
  async #rightsOf(session: string): Promise<Rights> {
    try {
      return await rightsOf(session, this.callAs(session));
    } catch (error) {
      void this.logout(session).catch(() => {});
      throw error;
    }
  }

  /** Does work in the session, and again when the session or the coordinator changed meanwhile. */
  async #repeated<T>(method: string, work: (established: Established) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const established = await this.connect();
      try {
        return await work(established);
      } catch (error) {
        if (attempt >= retries || !this.#mayRepeat(error, established, method)) throw error;
      }
    }
  }

  #mayRepeat(error: unknown, established: Established, method: string): boolean {
    if (!(error instanceof TransportError)) return this.renew(error, established);
    return error.fault === 'reset' && readsOnly.test(method) && !this.#stopped;
  }

  #single(establish: () => Promise<Established>): Promise<Established> {
    if (this.#stopped) {
      return Promise.reject(new TransportError('stopped', this.#origin, 'the bridge is stopping', { sent: false }));
    }
    if (this.#pending) return this.#pending;
    const pending: Promise<Established> = establish().then(
      (established) => this.#adopt(established),
      (error) => {
        this.#pending = undefined;
        throw error;
      },
    );
    this.#pending = pending;
    return pending;
  }

  #adopt(established: Established): Established {
    const { endpoint, pool } = established;
    if (this.#stopped) void this.#sessions.end(established);
    else this.#current = established;
    this.#origin = endpoint.origin;
    this.#log.info({ coordinator: endpoint.origin, pool: pool.uuid }, 'logged in to the pool');
    return established;
  }
}
