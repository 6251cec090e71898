import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { connect, instant, named, type TestClient } from './client.js';

interface Batch {
  readonly events: readonly {
    readonly class: string;
    readonly operation: string;
    readonly ref: string;
    readonly id: string;
    readonly snapshot?: Record<string, unknown>;
  }[];
  readonly valid_ref_counts: Readonly<Record<string, number>>;
  readonly token: string;
}

let simulator: Simulator;
let client: TestClient;
beforeEach(async () => {
  simulator = await startSimulator(instant);
  client = await connect(simulator);
});
afterEach(() => simulator.stop());

const from = (classes: readonly string[], token: string, timeout = 0) =>
  client.call<Batch>('event.from', classes, token, timeout);
const now = async () => (await from(['pool'], '')).token;
const kinds = ({ events }: Batch) => events.map((e) => `${e.operation} ${e.class} ${e.ref}`);

describe('event.from (facts 2.1)', () => {
  it('an empty token gives every object as add with its record, and a token of two numbers of 20 digits', async () => {
    const batch = await from(['VM', 'host'], '');
    expect(batch.events).toHaveLength(simulator.db.count('VM') + simulator.db.count('host'));
    expect(new Set(batch.events.map((e) => e.operation))).toEqual(new Set(['add']));
    expect(new Set(batch.events.map((e) => e.class))).toEqual(new Set(['vm', 'host']));
    expect(batch.events[0]).toMatchObject({ timestamp: '0.0', snapshot: { uuid: expect.any(String) } });
    expect(batch.token).toMatch(/^\d{20},\d{20}$/);
  });

  it('* is every class but session, user and secret', async () => {
    const classes = new Set((await from(['*'], '')).events.map((e) => e.class));
    expect(classes).toContain('message');
    expect(classes).toContain('pif_metrics');
    for (const silent of ['session', 'user', 'secret']) expect(classes).not.toContain(silent);
  });

  it('one event an object: add if made since, mod if changed, del if gone, nothing if made and gone', async () => {
    const [vm, host] = [named(simulator, 'VM', 'dev-01'), named(simulator, 'host', 'xen-alpha')];
    const old = await client.call<string>('network.create', { name_label: 'old', other_config: {} });
    const token = await now();
    await client.call('VM.set_name_label', vm, 'one');
    await client.call('VM.set_name_label', vm, 'two');
    const made = await client.call<string>('network.create', { name_label: 'a', other_config: {} });
    await client.call('network.set_name_label', made, 'b');
    const brief = await client.call<string>('network.create', { name_label: 'brief', other_config: {} });
    await client.call('network.destroy', brief);
    await client.call('network.destroy', old);
    const batch = await from(['network', 'vm'], token);
    expect(kinds(batch)).toEqual([`add network ${made}`, `mod vm ${vm}`, `del network ${old}`]);
    expect(batch.events[0]?.snapshot).toMatchObject({ name_label: 'b' });
    expect(batch.events[1]?.snapshot).toMatchObject({ name_label: 'two' });
    expect(batch.events[2]).not.toHaveProperty('snapshot');
    expect(kinds(await from(['*'], batch.token))).toEqual([]);
    expect(kinds(await from([`host/${host}`, `vm/${vm}`], token))).toEqual([`mod vm ${vm}`]);
  });

  it('a write of what is there already is no event', async () => {
    const vm = named(simulator, 'VM', 'dev-01');
    const token = await now();
    await client.call('VM.set_name_label', vm, 'dev-01');
    await client.call('VM.set_tags', vm, []);
    expect((await from(['*'], token)).events).toEqual([]);
  });

  it('a change of what leads back is an event of that object too', async () => {
    const [vm, network] = [named(simulator, 'VM', 'dev-01'), named(simulator, 'network', 'Internal')];
    const token = await now();
    const fields = {
      device: '5',
      network,
      VM: vm,
      MAC: '',
      MTU: 1500,
      other_config: {},
      qos_algorithm_type: '',
      qos_algorithm_params: {},
    };
    const vif = await client.call('VIF.create', fields);
    const batch = await from(['vif', 'vm', 'network'], token);
    expect(kinds(batch).sort()).toEqual([`add vif ${vif}`, `mod network ${network}`, `mod vm ${vm}`]);
    const network2 = batch.events.find((e) => e.class === 'network');
    expect(network2?.snapshot?.['VIFs']).toContain(vif);
  });

  it('counts every table in lower case, subscribed or not, and no messages', async () => {
    const { valid_ref_counts } = await from(['pool'], await now());
    expect(valid_ref_counts['vm']).toBe(simulator.db.count('VM'));
    expect(valid_ref_counts['vm_guest_metrics']).toBe(simulator.db.count('VM_guest_metrics'));
    expect(valid_ref_counts['session']).toBe(1);
    expect(valid_ref_counts).not.toHaveProperty('message');
  });

  it('of more than 512 deletions the oldest go missing without a word; only the counts tell (facts 0.1)', async () => {
    const { db } = simulator;
    const [, network] = db.find('network', () => true) as NonNullable<ReturnType<typeof db.find>>;
    const refs = Array.from({ length: 600 }, (_, i) => `OpaqueRef:${i}`);
    for (const ref of refs) db.insert('network', ref, { ...network, uuid: ref });
    const { token, valid_ref_counts: before } = await from(['network'], '');
    for (const ref of refs) db.remove('network', ref);
    const batch = await from(['network'], token);
    expect(batch.events.length).toBeGreaterThanOrEqual(256);
    expect(batch.events.length).toBeLessThan(512);
    expect((before['network'] as number) - (batch.valid_ref_counts['network'] as number)).toBe(600);
  });

  it('messages come first, with id 0, as add and del only', async () => {
    const token = await now();
    const vm = named(simulator, 'VM', 'dev-01');
    await client.call('VM.start', vm, false, true);
    const batch = await from(['vm', 'message'], token);
    expect(batch.events[0]).toMatchObject({
      class: 'message',
      id: '0',
      operation: 'add',
      snapshot: { name: 'VM_STARTED', priority: 5 },
    });
    await client.call('message.destroy', batch.events[0]?.ref);
    expect(kinds(await from(['message'], batch.token))).toEqual([`del message ${batch.events[0]?.ref}`]);
  });

  it('waits until something changes, or the time is over', async () => {
    const token = await now();
    const waiting = from(['vm'], token, 30);
    await client.call('VM.set_name_label', named(simulator, 'VM', 'dev-01'), 'changed');
    expect((await waiting).events).toHaveLength(1);
    const empty = await from(['vm'], (await waiting).token, 0.05);
    expect([empty.events, empty.token]).toEqual([[], expect.stringMatching(/^\d{20},\d{20}$/)]);
  });

  it('a waiting call ends with SESSION_INVALID when its session does', async () => {
    const waiting = client.refusal('event.from', ['vm'], await now(), 30);
    await new Promise((resolve) => setTimeout(resolve, 20));
    simulator.faults.evictSessions();
    expect(await waiting).toEqual(['SESSION_INVALID', client.session]);
  });

  it('refuses what is no token and no subscription', async () => {
    expect(await client.refusal('event.from', ['vm'], 'soon', 0)).toEqual(['EVENT_FROM_TOKEN_PARSE_FAILURE', 'soon']);
    expect(await client.refusal('event.from', ['vm/a/b'], '', 0)).toEqual([
      'EVENT_SUBSCRIPTION_PARSE_FAILURE',
      'vm/a/b',
    ]);
  });

  it('gathers what comes within its delays into one answer', async () => {
    await simulator.stop();
    simulator = await startSimulator({ ...instant, settings: { eventDelay: { before: 0, between: 1_000 } } });
    client = await connect(simulator);
    const token = await now();
    const before = simulator.calls().get('event.from')!;
    const waiting = from(['network'], token, 30);
    await expect.poll(() => simulator.calls().get('event.from')).toBe(before + 1);
    await client.call('network.get_all');
    for (const ref of simulator.db.refs('network').slice(0, 3)) {
      simulator.db.update('network', ref, { name_description: 'changed' });
      await nextTurn();
    }
    expect((await waiting).events.length).toBe(3);
  });
});

describe('event.inject (facts 2.1)', () => {
  it('touches the object and gives the token of the moment before', async () => {
    const [pool] = simulator.db.refs('pool');
    const token = await client.call<string>('event.inject', 'pool', pool);
    expect(kinds(await from(['pool'], token))).toEqual([`mod pool ${pool}`]);
  });

  it('wants the table’s real name and an object of it', async () => {
    const [pool] = simulator.db.refs('pool');
    expect(await client.refusal('event.inject', 'Pool', pool)).toEqual(['HANDLE_INVALID', 'Pool', pool]);
    expect(await client.refusal('event.inject', 'pool', 'x')).toEqual(['HANDLE_INVALID', 'pool', 'x']);
  });
});

it('a database that was put back leaves old tokens deaf (faults)', async () => {
  const { token } = await from(['*'], '');
  for (let i = 0; i < 50; i++)
    await client.call(
      'VM.set_name_label',
      named(simulator, 'VM', `dev-01${'x'.repeat(i)}`),
      `dev-01${'x'.repeat(i + 1)}`,
    );
  const later = (await from(['*'], token)).token;
  simulator.faults.loseTokens();
  await client.call('network.create', { name_label: 'unheard', other_config: {} });
  const batch = await from(['network'], later);
  expect([batch.events, batch.token]).toEqual([[], later]);
});
