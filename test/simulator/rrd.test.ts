import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { parseUpdates } from '../../src/xenapi/rrd-parse.js';

/** Facts of the XenAPI, section 4: what /rrd_updates takes and gives. */
let simulator: Simulator;
let session: string;

async function login(): Promise<string> {
  const body = { method: 'session.login_with_password', params: ['root', 'xenroot', '1.0', 'test'], id: 1 };
  const response = await fetch(`${simulator.url}/jsonrpc`, { method: 'POST', body: JSON.stringify(body) });
  return ((await response.json()) as { result: string }).result;
}

beforeAll(async () => {
  simulator = await startSimulator();
  session = await login();
});
afterAll(() => simulator.stop());

const hosts = () => [...simulator.db.entries('host')].map(([ref, record]) => ({ ref, ...record }));
const running = (host: string) =>
  [...simulator.db.entries('VM')]
    .map(([, vm]) => vm)
    .filter((vm) => vm.resident_on === host && vm.power_state === 'Running');

interface Json {
  readonly meta: { readonly step: string; readonly legend: readonly string[]; readonly end: string };
  readonly data: readonly { readonly t: string; readonly values: readonly string[] }[];
}

const get = (query: string, headers: Record<string, string> = {}, address = '127.0.0.1') =>
  fetch(`http://${address}:${simulator.port}/rrd_updates?${query}`, {
    headers: { accept: 'application/json', cookie: `session_id=${session}`, ...headers },
  });

const json = async (query: string, address?: string): Promise<Json> =>
  (await (await get(query, {}, address)).json()) as Json;

describe('who may read', () => {
  test.each([
    ['a session as a cookie', 'start=-10', {}, 200],
    ['a cookie among others', 'start=-10', { cookie: 'x=1; session_id=SESSION; y=2' }, 200],
    ['a session in the URL', 'start=-10&session_id=SESSION', { cookie: '' }, 200],
    ['name and password', 'start=-10', { cookie: '', authorization: `Basic ${btoa('reader:reader')}` }, 200],
    ['a wrong password', 'start=-10', { cookie: '', authorization: `Basic ${btoa('reader:wrong')}` }, 401],
    ['a session that is none', 'start=-10', { cookie: 'session_id=OpaqueRef:none' }, 401],
    ['nothing', 'start=-10', { cookie: '' }, 401],
  ])('%s', async (_name, query, headers, status) => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, text.replace('SESSION', session)]),
    );
    expect((await get(query.replace('SESSION', session), filled)).status).toBe(status);
  });
});

describe('parameters', () => {
  test.each([
    ['start is missing', 'host=true', 400],
    ['start is no number', 'start=now', 400],
    ['interval is no number', 'start=-10&interval=x', 400],
    ['nothing is selected', 'start=-10&vm_uuid=none', 500],
    ['host is not exactly true', 'start=-10&vm_uuid=none&host=1', 500],
    ['a consolidation that is not kept', 'start=-10&cf=MIN', 500],
  ])('%s', async (_name, query, status) => expect((await get(query)).status).toBe(status));

  test('a negative start counts from the last update; rows come newest first', async () => {
    const { meta, data } = await json('start=-10&host=true');
    expect(data.map(({ t }) => Number(t) - Number(meta.end))).toEqual([0, -5, -10]);
    expect(Number(meta.end) % 5).toBe(0);
    expect(Math.abs(Number(meta.end) - Date.now() / 1000)).toBeLessThan(10);
  });

  test.each([
    ['-600', '5', '5'],
    ['-600', '60', '60'],
    ['-7000', '5', '60'],
    ['-86400', '5', '3600'],
    ['-31536000', '5', '86400'],
  ])('start %s with interval %s is answered from the archive of %s s', async (start, interval, step) => {
    const { meta, data } = await json(`start=${start}&interval=${interval}&vm_uuid=none&host=true`);
    expect(meta.step).toBe(step);
    expect(data.length).toBeGreaterThan(2);
    expect(data.length).toBeLessThanOrEqual(366);
  });

  test('without vm_uuid every resident machine is there, and the host only when asked for', async () => {
    const [host] = hosts();
    const owners = async (query: string) =>
      new Set((await json(query, host!.address)).meta.legend.map((entry) => entry.split(':').slice(1, 3).join(':')));
    const machines = running(host!.ref).map(({ uuid }) => `vm:${uuid}`);
    expect(machines.length).toBeGreaterThan(2);
    expect(await owners('start=-10')).toEqual(new Set(machines));
    expect(await owners('start=-10&host=true')).toEqual(new Set([...machines, `host:${host!.uuid}`]));
    const two = running(host!.ref)
      .slice(0, 2)
      .map(({ uuid }) => uuid);
    expect(await owners(`start=-10&vm_uuid=${two[0]}&vm_uuid=${two[1]}`)).toEqual(
      new Set(two.map((uuid) => `vm:${uuid}`)),
    );
  });

  test('a repository is there when its uuid is asked for, on hosts that have it plugged', async () => {
    const [host] = hosts();
    const pbd = host!.PBDs.map((ref) => simulator.db.need('PBD', ref)).find(
      ({ currently_attached }) => currently_attached,
    )!;
    const { uuid } = simulator.db.need('SR', pbd.SR);
    const { meta } = await json(`start=-10&vm_uuid=none&sr_uuid=${uuid}`, host!.address);
    expect(meta.legend).toEqual([`AVERAGE:sr:${uuid}:size`, `AVERAGE:sr:${uuid}:physical_utilisation`]);
  });
});

describe('forms', () => {
  const typeOf = async (query: string, headers: Record<string, string>) => {
    const response = await get(query, headers);
    return `${response.status} ${response.headers.get('content-type')}`;
  };

  test.each([
    ['application/json', 'start=-10', '200 application/json'],
    ['text/xml', 'start=-10&json=true', '200 text/xml'],
    ['*/*', 'start=-10', '200 application/json'],
    ['image/png', 'start=-10', '406 text/html'],
  ])('Accept: %s with %s', async (accept, query, expected) => expect(await typeOf(query, { accept })).toBe(expected));

  test('JSON and XML say the same, and every number of JSON is a text', async () => {
    const query = `start=-600&interval=60&vm_uuid=none&host=true`;
    const [asJson, asXml] = await Promise.all(
      [get(query), get(query, { accept: 'text/xml' })].map(async (r) => (await r).text()),
    );
    const [one, other] = [parseUpdates(asJson!), parseUpdates(asXml!)];
    expect([...one!].length).toBeGreaterThan(20);
    expect([...other!]).toEqual([...one!]);
    expect(asJson).not.toMatch(/[:,[]-?\d/);
  });

  test('older dialects: bare numbers and NaN; unquoted names; XML whatever is asked for', async () => {
    const [host] = hosts();
    const text = async () => (await get('start=-10&host=true&json=true', {}, host!.address)).text();
    simulator.faults.giveReadings(host!.uuid, 'bare');
    expect(await text()).toMatch(/^\{"meta":\{"start":\d+,/);
    simulator.faults.giveReadings(host!.uuid, 'unquoted');
    expect(await text()).toMatch(/^\{meta:\{start:\d+,/);
    simulator.faults.giveReadings(host!.uuid, 'xml');
    expect(await text()).toMatch(/^<\?xml/);
    simulator.faults.giveReadings(host!.uuid, 'late');
    expect(await text()).toContain('"NaN"');
    simulator.faults.clear();
    expect(await text()).not.toContain('"NaN"');
  });
});

describe('what is measured (facts 4.2)', () => {
  const sources = async (owner: string, address: string) => {
    const samples = parseUpdates(await (await get('start=-600&host=true', {}, address)).text());
    return new Map([...samples].filter(([of]) => of === owner).map(([, name, { value }]) => [name, value]));
  };

  test('of a machine: its processors, memory, disks and ports, in their units', async () => {
    for (const host of hosts()) {
      for (const vm of running(host.ref)) {
        const found = await sources(`vm:${vm.uuid}`, host.address);
        expect(found.get('cpu0')).toBeLessThanOrEqual(1);
        expect(found.get('cpu0')).toBeGreaterThanOrEqual(0);
        expect(found.get('memory')).toBe(Number(simulator.db.need('VM_metrics', vm.metrics).memory_actual));
        for (const ref of vm.VBDs) {
          const { device, currently_attached } = simulator.db.need('VBD', ref);
          expect(found.has(`vbd_${device}_read`)).toBe(currently_attached);
        }
        for (const ref of vm.VIFs) {
          const { device, currently_attached } = simulator.db.need('VIF', ref);
          expect(found.has(`vif_${device}_rx`)).toBe(currently_attached);
        }
      }
    }
  });

  test('of a host: its processors, memory in KiB, ports and repositories', async () => {
    const [host] = hosts();
    const found = await sources(`host:${host!.uuid}`, host!.address);
    const { memory_total } = simulator.db.need('host_metrics', host!.metrics);
    expect(found.get('memory_total_kib')).toBe(Number(memory_total) / 1024);
    expect([...found.keys()].filter((name) => /^cpu\d+$/.test(name))).toHaveLength(host!.host_CPUs.length);
    expect([...found.keys()]).toEqual(expect.arrayContaining(['cpu_avg', 'loadavg', 'pif_eth0_rx', 'pif_aggr_tx']));
    expect([...found.keys()].some((name) => /^io_throughput_read_[\da-f]{8}$/.test(name))).toBe(true);
  });

  test('it moves with time, and is the same at the same time', async () => {
    const query = 'start=-595&vm_uuid=none&host=true';
    const [first, second] = [await json(query), await json(query)];
    const column = first.meta.legend.findIndex((entry) => entry.endsWith(':cpu_avg'));
    const at = ({ data }: Json) => new Map(data.map(({ t, values }) => [t, values[column]]));
    expect(new Set(at(first).values()).size).toBeGreaterThan(50);
    for (const [t, value] of at(second)) if (at(first).has(t)) expect(value).toBe(at(first).get(t));
  });

  test('nothing was measured before the machine was started', async () => {
    const [host] = hosts();
    const [vm] = running(host!.ref);
    const { metrics, uuid } = vm!;
    const started = new Date(simulator.world.clock.now() - 60_000).toISOString().replace(/\.\d+/, '');
    const before = simulator.db.need('VM_metrics', metrics).start_time;
    simulator.db.update('VM_metrics', metrics, { start_time: started });
    const { data } = await json(`start=-300&vm_uuid=${uuid}`, host!.address);
    simulator.db.update('VM_metrics', metrics, { start_time: before });
    expect(data[0]!.values[0]).not.toBe('NaN');
    expect(data.at(-1)!.values[0]).toBe('NaN');
  });
});

test('requests are counted by host, among the calls, and a host can fail or hang', async () => {
  const [host] = hosts();
  simulator.resetCalls();
  simulator.world.readings.resetRequests();
  simulator.faults.giveReadings(host!.uuid, 'error');
  expect((await get('start=-10', {}, host!.address)).status).toBe(500);
  simulator.faults.giveReadings(host!.uuid, 'hang');
  const hung = fetch(`http://${host!.address}:${simulator.port}/rrd_updates?start=-10`, {
    signal: AbortSignal.timeout(50),
  });
  await expect(hung).rejects.toThrow();
  simulator.faults.clear();
  expect(simulator.calls().get('rrd_updates')).toBe(2);
  expect(simulator.world.readings.requests.get(host!.uuid)).toBe(2);
});
