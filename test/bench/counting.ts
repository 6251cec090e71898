import { callXml } from '../intrinsic-call.js';
import { enumerationOf, machine, machineClass, machineUuids, namesOf } from './call.js';
import { instanceName } from './client.js';
import type { Figure } from './figure.js';
import { load } from './load.js';
import type { Pair } from './pair.js';
import { PoolClient } from './pool-client.js';
import type { RowName } from './row.js';
import { single } from './statistic.js';

/** So many machines are gone through. */
const machines = 100;

function reads(uuids: readonly string[]): readonly string[] {
  const each = uuids.slice(0, machines).flatMap((uuid) => {
    const object = instanceName(uuid, 'ObjectName');
    return [
      machine(uuid),
      callXml('AssociatorNames', object),
      callXml('References', object),
      callXml('ReferenceNames', object),
    ];
  });
  return [enumerationOf('Xen_HostComputerSystem'), namesOf(machineClass), ...each];
}

const sum = (calls: ReadonlyMap<string, number>): number => [...calls.values()].reduce((all, n) => all + n, 0);

async function calling(pair: Pair, pool: PoolClient, row: RowName, clients: number): Promise<Figure> {
  const bodies = reads(await machineUuids(pair.bridge.url));
  const before = sum(await pool.calls());
  const { times } = await load(pair.bridge.url, bodies, clients, { requests: Math.max(bodies.length, 4 * clients) });
  const calls = sum(await pool.calls()) - before;
  return {
    row,
    value: single(calls / times.length),
    own: { what: 'calls', unit: `by ${times.length} reads`, spread: single(calls) },
  };
}

/** XenAPI calls, counted at the simulator, that reads bring about; event.from goes on whether anybody reads or not. */
export async function counting(pair: Pair): Promise<readonly Figure[]> {
  const pool = await PoolClient.enter(pair.simulator.url);
  try {
    return [await calling(pair, pool, 'callsOne', 1), await calling(pair, pool, 'callsMany', 100)];
  } finally {
    pool.close();
  }
}
