import type { Principal } from '../cim/principal.js';
import type { Connection } from './connection.js';
import { XenApiError } from './error.js';
import type { AskHandler } from './handler.js';
import type { CallValue } from './protocol.js';
import type { Ref } from './records.js';
import { markHeaders } from './task-mark.js';

/** Calls in the session of one user, which is put first among the parameters. Throws XenApiError or TransportError. */
export type UserCall = (method: string, ...params: readonly CallValue[]) => Promise<unknown>;

/** A user's session while somebody works in it; it is not logged out before `release`. */
export interface Lease {
  /** The reference of the session: a secret, for nobody but the user. */
  readonly session: string;
  readonly call: UserCall;
  /** Asks HTTP handlers of hosts. */
  readonly ask: AskHandler;
  /** Sends a message as a task that carries a mark; gives the task's reference. */
  begin(mark: string, message: string, ...params: readonly CallValue[]): Promise<Ref<'task'>>;
  /** Whether the session may send the message (`VM.start`); true where the pool does not list what it may. */
  permits(message: string): boolean;
  release(): void;
}

export interface UserSessionsOptions {
  readonly connection: Pick<Connection, 'login' | 'logout' | 'callAs' | 'handlersAs'>;
  /** For how long a session that nobody uses is kept; milliseconds. */
  readonly lifetime: number;
  /** How many sessions are kept (XenAPI itself ends the oldest beyond 500 of one user or program). */
  readonly capacity?: number;
  readonly now?: () => number;
}

interface Entry {
  readonly session: string;
  readonly permissions: ReadonlySet<string> | undefined;
  readonly since: number;
  users: number;
  /** Let go: it ends as soon as nobody works in it. */
  left: boolean;
}

const sweepEveryMs = 30_000;

/**
 * The sessions of the users who logged in through the bridge, so that methods run in their own names. Passwords are not
 * kept: a session that was lost is made anew at the user's next request.
 */
export class UserSessions {
  readonly #options: Required<UserSessionsOptions>;
  readonly #entries = new Map<Principal, Entry>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: UserSessionsOptions) {
    this.#options = { capacity: 256, now: Date.now, ...options };
    this.#timer = setInterval(() => this.#sweep(), sweepEveryMs);
    this.#timer.unref();
  }

  /** How many sessions are kept. */
  get size(): number {
    return this.#entries.size;
  }

  /** Logs a user in and keeps the session; undefined when name or password are wrong. Throws as Connection.login. */
  async login(user: string, password: string): Promise<Principal | undefined> {
    const login = await this.#options.connection.login(user, password);
    if (!login) return undefined;
    const principal: Principal = { name: user, role: login.role, origin: 'pool' };
    const { session, permissions } = login;
    this.#entries.set(principal, { session, permissions, since: this.#options.now(), users: 0, left: false });
    this.#trim();
    return principal;
  }

  /** Whether methods can be run in this login; one of the bridge's own users has none and needs none. */
  alive(principal: Principal): boolean {
    return principal.origin !== 'pool' || this.#entries.has(principal);
  }

  /** The session of this login; undefined when it has ended meanwhile. */
  borrow(principal: Principal): Lease | undefined {
    const entry = this.#entries.get(principal);
    if (!entry) return undefined;
    entry.users += 1;
    const { connection } = this.#options;
    const call = connection.callAs(entry.session);
    const refused = (reason: unknown): never => this.#refused(principal, entry, reason);
    let released = false;
    return {
      session: entry.session,
      ask: connection.handlersAs(entry.session),
      call: (method, ...params) => call(method, ...params).catch(refused),
      begin: async (mark, message, ...params) => {
        const send = connection.callAs(entry.session, { headers: markHeaders(mark) });
        return String(await send(`Async.${message}`, ...params).catch(refused)) as Ref<'task'>;
      },
      permits: (message) => entry.permissions?.has(message.toLowerCase()) ?? true,
      release: () => {
        if (released) return;
        released = true;
        entry.users -= 1;
        if (entry.left && entry.users === 0) this.#end(entry);
      },
    };
  }

  /** Ends the session of this login, as soon as nobody works in it; the user's next request makes another. */
  end(principal: Principal): void {
    const entry = this.#entries.get(principal);
    if (entry) this.#leave(principal, entry);
  }

  /** Forgets all sessions, which the pool has lost. */
  lost(): void {
    this.#entries.clear();
  }

  /** Logs all out. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const sessions = [...this.#entries.values()].map(({ session }) => session);
    this.#entries.clear();
    await Promise.all(sessions.map((session) => this.#options.connection.logout(session).catch(() => {})));
  }

  #refused(principal: Principal, entry: Entry, reason: unknown): never {
    const gone = reason instanceof XenApiError && reason.code === 'SESSION_INVALID';
    if (gone && this.#entries.get(principal) === entry) this.#entries.delete(principal);
    throw reason;
  }

  #sweep(): void {
    const { lifetime, now } = this.#options;
    for (const [principal, entry] of this.#entries) {
      if (now() - entry.since >= lifetime) this.#leave(principal, entry);
    }
  }

  #trim(): void {
    for (const [principal, entry] of this.#entries) {
      if (this.#entries.size <= this.#options.capacity) return;
      this.#leave(principal, entry);
    }
  }

  #leave(principal: Principal, entry: Entry): void {
    this.#entries.delete(principal);
    entry.left = true;
    if (entry.users === 0) this.#end(entry);
  }

  #end({ session }: Entry): void {
    void this.#options.connection.logout(session).catch(() => {});
  }
}
