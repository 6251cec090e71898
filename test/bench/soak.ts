import { setTimeout as pause } from 'node:timers/promises';
import { machineUuids } from './call.js';
import { census } from './census.js';
import { hangUp } from './client.js';
import { machineText, thisMachine } from './machine.js';
import { type Pair, startPair } from './pair.js';
import { PoolClient } from './pool-client.js';
import { descriptors, residentMemory } from './process-usage.js';
import { keepResult } from './result-file.js';
import { heldMemory } from './server-figure.js';
import { keepChanging } from './soak-change.js';
import { askAbout, type Poller, pollers, type Soaked } from './soak-client.js';
import { judge, type Sample, verdictText } from './soak-verdict.js';

const size = '64x5000';

/** Milliseconds between two samples, and between two lines that are printed. */
const [sampling, printing] = [5_000, 60_000];

/** What was done, and what went wrong with it. */
interface Tally {
  requests: number;
  changes: number;
  errors: number;
  readonly reasons: Map<string, number>;
}

const minutesSince = (started: number): number => (performance.now() - started) / 60_000;

async function poll({ name, turn, rest }: Poller, soaked: Soaked, tally: Tally, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await turn(soaked);
    } catch (error) {
      const reason = `${name}: ${(error as Error).message.slice(0, 300)}`;
      tally.errors++;
      tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
    }
    await pause(rest * (0.5 + Math.random()));
  }
}

/** Asks about each machine once: what the bridge keeps for each of them is no growth either. */
async function meet(soaked: Soaked): Promise<void> {
  const rest = [...soaked.uuids];
  const work = async (): Promise<void> => {
    for (let uuid = rest.pop(); uuid !== undefined; uuid = rest.pop()) await askAbout(soaked, uuid);
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

async function sample(pair: Pair, tally: Tally, minutes: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const started = performance.now();
  let printed = 0;
  while (minutesSince(started) < minutes) {
    const { pid, url } = pair.bridge;
    const held = await heldMemory(url);
    const now = { minute: minutesSince(started), memory: residentMemory(pid), descriptors: descriptors(pid), ...held };
    samples.push(now);
    if (performance.now() - started >= printed * printing) {
      printed++;
      const { requests, changes, errors } = tally;
      const inside = `heap ${now.heap.toFixed(0)} of ${now.heapRoom.toFixed(0)}, outside of it ${now.external.toFixed(0)}`;
      const state = `${now.memory.toFixed(0)} MB (${inside}), ${now.descriptors} descriptors`;
      console.log(
        `minute ${now.minute.toFixed(1)}: ${state}; ${requests} requests, ${changes} changes, ${errors} errors`,
      );
    }
    await pause(sampling);
  }
  return samples;
}

async function run(pair: Pair, minutes: number, tally: Tally): Promise<readonly Sample[]> {
  const { url } = pair.bridge;
  const pool = await PoolClient.enter(pair.simulator.url);
  const uuids = await machineUuids(url);
  const refs = [...(await pool.machines()).values()].map(({ ref }) => ref);
  // What the bridge works out once for each class, and keeps, is no growth.
  const classes = (await census(url)).map(({ name }) => name);
  const soaked: Soaked = { url, uuids, classes, ask: () => void tally.requests++ };
  await meet(soaked);
  const stop = new AbortController();
  const clients = pollers.flatMap((one) => Array.from({ length: one.clients }, () => one));
  const all = Promise.all([
    ...clients.map((one) => poll(one, soaked, tally, stop.signal)),
    keepChanging(pool, refs, stop.signal, () => void tally.changes++),
  ]);
  try {
    return await Promise.race([sample(pair, tally, minutes), all.then(() => [])]);
  } finally {
    stop.abort();
    await all;
    pool.close();
    hangUp();
  }
}

/**
 * Polls a bridge for so many minutes in many ways while its pool changes all the time; prints what becomes of its memory
 * and descriptors, keeps that in the folder, and tells whether both stay flat.
 */
export async function soak(minutes: number, folder: string): Promise<boolean> {
  const machine = thisMachine();
  const at = new Date().toISOString();
  console.log(`${machineText(machine)}; ${size}, ${minutes} minutes`);
  for (const { name, clients, rest } of pollers) console.log(`    ${clients} x ${name}, rest of ${rest} ms`);
  const tally: Tally = { requests: 0, changes: 0, errors: 0, reasons: new Map() };
  const pair = await startPair(size);
  try {
    const samples = await run(pair, minutes, tally);
    const verdict = judge(samples, minutes);
    const { requests, changes, errors } = tally;
    const reasons = Object.fromEntries(tally.reasons);
    console.log(`\n${verdictText(verdict)}`);
    console.log(`${requests} requests, ${changes} changes at the pool, ${errors} errors`);
    for (const [reason, times] of tally.reasons) console.log(`    ${times} x ${reason}`);
    const result = { at, machine, size, minutes, requests, changes, errors, reasons, verdict, samples };
    console.log(`kept in ${keepResult(folder, 'soak', result)}`);
    return verdict.complaints.length === 0;
  } finally {
    await pair.stop();
  }
}
