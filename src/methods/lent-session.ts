import type { Principal } from '../cim/principal.js';
import type { Lease, UserSessions } from '../xenapi/user-sessions.js';

interface Loan {
  readonly lease: Lease;
  readonly principal: Principal;
  readonly timer: NodeJS.Timeout;
}

/** How many are lent at a time; the oldest ends before there are more. */
const capacity = 256;

/**
 * Sessions of the pool that users were given to reach something with by themselves: each the user's own, which lasts
 * until it is given back, or its time is over.
 */
export class LentSessions {
  readonly #sessions: Pick<UserSessions, 'borrow' | 'end'>;
  readonly #lifetimeMs: number;
  readonly #loans = new Map<string, Loan>();

  constructor(sessions: Pick<UserSessions, 'borrow' | 'end'>, lifetimeMs: number) {
    this.#sessions = sessions;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Whether the session of this login may do something; true where it has none, or the pool does not list what it may. */
  permits(principal: Principal, message: string): boolean {
    const lease = this.#sessions.borrow(principal);
    const permitted = lease?.permits(message) ?? true;
    lease?.release();
    return permitted;
  }

  /** The session of this login, which stays for a while; undefined where the login has none. */
  lend(principal: Principal): string | undefined {
    const lease = this.#sessions.borrow(principal);
    if (!lease) return undefined;
    const { session } = lease;
    this.#let(session);
    const timer = setTimeout(() => this.#let(session), this.#lifetimeMs);
    timer.unref();
    this.#loans.set(session, { lease, principal, timer });
    for (const oldest of this.#loans.keys()) {
      if (this.#loans.size <= capacity) break;
      this.#let(oldest);
    }
    return session;
  }

  /** Ends a session that this user was lent; false where there is none. */
  giveBack(name: string, session: string): boolean {
    const loan = this.#loans.get(session);
    if (loan?.principal.name !== name) return false;
    this.#let(session);
    this.#sessions.end(loan.principal);
    return true;
  }

  /** Lends nothing any more. */
  stop(): void {
    for (const session of [...this.#loans.keys()]) this.#let(session);
  }

  #let(session: string): void {
    const loan = this.#loans.get(session);
    if (!loan) return;
    this.#loans.delete(session);
    clearTimeout(loan.timer);
    loan.lease.release();
  }
}
