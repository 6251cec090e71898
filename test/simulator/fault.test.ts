import { generate } from 'selfsigned';
import { Agent, fetch as tlsFetch } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { connect, instant, named, post, type TestClient } from './client.js';

let simulator: Simulator;
let client: TestClient;
beforeEach(async () => {
  simulator = await startSimulator({ ...instant, control: true });
  client = await connect(simulator);
});
afterEach(() => simulator.stop());

const at = (address: string) => `http://${address}:${simulator.port}`;
const login = (url: string) => post(url, 'session.login_with_password', ['root', 'xenroot']);

it('a dead host does not answer and is not live; its machines still claim to run', async () => {
  const gamma = named(simulator, 'host', 'xen-gamma');
  const { metrics } = simulator.db.need('host', gamma);
  await simulator.faults.killHost('xen-gamma');
  await expect(login(at('127.0.0.3'))).rejects.toThrow();
  expect(simulator.db.need('host_metrics', metrics).live).toBe(false);
  expect(simulator.db.need('host', gamma).resident_VMs.length).toBeGreaterThan(0);
  await simulator.faults.reviveHost('xen-gamma');
  expect(await login(at('127.0.0.3'))).toMatchObject({ code: 'HOST_IS_SLAVE' });
  expect(simulator.db.need('host_metrics', metrics).live).toBe(true);
});

it('another coordinator lets people in where the old one no longer does (facts 1.6)', async () => {
  simulator.faults.changeCoordinator('xen-beta');
  expect(await login(simulator.url)).toEqual({ code: 'HOST_IS_SLAVE', params: ['127.0.0.2'] });
  expect(await login(at('127.0.0.2'))).toHaveProperty('value');
  expect(await post(at('127.0.0.2'), 'VM.get_all', [client.session])).toMatchObject({ code: 'SESSION_INVALID' });
});

it('the coordinator can die and another take its place', async () => {
  await simulator.faults.killHost('xen-alpha');
  expect(await login(at('127.0.0.2'))).toEqual({ code: 'HOST_IS_SLAVE', params: ['127.0.0.1'] });
  simulator.faults.changeCoordinator('xen-beta');
  expect(await login(at('127.0.0.2'))).toHaveProperty('value');
});

it('a restart loses sessions and tasks and keeps everything else, at the same address', async () => {
  await client.call('VM.set_name_label', named(simulator, 'VM', 'dev-01'), 'kept');
  await client.call('task.create', 'lost', '');
  await simulator.restart();
  expect(await post(simulator.url, 'VM.get_all', [client.session])).toMatchObject({ code: 'SESSION_INVALID' });
  const again = await connect(simulator);
  expect(await again.call('VM.get_by_name_label', 'kept')).toHaveLength(1);
  expect(await again.call('task.get_all')).toEqual([]);
});

it('nobody answers while it does not listen', async () => {
  await simulator.faults.stopListening();
  await expect(login(simulator.url)).rejects.toThrow();
  await simulator.faults.resumeListening();
  expect(await client.call('VM.get_all')).toHaveLength(simulator.db.count('VM'));
});

it('connections are cut, once or for as long as it is said', async () => {
  const waiting = client.call(
    'event.from',
    ['vm'],
    (await client.call<{ token: string }>('event.from', ['pool'], '', 0)).token,
    30,
  );
  const broken = expect(waiting).rejects.toThrow();
  await expect.poll(() => simulator.calls().get('event.from')).toBe(2);
  simulator.faults.cutConnections();
  await broken;
  simulator.faults.refuseConnections(true);
  await expect(client.call('VM.get_all')).rejects.toThrow();
  simulator.faults.refuseConnections(false);
  expect(await client.call('pool.get_all')).toHaveLength(1);
});

it('calls fail and wait as they are told, and then no more', async () => {
  simulator.faults.failNext('VM.get_all', 'HOST_STILL_BOOTING', [], 2);
  expect(await client.refusal('VM.get_all')).toEqual(['HOST_STILL_BOOTING']);
  expect(await client.refusal('VM.get_all')).toEqual(['HOST_STILL_BOOTING']);
  await client.call('VM.get_all');
  simulator.faults.delay('VM.get_all', 60);
  const start = Date.now();
  await client.call('VM.get_all');
  expect(Date.now() - start).toBeGreaterThanOrEqual(55);
  simulator.faults.clear();
});

it('a repository loses a host and gets it back', () => {
  const nfs = named(simulator, 'SR', 'NFS virtual disk storage');
  const pbd = simulator.db.find('PBD', (p) => p.SR === nfs)?.[0] as string;
  simulator.faults.unplugPbd(pbd);
  expect(simulator.db.need('PBD', pbd).currently_attached).toBe(false);
  simulator.faults.plugPbd(pbd);
  expect(simulator.db.need('PBD', pbd).currently_attached).toBe(true);
  expect(() => simulator.faults.unplugPbd('nothing')).toThrow(/no PBD .* "nothing"/);
});

describe('the control endpoint', () => {
  const work = async (body: string) => {
    const response = await fetch(`${simulator.url}/simulator/fault`, { method: 'POST', body });
    return [response.status, await response.json()];
  };

  it('works the faults and reads the counts from another process', async () => {
    expect(await work('{"fault":"failNext","arguments":["VM.get_all","HOST_IN_EMERGENCY_MODE"]}')).toEqual([200, {}]);
    expect(await client.refusal('VM.get_all')).toEqual(['HOST_IN_EMERGENCY_MODE']);
    const counts = (await (await fetch(`${simulator.url}/simulator/calls`)).json()) as Record<string, number>;
    expect(counts['VM.get_all']).toBe(1);
    expect(await work('{"fault":"resetCalls"}')).toEqual([200, {}]);
    expect(await (await fetch(`${simulator.url}/simulator/calls`)).json()).toEqual({});
  });

  it('says what it wants', async () => {
    for (const body of ['nothing', '{"fault":"toString"}', '{"fault":"killHost","arguments":["nobody"]}'])
      expect(await work(body)).toEqual([400, { error: expect.any(String) }]);
  });

  it('is not there unless asked for', async () => {
    const closed = await startSimulator(instant);
    const response = await fetch(`${closed.url}/simulator/fault`, {
      method: 'POST',
      body: '{"fault":"evictSessions"}',
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/html']);
    await closed.stop();
  });
});

it('answers by TLS where it is given a certificate', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'pool' }], { keySize: 2048 });
  const secure = await startSimulator({ ...instant, tls: { cert, key } });
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const body = JSON.stringify({ id: 1, method: 'session.login_with_password', params: ['root', 'xenroot'] });
  const response = await tlsFetch(`${secure.httpsUrl}/jsonrpc`, { method: 'POST', body, dispatcher });
  expect(await response.json()).toMatchObject({ error: null, result: expect.stringMatching(/^OpaqueRef:/) });
  await dispatcher.close();
  await secure.stop();
});
