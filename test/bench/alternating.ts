import { download } from './client.js';
import type { Effort } from './effort.js';
import type { Figure, Reading } from './figure.js';
import { type Bare, type Pair, startBare } from './pair.js';
import { processorTime } from './process-usage.js';
import type { RowName } from './row.js';
import { type Spread, single, spread } from './statistic.js';

/** What one side did in one round. */
export interface Round {
  /** Milliseconds. */
  readonly time: number;
  /** Milliseconds of processor time of the server. */
  readonly cpu: number;
}

export interface Rounds {
  readonly bridge: readonly Round[];
  readonly bare: readonly Round[];
}

/** How many rounds there are, after how many that do not count. */
export type Turns = Pick<Effort, 'rounds' | 'warming'>;

/** Does the same by turns at the bridge and at the bare server, so that whatever loads the machine loads both. */
export async function alternate(
  pair: Pair,
  bare: Bare,
  { rounds, warming }: Turns,
  run: (side: 'bridge' | 'bare') => Promise<number>,
  prepare: (round: number) => Promise<void> = async () => undefined,
): Promise<Rounds> {
  const done: { readonly bridge: Round[]; readonly bare: Round[] } = { bridge: [], bare: [] };
  const pids = { bridge: pair.bridge.pid, bare: bare.child.pid };
  for (let round = -warming; round < rounds; round++) {
    await prepare(round);
    for (const side of ['bridge', 'bare'] as const) {
      const before = processorTime(pids[side]);
      const time = await run(side);
      if (round >= 0) done[side].push({ time, cpu: processorTime(pids[side]) - before });
    }
  }
  return done;
}

/** The bare server's time in percent of the bridge's, round by round. */
export const percentOfBare = ({ bridge, bare }: Rounds): Spread =>
  spread(bridge.map(({ time }, i) => (bare[i]!.time / time) * 100));

const rate = (what: string, unit: string, rounds: readonly Round[], amount: number): Reading => ({
  what,
  unit,
  spread: spread(rounds.map(({ time }) => (amount / time) * 1000)),
});

/** Microseconds of processor time a piece. */
const cpuEach = (rounds: readonly Round[], count: number): number =>
  (rounds.reduce((sum, { cpu }) => sum + cpu, 0) * 1000) / rounds.length / count;

/** The figure of a row that compares rates; `bytes` and `count` are those of one round. */
export function rateFigure(row: RowName, rounds: Rounds, count: number, bytes: number, unit = 'instances/s'): Figure {
  return {
    row,
    value: percentOfBare(rounds),
    own: rate('bridge', unit, rounds.bridge, count),
    limit: rate('bare', unit, rounds.bare, count),
    notes: {
      'in a round': count,
      'octets each': bytes / count,
      'bridge, MB/s': rate('', '', rounds.bridge, bytes / 1e6).spread.median,
      'bare, MB/s': rate('', '', rounds.bare, bytes / 1e6).spread.median,
      'bridge, CPU µs each': cpuEach(rounds.bridge, count),
      'bare, CPU µs each': cpuEach(rounds.bare, count),
    },
  };
}

/** Processor time a piece over that of the bare server, in microseconds. */
export function cpuFigure(row: RowName, { bridge, bare }: Rounds, count: number): Figure {
  const reading = (what: string, rounds: readonly Round[]): Reading => ({
    what,
    unit: 'µs an instance',
    spread: { ...spread(rounds.map(({ cpu }) => (cpu * 1000) / count)), median: cpuEach(rounds, count) },
  });
  return {
    row,
    value: single(cpuEach(bridge, count) - cpuEach(bare, count)),
    own: reading('bridge', bridge),
    limit: reading('bare', bare),
  };
}

export const occurrences = (chunks: readonly Buffer[], mark: string): number => {
  const text = Buffer.concat(chunks);
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) count++;
  return count;
};

/** Whether so many octets on the wire can be a head and the whole answer, in chunks of whatever size. */
const isWhole = (octets: number, answer: number): boolean => octets >= answer && octets < answer * 1.01 + 2_048;

/**
 * One call, whose answer is always as long as the first, against a bare server that sends the same bytes. In a round it is
 * made `polls` times at either, one after the other.
 */
export async function transferring(
  pair: Pair,
  { polls, ...turns }: Turns & Pick<Effort, 'polls'>,
  call: string,
  mark: string,
  before: (round: number) => Promise<void> = async () => undefined,
): Promise<{ readonly rounds: Rounds; readonly count: number; readonly bytes: number }> {
  await before(-turns.warming - 1);
  const { chunks } = await download(pair.bridge.url, call, true);
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
  const bare = await startBare(pair.folder, chunks);
  try {
    const run = async (side: 'bridge' | 'bare'): Promise<number> => {
      let all = 0;
      for (let poll = 0; poll < polls; poll++) {
        const { bytes: got, time } = await download(side === 'bridge' ? pair.bridge.url : bare.urls[0]!, call);
        if (!isWhole(got, bytes)) throw new Error(`${side} sent ${got} octets for an answer of ${bytes}`);
        all += time;
      }
      return all;
    };
    const done = await alternate(pair, bare, turns, run, before);
    return { rounds: done, count: occurrences(chunks, mark) * polls, bytes: bytes * polls };
  } finally {
    await bare.child.stop();
  }
}
