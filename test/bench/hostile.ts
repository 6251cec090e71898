import { departures, halfClosed } from '../hostile/departure.js';
import { hostileRequests } from '../hostile/request.js';
import { guessing, patient } from './hostile/crowd.js';
import { compare, settled } from './hostile/figure.js';
import { killPool } from './hostile/pool-kill.js';
import type { Case, Scene } from './hostile/scene.js';
import { newFolder, removeFolder, startBridge, startSimulator } from './pair.js';
import { basic } from './request-bytes.js';

/*
 * npm run bench -- hostile: what becomes of requests that no client should send, of clients that go away, of crowds of
 * them, and of a pool that is killed in the midst; then what the bridge holds beside what it held before.
 */

const size = '8x1000';

const large = /^100 MB|megabyte|deep/;

const requests: readonly Case[] = hostileRequests.map(({ name, wanted, send }) => ({
  name,
  wanted,
  times: large.test(name) ? 20 : 200,
  atOnce: large.test(name) ? 2 : 10,
  run: ({ target }) => send(target),
}));

const leaving: readonly Case[] = [
  ...departures.map(({ name, leave }) => ({
    name,
    wanted: 'gone',
    times: 300,
    atOnce: 100,
    run: async ({ target }: Scene) => {
      await leave(target);
      return 'gone';
    },
  })),
  {
    name: 'a client that ends its half of the connection once it has asked',
    wanted: '200',
    or: 'closed without an answer',
    times: 100,
    run: ({ target }) => halfClosed(target),
  },
];

const cases: readonly Case[] = [
  ...requests,
  ...leaving,
  {
    name: 'the simulator killed and started anew in the midst',
    wanted: 'every enumeration whole',
    times: 3,
    run: killPool(size),
  },
  guessing,
];

const reasonOf = (reason: unknown): string => `FAILED: ${(reason as Error).message}`;

/** Does it as often as it says and prints what came of it; whether that was what was wanted. */
async function count({ name, wanted, or, times, atOnce = 1, run }: Case, scene: Scene): Promise<boolean> {
  const outcomes = new Map<string, number>();
  let begun = 0;
  const work = async (): Promise<void> => {
    while (begun++ < times) {
      const outcome = await run(scene).catch(reasonOf);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const good = [...outcomes.keys()].every((outcome) => outcome === wanted || outcome === or);
  const told = [...outcomes].map(([outcome, number]) => `${outcome} (${number} times)`).join('; ');
  console.log(`${good ? 'ok ' : 'NOT'} ${name}: ${told}`);
  return good;
}

async function play(scene: Scene): Promise<boolean> {
  console.log('a first pass, by which the bridge finds its size');
  for (const one of cases) {
    if (one === guessing) continue;
    // As many at once as later: it is by the crowd that memory finds its level.
    await count({ ...one, times: Math.min(one.times, one.times > 100 ? 100 : 2) }, scene);
  }
  const before = await settled(scene);
  console.log('in earnest');
  const waiting = patient.map((one) => count(one, scene));
  const outcomes: boolean[] = [];
  for (const one of cases) outcomes.push(await count(one, scene));
  outcomes.push(...(await Promise.all(waiting)));
  return compare(before, await settled(scene)) && outcomes.every((good) => good);
}

/** Runs every case and prints what became of it; the process fails when one is not as it has to be. */
export async function hostile(): Promise<void> {
  const folder = newFolder();
  const simulator = await startSimulator(size);
  const bridge = await startBridge(simulator.url, folder);
  const target = { port: Number(bridge.url.port), authorization: basic('root', 'xenroot') };
  const scene: Scene = { bridge, simulator, target };
  try {
    if (!(await play(scene))) process.exitCode = 1;
  } finally {
    await bridge.stop();
    await scene.simulator.stop();
    removeFolder(folder);
  }
}
