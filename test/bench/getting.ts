import { machine, machineUuids } from './call.js';
import type { Child } from './child.js';
import { download } from './client.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import { type Load, load } from './load.js';
import { type Pair, startBare } from './pair.js';
import { processorTime } from './process-usage.js';
import { quantile, spread } from './statistic.js';

const connections = 32;

const tail = ({ times }: Load): number => quantile(times, 0.99) / quantile(times, 0.5);

const at = (loads: readonly Load[], fraction: number) => spread(loads.map(({ times }) => quantile(times, fraction)));

/** A load, and the processor time that it took the server, in milliseconds. */
interface Costing extends Load {
  readonly cpu: number;
}

async function costing({ pid }: Child, url: URL, bodies: readonly string[], milliseconds: number): Promise<Costing> {
  const before = processorTime(pid);
  const done = await load(url, bodies, connections, { milliseconds });
  return { ...done, cpu: processorTime(pid) - before };
}

/** Microseconds of processor time a request. */
const cpuEach = (loads: readonly Costing[]): number =>
  (loads.reduce((sum, { cpu }) => sum + cpu, 0) * 1000) / loads.reduce((sum, { times }) => sum + times.length, 0);

/** GetInstance over all keys on 32 connections, after one pass over all of them, against a bare server. */
export async function getting(pair: Pair, { rounds, duration }: Effort): Promise<readonly Figure[]> {
  const bodies = (await machineUuids(pair.bridge.url)).map(machine);
  const bare = await startBare(pair.folder, (await download(pair.bridge.url, bodies[0]!, true)).chunks);
  const [ours, theirs]: [Costing[], Costing[]] = [[], []];
  try {
    await load(pair.bridge.url, bodies, connections, { requests: bodies.length });
    for (let round = 0; round < rounds; round++) {
      ours.push(await costing(pair.bridge, pair.bridge.url, bodies, duration));
      theirs.push(await costing(bare.child, bare.urls[0]!, bodies, duration));
    }
  } finally {
    await bare.child.stop();
  }
  const rate = (loads: readonly Load[]) => spread(loads.map(({ perSecond }) => perSecond));
  return [
    {
      row: 'get',
      value: spread(ours.map(({ perSecond }, i) => (perSecond / theirs[i]!.perSecond) * 100)),
      own: { what: 'bridge', unit: 'requests/s', spread: rate(ours) },
      limit: { what: 'bare', unit: 'requests/s', spread: rate(theirs) },
      notes: {
        keys: bodies.length,
        'bridge, CPU µs each': cpuEach(ours),
        'bare, CPU µs each': cpuEach(theirs),
      },
    },
    {
      row: 'getTail',
      value: spread(ours.map(tail)),
      own: { what: 'bridge, p99', unit: 'ms', spread: at(ours, 0.99) },
      limit: { what: 'bare, p99 by p50', unit: 'times', spread: spread(theirs.map(tail)) },
      notes: { 'p50, ms': at(ours, 0.5).median, 'p99, ms': at(ours, 0.99).median },
    },
  ];
}
