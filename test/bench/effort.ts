/** How thorough a run is, and on pools of which size. */
export interface Effort {
  /** Alternating rounds of what is measured against a limit. */
  readonly rounds: number;
  /** Rounds before those, which do not count: suites poll for days, and code runs at its speed only after a while. */
  readonly warming: number;
  /** How often an enumeration is made in each round. */
  readonly polls: number;
  /** Milliseconds of requests in each round. */
  readonly duration: number;
  /** How often every record is changed. */
  readonly changes: number;
  /** How often the bridge is started. */
  readonly starts: number;
  /** How many single changes are waited for. */
  readonly news: number;
  /** The longest that memory is given to settle, in milliseconds. */
  readonly settling: number;
  /** The octets of answers, in MB, after which no more classes are enumerated to have everything encoded. */
  readonly encoding: number;
  readonly sizes: {
    readonly small: string;
    readonly usual: string;
    readonly large: string;
  };
}

export type Mode = 'full' | 'quick' | 'smoke';

const sizes = { small: '64x500', usual: '64x5000', large: '64x10000' };

export const efforts: Readonly<Record<Mode, Effort>> = {
  full: {
    rounds: 15,
    warming: 3,
    polls: 10,
    duration: 2_000,
    changes: 9,
    starts: 9,
    news: 1_000,
    settling: 30_000,
    encoding: Number.POSITIVE_INFINITY,
    sizes,
  },
  quick: {
    rounds: 7,
    warming: 1,
    polls: 4,
    duration: 250,
    changes: 1,
    starts: 2,
    news: 100,
    settling: 2_000,
    encoding: 200,
    sizes,
  },
  smoke: {
    rounds: 2,
    warming: 1,
    polls: 2,
    duration: 50,
    changes: 1,
    starts: 1,
    news: 4,
    settling: 500,
    encoding: 5,
    sizes: { small: '2x20', usual: '2x20', large: '2x40' },
  },
};
