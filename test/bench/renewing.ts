import { setTimeout as pause } from 'node:timers/promises';
import { machine, machineUuids } from './call.js';
import { Connection } from './connection.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import type { Pair } from './pair.js';
import { PoolClient } from './pool-client.js';
import { prepare } from './request-bytes.js';
import { quantile, single, spread } from './statistic.js';

/** So many changes are waited for at once, each by a reader of its own. */
const lanes = 4;

/** A reader asks again after so many milliseconds. */
const interval = 1;

const patience = 30_000;

/** Reads a machine until it shows the text. */
async function seen(connection: Connection, url: URL, uuid: string, text: string): Promise<void> {
  const request = prepare(url, machine(uuid));
  const until = performance.now() + patience;
  for (;;) {
    const { pieces } = await connection.ask(request, true);
    if (pieces.some((piece) => piece.includes(text))) return;
    if (performance.now() > until) throw new Error(`a change of ${uuid} was not shown within ${patience} ms`);
    await pause(interval);
  }
}

/** From the moment that a change is sent to the pool until a read of that machine shows it; each of another machine. */
export async function renewing(pair: Pair, { news }: Effort): Promise<readonly Figure[]> {
  const pool = await PoolClient.enter(pair.simulator.url);
  const { url } = pair.bridge;
  const times: number[] = [];
  try {
    const all = await pool.machines();
    const uuids = (await machineUuids(url)).slice(0, news);
    const work = async (lane: number): Promise<void> => {
      const connection = await Connection.open(url);
      for (let i = lane; i < uuids.length; i += lanes) {
        const text = `News ${i} of the benchmark at ${Date.now()}`;
        const started = performance.now();
        await pool.describe(all.get(uuids[i]!)!.ref, text, lane);
        await seen(connection, url, uuids[i]!, text);
        times.push(performance.now() - started);
        // Changes that wait for each other would all come at the same point of the pool's rhythm.
        await pause(Math.random() * 100);
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  } finally {
    pool.close();
  }
  return [
    {
      row: 'news',
      value: single(quantile(times, 0.99)),
      own: { what: 'all', unit: 'ms', spread: spread(times) },
      limit: { what: "the pool's own gathering of events", unit: 'ms', spread: { median: 50, min: 50, max: 100 } },
      notes: { changes: times.length },
    },
  ];
}
