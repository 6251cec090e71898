import { callXml } from '../intrinsic-call.js';
import { machineUuids } from './call.js';
import { download, instanceName } from './client.js';
import type { Effort } from './effort.js';
import type { Figure, Reading } from './figure.js';
import { load } from './load.js';
import { type Bare, type Pair, startBare } from './pair.js';
import { PoolClient } from './pool-client.js';
import { requestShare } from './server-figure.js';
import { median, spread } from './statistic.js';

/** So many machines are gone through in each round, after so many rounds that do not count. */
const machines = 200;
const warming = 4;

const call = (uuid: string): string => callXml('Associators', instanceName(uuid, 'ObjectName'));

/**
 * Calls for the associated instances of halted machines: nothing among those has a live reading, which running processors
 * and their metrics have.
 */
async function calls(pair: Pair): Promise<readonly string[]> {
  const pool = await PoolClient.enter(pair.simulator.url);
  try {
    const all = await pool.machines();
    const halted = (await machineUuids(pair.bridge.url)).filter((uuid) => all.get(uuid)?.halted);
    if (halted.length === 0) throw new Error('wanted halted machines in the pool, got none');
    return halted.slice(0, machines).map(call);
  } finally {
    pool.close();
  }
}

interface Side {
  readonly pair: Pair;
  readonly bodies: readonly string[];
  readonly bare: Bare;
  readonly firstTime: number;
  readonly times: number[];
  readonly bareTimes: number[];
}

async function medianTime(url: URL, bodies: readonly string[]): Promise<number> {
  return median((await load(url, bodies, 1, { requests: bodies.length })).times);
}

async function makeSide(pair: Pair): Promise<Side> {
  const bodies = await calls(pair);
  const firstTime = await medianTime(pair.bridge.url, bodies);
  await load(pair.bridge.url, bodies, 1, { requests: warming * bodies.length });
  const { chunks } = await download(pair.bridge.url, bodies[0]!, true);
  const bare = await startBare(pair.folder, chunks);
  return { pair, bodies, bare, firstTime, times: [], bareTimes: [] };
}

const reading = (what: string, times: readonly number[]): Reading => ({ what, unit: 'ms', spread: spread(times) });

async function figure(row: 'associatorsSmall' | 'associatorsLarge', side: Side): Promise<Figure> {
  return {
    row,
    value: spread(side.times),
    own: reading('bridge', side.times),
    limit: reading('bare', side.bareTimes),
    notes: {
      'median of the first time, ms': side.firstTime,
      'done in the server within 1 ms, %': (await requestShare(side.pair.bridge.url, 'Associators')) * 100,
    },
  };
}

/** Associators of one machine without a filter, one after the other, in a small and a large pool by turns. */
export async function associating(small: Pair, large: Pair, { rounds }: Effort): Promise<readonly Figure[]> {
  const sides = [await makeSide(small), await makeSide(large)] as const;
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { pair, bodies, bare, times, bareTimes } of sides) {
        times.push(await medianTime(pair.bridge.url, bodies));
        bareTimes.push(await medianTime(bare.urls[0]!, bodies));
      }
    }
  } finally {
    for (const { bare } of sides) await bare.child.stop();
  }
  const [few, many] = sides;
  return [
    await figure('associatorsSmall', few),
    await figure('associatorsLarge', many),
    { row: 'associatorsGrowth', value: spread(many.times.map((time, i) => time / few.times[i]!)) },
  ];
}
