import { enumerationOf, machine, machineClass, machineUuids } from './call.js';
import { startChild } from './child.js';
import { download } from './client.js';
import type { Effort } from './effort.js';
import type { Figure, Reading } from './figure.js';
import { type Load, load } from './load.js';
import { type Pair, startBare } from './pair.js';
import { quantile, spread } from './statistic.js';

const connections = 8;

/** GetInstance at one URL while a client in another process enumerates at the other, in a loop. */
async function beside(getUrl: URL, listUrl: URL, bodies: readonly string[], duration: number): Promise<Load> {
  const enumerator = await startChild('enumerator.js', [listUrl.href]);
  try {
    return await load(getUrl, bodies, connections, { milliseconds: duration });
  } finally {
    await enumerator.stop();
  }
}

const reading = (what: string, loads: readonly Load[], fraction: number): Reading => ({
  what,
  unit: 'ms',
  spread: spread(loads.map(({ times }) => quantile(times, fraction))),
});

/** How long GetInstance takes on 8 connections while all machines are enumerated in a loop, and at a bare server. */
export async function gettingBeside(pair: Pair, { rounds, duration }: Effort): Promise<readonly Figure[]> {
  const { url } = pair.bridge;
  const bodies = (await machineUuids(url)).map(machine);
  const [one, all] = [await download(url, bodies[0]!, true), await download(url, enumerationOf(machineClass), true)];
  const bare = await startBare(pair.folder, one.chunks, all.chunks);
  const [ours, theirs]: [Load[], Load[]] = [[], []];
  try {
    for (let round = 0; round < Math.ceil(rounds / 3); round++) {
      ours.push(await beside(url, url, bodies, duration));
      theirs.push(await beside(bare.urls[0]!, bare.urls[1]!, bodies, duration));
    }
  } finally {
    await bare.child.stop();
  }
  const tails = reading('bridge', ours, 0.99).spread;
  return [
    {
      row: 'getBeside',
      value: tails,
      own: reading('bridge, p50', ours, 0.5),
      limit: reading('bare, p99', theirs, 0.99),
      notes: { 'requests/s': spread(ours.map(({ perSecond }) => perSecond)).median },
    },
  ];
}
