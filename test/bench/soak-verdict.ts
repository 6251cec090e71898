import { median, slope } from './statistic.js';

/** The bridge's process at one moment of a soak. */
export interface Sample {
  /** Minutes since the polling began. */
  readonly minute: number;
  /** Resident memory in MB. */
  readonly memory: number;
  readonly descriptors: number;
  /** What the heap holds, garbage included, its room, and what is held outside of it, in MB, as the bridge tells. */
  readonly heap?: number;
  readonly heapRoom?: number;
  readonly external?: number;
}

export interface Verdict {
  /** The minute from which on samples count. */
  readonly from: number;
  /** MB a minute. */
  readonly slope: number;
  readonly memory: { readonly first: number; readonly last: number; readonly min: number; readonly max: number };
  readonly descriptors: { readonly first: number; readonly last: number; readonly min: number; readonly max: number };
  /** By how many descriptors the last third of the time has more than the first. */
  readonly growth: number;
  /** What is not as it has to be; empty when all is well. */
  readonly complaints: readonly string[];
}

/** Memory has found its level after so many minutes, or after a third of a shorter run. */
const warmUp = 10;

/** The slope that is too much, in MB a minute, and the descriptors that connections come and go by. */
const [steep, play] = [1, 3];

const range = (values: readonly number[]): Verdict['memory'] => ({
  first: values[0] ?? Number.NaN,
  last: values.at(-1) ?? Number.NaN,
  min: Math.min(...values),
  max: Math.max(...values),
});

function growthOf(values: readonly number[]): number {
  const third = Math.max(1, Math.floor(values.length / 3));
  return median(values.slice(-third)) - median(values.slice(0, third));
}

/** Judges the samples of a soak of so many minutes. */
export function judge(samples: readonly Sample[], minutes: number): Verdict {
  const from = Math.min(warmUp, minutes / 3);
  const counted = samples.filter(({ minute }) => minute >= from);
  const rise = slope(counted.map(({ minute, memory }) => ({ x: minute, y: memory })));
  const open = counted.map(({ descriptors }) => descriptors);
  const growth = growthOf(open);
  const complaints = [
    !(rise < steep) && `resident memory rises by ${rise.toFixed(2)} MB a minute where less than ${steep} is wanted`,
    !(growth <= play) && `there are ${growth} more descriptors in the last third of the time than in the first`,
  ].filter((text) => text !== false);
  return {
    from,
    slope: rise,
    memory: range(counted.map(({ memory }) => memory)),
    descriptors: range(open),
    growth,
    complaints,
  };
}

/** The verdict as it is printed. */
export function verdictText({ from, slope: rise, memory, descriptors, growth, complaints }: Verdict): string {
  const text = ({ first, last, min, max }: Verdict['memory'], places: number): string =>
    `first ${first.toFixed(places)}, last ${last.toFixed(places)}, least ${min.toFixed(places)}, most ${max.toFixed(places)}`;
  const lines = [
    `from minute ${from.toFixed(1)} on:`,
    `resident memory, MB: ${text(memory, 0)}; slope ${rise.toFixed(3)} MB a minute (under ${steep} wanted)`,
    `descriptors: ${text(descriptors, 0)}; growth ${growth} (at most ${play} wanted)`,
    complaints.length === 0 ? 'Memory and descriptors are flat.' : `NOT FLAT: ${complaints.join('; ')}`,
  ];
  return lines.join('\n');
}
