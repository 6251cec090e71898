/** A source of numbers, refs and uuids that gives the same ones again for the same seed. */
export class IdentitySource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;
  #domain = 1000n;

  constructor(seed: number) {
    [this.#a, this.#b, this.#c, this.#d] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed | 0];
    for (let i = 0; i < 15; i++) this.next();
  }

  /** 32 bits (the small fast counter generator, sfc32). */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    this.#c |= 0;
    return t >>> 0;
  }

  /** A whole number from 0 up to, without, `limit`. */
  below(limit: number): number {
    return this.next() % limit;
  }

  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** A version 4 uuid. */
  uuid(): string {
    const hex = [this.next(), this.next(), this.next(), this.next()]
      .map((n) => n.toString(16).padStart(8, '0'))
      .join('');
    const variant = ((Number.parseInt(hex[16] as string, 16) & 3) | 8).toString(16);
    const parts = [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20),
    ];
    return parts.join('-');
  }

  /** A reference in xapi's own form (facts 1.4). */
  ref(): string {
    return `OpaqueRef:${this.uuid()}`;
  }

  /** A number for a domain that begins to run. */
  domain(): bigint {
    return ++this.#domain;
  }

  /** A locally administered unicast MAC address. */
  mac(): string {
    const bytes = Array.from({ length: 6 }, () => this.below(256));
    bytes[0] = ((bytes[0] as number) & 0xfc) | 0x02;
    return bytes.map((b) => b.toString(16).padStart(2, '0')).join(':');
  }
}
