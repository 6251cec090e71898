import { machine, machineUuids } from './call.js';
import type { Child } from './child.js';
import { download } from './client.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import { type Load, loadPrepared } from './load.js';
import { type Pair, startBare } from './pair.js';
import { processorTime } from './process-usage.js';
import { type Prepared, prepare } from './request-bytes.js';
import { quantile, spread } from './statistic.js';

const connections = 32;

const tail = ({ times }: Load): number => quantile(times, 0.99) / quantile(times, 0.5);

const at = (loads: readonly Load[], fraction: number) => spread(loads.map(({ times }) => quantile(times, fraction)));

/** A load, and the processor time that it took the server, in milliseconds. */
interface Costing extends Load {
  readonly cpu: number;
}

async function costing({ pid, url }: Child, requests: readonly Prepared[], milliseconds: number): Promise<Costing> {
  const before = processorTime(pid);
  const done = await loadPrepared(url, requests, connections, { milliseconds });
  return { ...done, cpu: processorTime(pid) - before };
}

/** What the bridge answers to each of the bodies. */
async function answers({ url }: Child, bodies: readonly string[]): Promise<readonly (readonly Buffer[])[]> {
  const all: (readonly Buffer[])[] = [];
  const left = bodies.entries();
  const lane = async (): Promise<void> => {
    for (const [i, body] of left) all[i] = (await download(url, body, true)).chunks;
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return all;
}

/** Microseconds of processor time a request. */
const cpuEach = (loads: readonly Costing[]): number =>
  (loads.reduce((sum, { cpu }) => sum + cpu, 0) * 1000) / loads.reduce((sum, { times }) => sum + times.length, 0);

/**
 * GetInstance over all keys on 32 connections, after one pass over all of them, against a bare server that has the answer
 * to each key prepared and is asked for it by a URL.
 */
export async function getting(pair: Pair, { rounds, duration }: Effort): Promise<readonly Figure[]> {
  const { bridge } = pair;
  const bodies = (await machineUuids(bridge.url)).map(machine);
  const bare = await startBare(pair.folder, ...(await answers(bridge, bodies)));
  const requests = bodies.map((body) => prepare(bridge.url, body));
  const bareRequests = bodies.map((body, i) => prepare(bare.urls[i]!, body));
  const [ours, theirs]: [Costing[], Costing[]] = [[], []];
  try {
    await loadPrepared(bridge.url, requests, connections, { requests: bodies.length });
    await loadPrepared(bare.child.url, bareRequests, connections, { requests: bodies.length });
    for (let round = 0; round < rounds; round++) {
      ours.push(await costing(bridge, requests, duration));
      theirs.push(await costing(bare.child, bareRequests, duration));
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
