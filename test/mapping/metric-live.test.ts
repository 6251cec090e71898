import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NameSet } from '../../src/cim/name.js';
import { rows } from '../../src/mapping/index.js';
import { Engine } from '../../src/provider/engine.js';
import type { RowSubject } from '../../src/provider/subject.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { Connection } from '../../src/xenapi/connection.js';
import { EventLoop } from '../../src/xenapi/events.js';
import type { Readings } from '../../src/xenapi/reading.js';
import { RrdReadings, type RrdReadingsOptions } from '../../src/xenapi/rrd.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { cimv2, schemas } from './demo-engine.js';

/** The rows over a simulated pool whose hosts are really asked; only the readings' clock is the test's. */
let simulator: Simulator;
let connection: Connection;
let loop: EventLoop;
let engine: Engine;
let now = 0;
const said: string[] = [];
const store = new RecordStore();

const options = (): RrdReadingsOptions => ({
  view: store,
  get: (address, path, accept, signal) => connection.get(address, path, accept, { signal }),
  log: { info: () => {}, debug: () => {}, warn: (_fields, message) => void said.push(message) },
  timeoutMs: 2_000,
  now: () => now,
});

const engineOver = (readings: Readings): Engine =>
  new Engine({ store, schemas, rows, readings, canonical: (name) => (schemas.has(name) ? name : undefined) });

beforeAll(async () => {
  simulator = await startSimulator();
  connection = new Connection({ url: simulator.url, user: 'root', password: 'xenroot', version: '1' });
  loop = new EventLoop({ connection, store });
  engine = engineOver(new RrdReadings(options()));
  loop.start();
  await loop.waitReady(30_000);
});
afterAll(async () => {
  await loop.stop();
  await connection.stop();
  await simulator.stop();
});

/** Each test begins with readings that are due again, and with no requests counted. */
beforeEach(() => {
  simulator.faults.clear();
  now += 1_000_000;
  said.length = 0;
  simulator.resetCalls();
  simulator.world.readings.resetRequests();
});

const values = [
  'Xen_ProcessorUtilization',
  'Xen_DiskReadThroughput',
  'Xen_HostMemoryMetricValue',
  'Xen_StoragePoolLatency',
];
const hosts = () => [...simulator.db.entries('host')].map(([ref, { uuid }]) => ({ ref, uuid }));
const subjects = (names: readonly string[] = values): RowSubject[] =>
  names.flatMap((name) => [...engine.enumerate(cimv2, name)]);
const requests = (): Record<string, number> => Object.fromEntries(simulator.world.readings.requests);
const once = () => Object.fromEntries(hosts().map(({ uuid }) => [uuid, 1]));

function shown(subject: RowSubject, by = engine): Record<string, unknown> {
  const { shape, values } = by.instance(cimv2, subject);
  return Object.fromEntries(shape.properties.map(({ name }, i) => [name, values[i]]));
}

/** Every instance, after what it takes to give it. */
async function read(names?: readonly string[], wanted?: NameSet): Promise<Record<string, unknown>[]> {
  const found = subjects(names);
  await engine.ready(found, wanted);
  return found.map((subject) => shown(subject));
}

describe('requests', () => {
  test('names take none', () => {
    for (const subject of subjects()) engine.path(cimv2, subject);
    expect(subjects().length).toBeGreaterThan(50);
    expect(requests()).toEqual({});
  });

  test('instances take one of each host, however many read them and however often', async () => {
    await Promise.all(Array.from({ length: 12 }, () => read()));
    await read(['Xen_Processor', 'Xen_HostProcessor']);
    expect(requests()).toEqual(once());
    expect(simulator.calls().get('rrd_updates')).toBe(hosts().length);
    now += 4_999;
    await read();
    expect(requests()).toEqual(once());
    now += 1;
    await Promise.all([read(), read()]);
    expect(requests()).toEqual(Object.fromEntries(hosts().map(({ uuid }) => [uuid, 2])));
  });

  test('none where no live property is asked for, none where nothing is measured', async () => {
    await read(values, new NameSet(['InstanceID', 'MetricDefinitionId', 'ElementName']));
    await read(['Xen_DiskReadThroughputDef', 'Xen_ComputerSystem', 'Xen_MetricForDisk']);
    expect(requests()).toEqual({});
    await read(values, new NameSet(['MetricValue']));
    expect(requests()).toEqual(once());
  });

  test('one instance asks only the host that measures it', async () => {
    const [subject] = subjects(['Xen_HostMemoryMetricValue']);
    await engine.ready([subject!]);
    const [, uuid] = /Xen:([^/]*)/.exec(String(shown(subject!)['InstanceID']))!;
    expect(requests()).toEqual({ [uuid!]: 1 });
  });
});

describe('values', () => {
  test('every one has a number and a time that is now, whatever form the hosts write', async () => {
    for (const manner of ['text', 'bare', 'unquoted', 'xml', 'late'] as const) {
      now += 1_000_000;
      for (const { uuid } of hosts()) simulator.faults.giveReadings(uuid, manner);
      const missing = (await read()).filter(
        ({ MetricValue }) => !Number.isFinite(Number.parseFloat(String(MetricValue))),
      );
      expect(missing, manner).toEqual([]);
    }
    for (const { TimeStamp, Duration } of await read()) {
      const [year, month, day, hour, minute, second] = String(TimeStamp)
        .match(/^(....)(..)(..)(..)(..)(..)/)!
        .slice(1)
        .map(Number) as [number, number, number, number, number, number];
      expect(Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - Date.now())).toBeLessThan(60_000);
      expect(Duration).toBe('00000000000005.000000:000');
    }
  });

  test('they are those of the hosts: memory is what the records say, a load is a percentage', async () => {
    const totals = (await read(['Xen_HostMemoryMetricValue'])).filter(
      ({ MetricDefinitionId }) => MetricDefinitionId === 'Xen_HostMemoryTotalDef',
    );
    expect(totals.map(({ MetricValue }) => MetricValue)).toEqual(
      totals.map(({ InstanceID }) => {
        const { metrics } = simulator.db.need('host', simulator.db.byUuid('host', String(InstanceID).slice(4, 40))!);
        return String(simulator.db.need('host_metrics', metrics).memory_total);
      }),
    );
    const loads = (await read(['Xen_Processor']))
      .map(({ LoadPercentage }) => LoadPercentage)
      .filter((load) => load !== null);
    expect(loads.length).toBeGreaterThan(10);
    for (const load of loads) expect(load).toBeLessThanOrEqual(100);
  });
});

describe('trouble', () => {
  test('a host that hangs leaves its last samples, and keeps nobody waiting twice', async () => {
    const [first] = hosts();
    await read();
    const before = (await read()).filter(({ InstanceID }) => String(InstanceID).startsWith(`Xen:${first!.uuid}/`));
    simulator.faults.giveReadings(first!.uuid, 'hang');
    now += 5_000;
    const after = await read();
    expect(after.every(({ MetricValue }) => MetricValue !== null)).toBe(true);
    expect(after.filter(({ InstanceID }) => String(InstanceID).startsWith(`Xen:${first!.uuid}/`))).toEqual(before);
    expect(said).toEqual(['a host gives no readings']);
    now += 5_000;
    await read();
    expect(requests()[first!.uuid]).toBe(2);
    expect(said).toHaveLength(1);
  });

  test('a host that fails from the start has values without numbers; the others have theirs', async () => {
    const [first] = hosts();
    simulator.faults.giveReadings(first!.uuid, 'error');
    const other = engineOver(new RrdReadings({ ...options(), now: () => 0 }));
    const found = [...other.enumerate(cimv2, 'Xen_HostMemoryMetricValue')];
    await other.ready(found);
    for (const one of found.map((subject) => shown(subject, other))) {
      expect(one['MetricValue'] === null, String(one['InstanceID'])).toBe(
        String(one['InstanceID']).includes(first!.uuid),
      );
      expect(one['TimeStamp'] === null).toBe(one['MetricValue'] === null);
    }
    expect(said).toEqual(['a host gives no readings']);
  });

  test('sessions that are gone are made again, once for all hosts', async () => {
    simulator.faults.evictSessions();
    const found = await read();
    expect(found.every(({ MetricValue }) => MetricValue !== null)).toBe(true);
    expect(simulator.calls().get('session.login_with_password') ?? 0).toBeLessThanOrEqual(1);
  });

  test('values of a host that died are gone with the event that tells of it', async () => {
    const [, second] = hosts();
    const mine = () =>
      subjects(['Xen_HostMemoryMetricValue']).filter((one) => String(shown(one)['InstanceID']).includes(second!.uuid));
    expect(mine().length).toBe(2);
    await simulator.faults.killHost(second!.uuid);
    await expect.poll(() => mine().length, { timeout: 10_000 }).toBe(0);
    await read();
    expect(requests()[second!.uuid]).toBeUndefined();
    await simulator.faults.reviveHost(second!.uuid);
    await expect.poll(() => mine().length, { timeout: 10_000 }).toBe(2);
  });
});
