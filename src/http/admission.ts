/** How much work is taken on at once. */
export interface AdmissionLimits {
  /** Operations between the reading of their body and the last byte of their answer. */
  readonly requests: number;
  /** Bytes of bodies that are held in memory, all together. */
  readonly bodyBytes: number;
}

export const defaultAdmission: AdmissionLimits = { requests: 256, bodyBytes: 128 * 1024 ** 2 };

/** Counts what is under way, and says no beyond the limits; who was let in must leave. */
export class Admission {
  readonly limits: AdmissionLimits;
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

  enter(): boolean {
    if (this.#requests >= this.limits.requests) return false;
    this.#requests += 1;
    return true;
  }

  leave(): void {
    this.#requests -= 1;
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
