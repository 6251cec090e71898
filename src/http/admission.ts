/** How much work is taken on at once. */
export interface AdmissionLimits {
  /** Operations from their body, which has been read, to the last byte of their answer. */
  readonly requests: number;
  /** Those of one user: who reads slowly, or never, keeps others from nothing. */
  readonly requestsPerUser: number;
  /** Bytes of bodies that are held in memory, all together. */
  readonly bodyBytes: number;
}

/** Users who are remembered though nothing of them is under way. */
const usersAtHand = 100;

export const defaultAdmission: AdmissionLimits = { requests: 256, requestsPerUser: 128, bodyBytes: 128 * 1024 ** 2 };

/** Counts what is under way, and says no beyond the limits; who was let in must leave. */
export class Admission {
  readonly limits: AdmissionLimits;
  /** What is under way, by user; none, for those who were here a moment ago. */
  readonly #byUser = new Map<string, { count: number }>();
  #requests = 0;
  #bodyBytes = 0;

  constructor(limits: AdmissionLimits = defaultAdmission) {
    this.limits = limits;
  }

  get requests(): number {
    return this.#requests;
  }

  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Whether an operation of that user would be let in now. */
  hasRoom(user: string): boolean {
    const { requests, requestsPerUser } = this.limits;
    return this.#requests < requests && (this.#byUser.get(user)?.count ?? 0) < requestsPerUser;
  }

  enter(user: string): boolean {
    const { requests, requestsPerUser } = this.limits;
    const own = this.#byUser.get(user) ?? { count: 0 };
    if (this.#requests >= requests || own.count >= requestsPerUser) return false;
    if (own.count === 0) this.#byUser.set(user, own);
    own.count += 1;
    this.#requests += 1;
    return true;
  }

  leave(user: string): void {
    this.#requests -= 1;
    const own = this.#byUser.get(user)!;
    own.count -= 1;
    if (own.count === 0 && this.#byUser.size > usersAtHand) this.#byUser.delete(user);
  }

  /** Whether so many more bytes may be held; they are given back by `release`. */
  hold(bytes: number): boolean {
    if (this.#bodyBytes + bytes > this.limits.bodyBytes) return false;
    this.#bodyBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bodyBytes -= bytes;
  }
}
