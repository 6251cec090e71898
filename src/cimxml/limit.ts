/** How large a request may be. What is beyond is refused before it costs memory or time. */
export interface DecodeLimits {
  /** Bytes of the body, or characters where text is given. */
  readonly size: number;
  /** Elements within one another, from CIM on. */
  readonly depth: number;
  /** Elements in all. */
  readonly elements: number;
  /** Attributes of one element. */
  readonly attributes: number;
  /** Embedded objects within one another, each escaped once more than the one it lies in. */
  readonly nesting: number;
}

export const defaultLimits: DecodeLimits = {
  size: 4 * 1024 * 1024,
  depth: 64,
  elements: 100_000,
  attributes: 32,
  nesting: 8,
};
