import { setTimeout as pause } from 'node:timers/promises';
import { cpuFigure, rateFigure, transferring } from './alternating.js';
import { enumerationOf, instanceMark, machine, machineClass, machineUuids } from './call.js';
import { downloadText } from './client.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import type { Pair } from './pair.js';
import { PoolClient } from './pool-client.js';

const call = enumerationOf(machineClass);

/** EnumerateInstances of all machines, nothing changed since the last time. */
export async function enumerating(pair: Pair, effort: Effort): Promise<readonly Figure[]> {
  const { rounds: done, count, bytes } = await transferring(pair, effort, call, instanceMark);
  return [rateFigure('enumerate', done, count, bytes), cpuFigure('enumerateCpu', done, count)];
}

/** Waits until a read shows the text in a machine. */
export async function shown(url: URL, uuid: string, text: string): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await downloadText(url, machine(uuid))).includes(text)) {
    if (performance.now() > until) throw new Error(`the bridge has not shown a change of ${uuid} within 60 s`);
    await pause(5);
  }
}

/** The same right after every machine's record was changed at the pool, and the bridge has heard of it. */
export async function enumeratingChanged(pair: Pair, { changes, warming }: Effort): Promise<readonly Figure[]> {
  const pool = await PoolClient.enter(pair.simulator.url);
  try {
    const machines = await pool.machines();
    const uuids = await machineUuids(pair.bridge.url);
    const change = async (round: number): Promise<void> => {
      const description = `Changed by the benchmark, time ${String(round + 1_000).padStart(6, '0')}`;
      await pool.describeAll(
        uuids.map((uuid) => machines.get(uuid)!.ref),
        description,
      );
      await shown(pair.bridge.url, uuids[0]!, description);
    };
    const {
      rounds: done,
      count,
      bytes,
    } = await transferring(pair, { rounds: changes, warming, polls: 1 }, call, instanceMark, change);
    return [rateFigure('changed', done, count, bytes)];
  } finally {
    pool.close();
  }
}
