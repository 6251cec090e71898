import { hash, randomBytes } from 'node:crypto';
import type { Principal, Role } from '../cim/principal.js';
import { type Credential, credential } from './credential.js';
import { defaultLoginQueue, LoginQueue, type LoginQueueOptions } from './login-queue.js';
import { verifyPassword } from './password-hash.js';
import type { Findings } from './request-head.js';

/** Asks the pool: who it is, or undefined where name or password are wrong. Throws when the pool cannot say. */
export type LoginCheck = (user: string, password: string) => Promise<Principal | undefined>;

/** A user whom the configuration names; `hash` is what `hashPassword` makes (decisions.md 37). */
export interface ConfiguredUser {
  readonly name: string;
  readonly hash: string;
  readonly role: Role;
}

/** What becomes of a request: who sent it, or why nobody is let in. Only the first serves anything. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly principal: Principal }
  /** No credentials of the Basic scheme. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused' }
  /** The pool cannot say; the cause is for the log. */
  | { readonly kind: 'unknown'; readonly cause: unknown }
  /** More logins wait to be checked than are worth waiting for. */
  | { readonly kind: 'busy' };

export interface AuthenticatorOptions {
  readonly logins: LoginCheck;
  readonly users?: readonly ConfiguredUser[];
  /** Whether a login that is remembered still stands; one that does not is checked again. */
  readonly alive?: (principal: Principal) => boolean;
  /** For how long a right login is not checked again, and a wrong one not asked about again; milliseconds. */
  readonly lifetime?: number;
  readonly refusedLifetime?: number;
  /** For how long after that a login that was right goes on while the pool cannot say, as reads do; 0: not at all. */
  readonly grace?: number;
  /** How many right logins are remembered, and eight times as many wrong ones. */
  readonly capacity?: number;
  /** After how long a check is given up as one that the pool cannot answer. */
  readonly timeout?: number;
  readonly queue?: Partial<LoginQueueOptions>;
  readonly now?: () => number;
}

/** A login that is being checked, and whether those who asked for it wait still. */
interface Pending {
  readonly answer: Promise<Verdict>;
  readonly askers: (() => boolean)[];
}

export interface Authenticator {
  /**
   * Judges an Authorization header that came from this address; at once when the answer is remembered. The hash under
   * which that is so is noted in the findings, and taken from there where the head came before. A login that is not `wanted`
   * any more when its turn comes is not tried.
   */
  check(
    authorization: string | undefined,
    source: string,
    findings?: Pick<Findings, 'digest'>,
    wanted?: () => boolean,
  ): Verdict | Promise<Verdict>;
  /** Forgets all that is remembered, as after a change of the configured users. */
  forget(): void;
  /** Takes other users in place of the configured ones, and forgets what is remembered. */
  setUsers(users: readonly ConfiguredUser[]): void;
}

interface Known {
  readonly verdict: Extract<Verdict, { kind: 'accepted' | 'refused' }>;
  readonly until: number;
}

const missing: Verdict = { kind: 'missing' };
const refused: Known['verdict'] = { kind: 'refused' };

/**
 * Decides by Basic credentials who a client is: a configured user by the hash, anyone else by a login to the pool. What
 * was found out is remembered under a keyed hash of the header, never under the password; the same question is asked once
 * at a time.
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  return new CachedAuthenticator(options);
}

class CachedAuthenticator implements Authenticator {
  readonly #options: Required<Omit<AuthenticatorOptions, 'queue' | 'users'>>;
  readonly #queue: LoginQueue;
  readonly #key = randomBytes(32).toString('base64');
  readonly #right = new Map<string, Known>();
  readonly #wrong = new Map<string, Known>();
  readonly #pending = new Map<string, Pending>();
  #users: ReadonlyMap<string, ConfiguredUser>;

  constructor({ queue, users = [], ...options }: AuthenticatorOptions) {
    const defaults = {
      lifetime: 300_000,
      refusedLifetime: 5_000,
      grace: 3_600_000,
      capacity: 1_000,
      timeout: 30_000,
      alive: () => true,
    };
    this.#options = { ...defaults, now: Date.now, ...options };
    this.#queue = new LoginQueue({ ...defaultLoginQueue, ...queue });
    this.#users = new Map(users.map((user) => [user.name, user]));
  }

  check(
    authorization: string | undefined,
    source: string,
    findings: Pick<Findings, 'digest'> = {},
    wanted: () => boolean = () => true,
  ): Verdict | Promise<Verdict> {
    if (authorization === undefined) return missing;
    findings.digest ??= hash('sha256', this.#key + authorization, 'base64');
    const { digest } = findings;
    const now = this.#options.now();
    const right = this.#right.get(digest);
    if (right !== undefined && now < right.until && this.#stands(right.verdict)) return right.verdict;
    const wrong = this.#wrong.get(digest);
    if (wrong !== undefined && now < wrong.until) return wrong.verdict;
    const pending = this.#pending.get(digest);
    if (pending !== undefined) {
      pending.askers.push(wanted);
      return pending.answer;
    }
    const given = credential(authorization);
    return given === undefined ? missing : this.#ask(digest, given, source, right, wanted);
  }

  forget(): void {
    this.#right.clear();
    this.#wrong.clear();
    this.#pending.clear();
  }

  setUsers(users: readonly ConfiguredUser[]): void {
    this.#users = new Map(users.map((user) => [user.name, user]));
    this.forget();
  }

  #stands(verdict: Known['verdict']): boolean {
    return verdict.kind !== 'accepted' || this.#options.alive(verdict.principal);
  }

  #ask(
    digest: string,
    given: Credential,
    source: string,
    before: Known | undefined,
    wanted: () => boolean,
  ): Verdict | Promise<Verdict> {
    const look = () => this.#look(given);
    const askers = [wanted];
    const isWanted = (): boolean => askers.some((one) => one());
    const asked = this.#queue.run(source, before !== undefined, look, (found) => found !== undefined, isWanted);
    if (asked === undefined) return { kind: 'busy' };
    const answer: Promise<Verdict> = asked
      .then(
        (principal) => this.#remember(digest, answer, principal),
        (cause: unknown) => this.#withoutPool(before, cause),
      )
      .finally(() => {
        if (this.#pending.get(digest)?.answer === answer) this.#pending.delete(digest);
      });
    this.#pending.set(digest, { answer, askers });
    return answer;
  }

  async #look({ user, password }: Credential): Promise<Principal | undefined> {
    const configured = this.#users.get(user);
    if (configured === undefined) return within(this.#options.timeout, this.#options.logins(user, password));
    const right = await verifyPassword(password, configured.hash);
    return right ? { name: user, role: configured.role, origin: 'configured' } : undefined;
  }

  /** A question that was asked before `forget` is answered, but not remembered. */
  #remember(digest: string, question: Promise<Verdict>, principal: Principal | undefined): Verdict {
    const { lifetime, refusedLifetime, capacity, now } = this.#options;
    const current = this.#pending.get(digest)?.answer === question;
    if (principal === undefined) {
      this.#right.delete(digest);
      if (current) keep(this.#wrong, digest, { verdict: refused, until: now() + refusedLifetime }, capacity * 8);
      return refused;
    }
    const verdict: Known['verdict'] = { kind: 'accepted', principal };
    this.#wrong.delete(digest);
    if (current) keep(this.#right, digest, { verdict, until: now() + lifetime }, capacity);
    return verdict;
  }

  #withoutPool(before: Known | undefined, cause: unknown): Verdict {
    if (before !== undefined && this.#options.now() < before.until + this.#options.grace) return before.verdict;
    return { kind: 'unknown', cause };
  }
}

/** Puts the newest at the end and lets the oldest go. */
function keep(known: Map<string, Known>, digest: string, found: Known, capacity: number): void {
  known.delete(digest);
  known.set(digest, found);
  for (const oldest of known.keys()) {
    if (known.size <= capacity) return;
    known.delete(oldest);
  }
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`the pool did not answer the login within ${milliseconds} ms`)),
      milliseconds,
    );
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
