import { type Counted, census } from './census.js';
import { hangUp } from './client.js';
import { startPair } from './pair.js';
import { PoolClient } from './pool-client.js';

/** Pools of the same hosts, one with ten times the machines of the other. */
const sizes = ['64x500', '64x5000'] as const;
const shown = 10;

interface Cost extends Counted {
  /** Milliseconds of the second answer. */
  readonly again: number;
}

/** Calls that bring readings of the hosts, which nothing but they can tell. */
const isReading = (name: string): boolean => name.endsWith('rrd_updates');

async function measure(size: string): Promise<{ readonly costs: ReadonlyMap<string, Cost>; readonly calls: number }> {
  const pair = await startPair(size);
  const pool = await PoolClient.enter(pair.simulator.url);
  const calls = async (): Promise<number> =>
    [...(await pool.calls())].reduce((sum, [name, n]) => (isReading(name) ? sum : sum + n), 0);
  try {
    const first = await census(pair.bridge.url);
    const before = await calls();
    const again = new Map((await census(pair.bridge.url)).map(({ name, time }) => [name, time]));
    const costs = new Map(first.map((one) => [one.name, { ...one, again: again.get(one.name)! }]));
    return { costs, calls: (await calls()) - before };
  } finally {
    pool.close();
    hangUp();
    await pair.stop();
  }
}

const cell = (value: string | number, width: number): string => String(value).padStart(width);

function row(large: Cost, small: Cost | undefined): string {
  const per = (one: Cost): string => (one.count === 0 ? '-' : ((one.time * 1000) / one.count).toFixed(1));
  return [
    large.name.padEnd(58),
    cell(large.count, 7),
    cell((large.bytes / 1e6).toFixed(1), 7),
    cell(large.time.toFixed(0), 7),
    cell(large.again.toFixed(0), 7),
    cell(per(large), 8),
    cell(small ? small.count : '-', 7),
    cell(small ? per(small) : '-', 8),
  ].join(' ');
}

const head = `${'class'.padEnd(58)} ${['number', 'MB', 'ms', 'again', 'µs each', 'of 500', 'µs each'].map((text, i) => cell(text, i === 4 || i === 6 ? 8 : 7)).join(' ')}`;

/**
 * The ten largest classes and association classes of a pool of 64 hosts and 5,000 machines: what all their instances
 * cost at first and again, and each one beside what it costs with 500 machines.
 */
export async function scaling(): Promise<void> {
  const small = await measure(sizes[0]);
  const large = await measure(sizes[1]);
  for (const association of [false, true]) {
    const largest = [...large.costs.values()].filter((one) => one.association === association);
    largest.sort((a, b) => b.bytes - a.bytes);
    console.log(`\n${association ? 'association classes' : 'classes'} of ${sizes[1]}\n${head}`);
    for (const one of largest.slice(0, shown)) console.log(row(one, small.costs.get(one.name)));
  }
  console.log(`\nXenAPI calls by ${large.costs.size} enumerations, each made again: ${large.calls}`);
}
