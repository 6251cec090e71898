/** How much work is taken on at once. */
export interface AdmissionLimits {
  /** Operations from their body, which has been read, to the last byte of their answer. */
  readonly requests: number;
  /** Those of one user: who reads slowly, or never, keeps others from nothing. */
  readonly requestsPerUser: number;
  /** Bytes of bodies that are held in memory, all together. */
  readonly bodyBytes: number;
}

export const defaultAdmission: AdmissionLimits = { requests: 256, requestsPerUser: 128, bodyBytes: 128 * 1024 ** 2 };

/** Counts what is under way, and says no beyond the limits; who was let in must leave. */
export class Admission {
  readonly limits: AdmissionLimits;
  readonly #byUser = new Map<string, number>();
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
    return this.#requests < requests && (this.#byUser.get(user) ?? 0) < requestsPerUser;
  }

  enter(user: string): boolean {
    if (!this.hasRoom(user)) return false;
    this.#requests += 1;
    this.#byUser.set(user, (this.#byUser.get(user) ?? 0) + 1);
    return true;
  }

  leave(user: string): void {
    this.#requests -= 1;
    const left = (this.#byUser.get(user) ?? 0) - 1;
    if (left > 0) this.#byUser.set(user, left);
    else this.#byUser.delete(user);
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
