import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { eventually, type ServerStage, startServer } from '../server-stage.js';
import { machineUuids } from './call.js';
import { census, classNames, largestAssociation } from './census.js';
import { hangUp } from './client.js';
import { shown } from './enumerating.js';
import { PoolClient } from './pool-client.js';
import { keepChanging } from './soak-change.js';
import { pollers, type Soaked } from './soak-client.js';

let simulator: Simulator;
let stage: ServerStage;
let pool: PoolClient;
let url: URL;

beforeAll(async () => {
  simulator = await startSimulator({ size: '2x20', control: true });
  stage = await startServer(['--pool', simulator.url, '--pool-user', 'root', '--pool-password-file', 'password']);
  url = new URL(`http://127.0.0.1:${stage.port}`);
  pool = await PoolClient.enter(new URL(simulator.url));
});

afterAll(async () => {
  hangUp();
  pool.close();
  await stage.end();
  await simulator.stop();
});

const descriptions = (): Set<string> => new Set([...simulator.db.entries('VM')].map(([, vm]) => vm.name_description));

describe("the benchmark's own client of the pool", () => {
  it('knows machines by uuid, and which are halted', async () => {
    const machines = await pool.machines();
    expect(machines.size).toBe(simulator.db.count('VM'));
    const [uuid, { ref, halted }] = [...machines][0]!;
    const record = simulator.db.need('VM', ref as never);
    expect([record.uuid, record.power_state === 'Halted']).toEqual([uuid, halted]);
  });

  it('changes every machine, and waits until the bridge shows it', async () => {
    const machines = await pool.machines();
    const uuids = await machineUuids(url);
    await pool.describeAll(
      [...machines.values()].map(({ ref }) => ref),
      'all of them',
    );
    expect(descriptions()).toEqual(new Set(['all of them']));
    await shown(url, uuids[0]!, 'all of them');
  });

  it('counts calls but those that follow the pool', async () => {
    simulator.resetCalls();
    await pool.machines();
    const calls = await pool.calls();
    expect(calls.get('VM.get_all_records')).toBe(1);
    expect([...calls.keys()].filter((name) => name.startsWith('event.'))).toEqual([]);
  });

  it('tells of a call that fails', async () => {
    await expect(pool.destroyNetwork('OpaqueRef:NULL')).rejects.toThrow('network.destroy: {"code":1');
  });
});

describe('a census', () => {
  it('counts the instances of every class, and finds the largest association', async () => {
    const all = await census(url);
    const machines = all.find(({ name }) => name === 'Xen_ComputerSystem');
    expect(machines).toMatchObject({ association: false, count: (await machineUuids(url)).length });
    const largest = all.find(({ name }) => name === largestAssociation(all))!;
    expect(largest.association).toBe(true);
    expect(all.filter(({ association, count }) => association && count > largest.count)).toEqual([]);
  });

  it('ends after so many MB', async () => {
    const some = await census(url, 0.1);
    expect(some.length).toBeLessThan((await classNames(url)).length);
    expect(some.reduce((sum, { bytes }) => sum + bytes, 0)).toBeGreaterThan(100_000);
  });
});

describe('the pollers of a soak', () => {
  it.each(pollers)('$name: turns without an error', async ({ turn }) => {
    let requests = 0;
    const soaked: Soaked = {
      url,
      uuids: await machineUuids(url),
      classes: await classNames(url),
      ask: () => {
        requests++;
      },
    };
    for (let i = 0; i < 6; i++) await turn(soaked);
    expect(requests).toBeGreaterThanOrEqual(6);
  });

  it('find a pool that changes all the time, and is as large in the end', async () => {
    const refs = [...(await pool.machines()).values()].map(({ ref }) => ref);
    const networks = simulator.db.count('network');
    const stop = new AbortController();
    let changes = 0;
    const changing = keepChanging(pool, refs, stop.signal, () => {
      changes++;
    });
    await eventually(() => changes > 5);
    stop.abort();
    await changing;
    expect([...descriptions()].some((text) => text.startsWith('Change '))).toBe(true);
    expect(simulator.db.count('network')).toBe(networks);
  });
});
