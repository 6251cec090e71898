import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.js';
import { Connection } from '../../src/xenapi/connection.js';
import { TransportError, XenApiError } from '../../src/xenapi/error.js';
import { EventLoop } from '../../src/xenapi/events.js';
import type { RemoteClass } from '../../src/xenapi/records.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { watchedClasses } from '../../src/xenapi/watched-class.js';

// Several suites share the machine.
vi.setConfig({ testTimeout: 30_000 });
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function simulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const made = await startSimulator(options);
  closers.push(() => made.stop());
  return made;
}

interface Mirror {
  readonly connection: Connection;
  readonly store: RecordStore;
  readonly loop: EventLoop;
}

type ProtocolName = 'json-rpc' | 'xml-rpc';

function connect(url: string, protocol: ProtocolName): Connection {
  const connection = new Connection({
    url,
    user: 'root',
    password: 'xenroot',
    version: '9',
    probeTimeoutMs: 2_000,
    endpoint: { protocol },
  });
  closers.push(() => connection.stop());
  return connection;
}

async function mirror(url: string, protocol: ProtocolName): Promise<Mirror> {
  const connection = connect(url, protocol);
  const store = new RecordStore();
  const loop = new EventLoop({ connection, store, waitSeconds: 2, guardMs: 3_000, backoffMs: () => 50 });
  closers.push(() => loop.stop());
  loop.start();
  expect(await loop.waitReady(20_000)).toBe(true);
  return { connection, store, loop };
}

const classes = Object.keys(watchedClasses) as RemoteClass[];

/** The store holds what a fresh one would: counts, records and order. */
async function expectFresh(store: RecordStore, url: string, protocol: ProtocolName): Promise<void> {
  const fresh = await mirror(url, protocol);
  await fresh.loop.stop();
  for (const of of classes) {
    expect(store.refs(of), of).toEqual(fresh.store.refs(of));
    // Host and pool are touched all the time; what they hold is compared where it is still.
    for (const ref of store.refs(of)) expect(store.get(of, ref), `${of} ${ref}`).toEqual(fresh.store.get(of, ref));
  }
}

const only = (error: unknown) => error;
const caught = (call: Promise<unknown>) => call.then(() => undefined, only);

describe.each<ProtocolName>(['json-rpc', 'xml-rpc'])('a pool over %s', (protocol) => {
  it('is mirrored whole', async () => {
    const pool = await simulator();
    const { store, loop } = await mirror(pool.url, protocol);
    expect(store.count('host')).toBe(3);
    expect(store.count('VM')).toBe(pool.db.count('VM'));
    for (const ref of store.refs('VM')) {
      const real = pool.db.need('VM', ref);
      expect(store.get('VM', ref)).toMatchObject({
        uuid: real.uuid,
        memory_static_max: real.memory_static_max,
        power_state: real.power_state,
      });
    }
    expect([...loop.readers.wrong]).toEqual([]);
    await expectFresh(store, pool.url, protocol);
  });

  it('does what is asked of it, and the mirror shows it', async () => {
    const pool = await simulator();
    const { store, loop, connection } = await mirror(pool.url, protocol);
    const vm = store.refs('VM').find((ref) => {
      const record = store.get('VM', ref)!;
      return record.power_state === 'Running' && !record.is_control_domain;
    })!;
    await connection.call('VM.hard_shutdown', vm);
    expect(await loop.caughtUp(20_000)).toBe(true);
    expect(store.get('VM', vm)).toMatchObject({ power_state: 'Halted', resident_on: 'OpaqueRef:NULL' });
    const error = await caught(connection.call('VM.hard_shutdown', vm));
    expect(error).toBeInstanceOf(XenApiError);
    expect((error as XenApiError).text(() => 'the machine web01')).toMatch(
      /^the machine web01 is halted.*XenError:VM_BAD_POWER_STATE:OpaqueRef:/,
    );
    await connection.call('VM.set_memory_limits', vm, 2n ** 30n, 2n ** 31n, 2n ** 30n, 2n ** 31n);
    await connection.call('VM.set_name_label', vm, 'a <b> & "c" ü');
    expect(await loop.waitFor((view) => view.get('VM', vm)?.name_label === 'a <b> & "c" ü', 20_000)).toBe(true);
    expect(store.get('VM', vm)?.memory_static_max).toBe(2n ** 31n);
    await expectFresh(store, pool.url, protocol);
  });

  it('loses more than 512 machines of which events do not tell', async () => {
    const pool = await simulator({ size: '2x700' });
    const { store, loop, connection } = await mirror(pool.url, protocol);
    const before = store.count('VM');
    const gone = store
      .refs('VM')
      .filter((ref) => !store.get('VM', ref)?.is_control_domain)
      .slice(0, 600);
    await eventually(() => pool.calls().get('event.from') ?? 0).toBeGreaterThan(0);
    for (const ref of gone) pool.db.remove('VM', ref);
    pool.faults.forgetDeletions();
    await connection.call('pool.set_name_label', pool.world.pool(), 'p1');
    await loop.caughtUp(20_000);
    await connection.call('pool.set_name_label', pool.world.pool(), 'p2');
    expect(await loop.waitFor((view) => view.refs('VM').length === before - 600, 20_000)).toBe(true);
    await expectFresh(store, pool.url, protocol);
  });

  it('is entered at a member, which names the coordinator', async () => {
    const pool = await simulator();
    const member = pool.db.refs('host').find((ref) => ref !== pool.world.coordinator())!;
    const { address } = pool.db.need('host', member);
    const { connection, store } = await mirror(`http://${address}:${pool.port}`, protocol);
    expect(connection.origin).toBe(pool.url);
    expect(store.count('host')).toBe(3);
  });

  it('gets another coordinator', async () => {
    const pool = await simulator();
    const { connection, store, loop } = await mirror(pool.url, protocol);
    const next = pool.db.refs('host').find((ref) => ref !== pool.world.coordinator())!;
    pool.faults.changeCoordinator(next);
    expect(await loop.waitFor((view) => view.get('pool', pool.world.pool())?.master === next, 20_000)).toBe(true);
    expect(connection.origin).toBe(`http://${pool.db.need('host', next).address}:${pool.port}`);
    expect(await connection.call('pool.get_all')).toHaveLength(1);
    await expectFresh(store, pool.url, protocol);
  });

  it('loses its coordinator for good', async () => {
    const pool = await simulator();
    const { connection, loop } = await mirror(pool.url, protocol);
    const old = pool.world.coordinator();
    const next = pool.db.refs('host').find((ref) => ref !== old)!;
    await pool.faults.killHost(old);
    expect(await caught(connection.call('VM.get_all'))).toBeInstanceOf(TransportError);
    pool.faults.changeCoordinator(next);
    expect(await loop.waitFor((view) => view.get('pool', pool.world.pool())?.master === next, 20_000)).toBe(true);
    expect(loop.status()).toMatchObject({ ready: true });
  });

  it('ends the session', async () => {
    const pool = await simulator();
    const { store, loop, connection } = await mirror(pool.url, protocol);
    await eventually(() => pool.calls().get('event.from') ?? 0).toBeGreaterThan(0);
    const listed = pool.calls().get('VM.get_all_records');
    pool.faults.evictSessions();
    await connection.call('pool.set_name_label', pool.world.pool(), 'renamed');
    expect(await loop.waitFor((view) => view.get('pool', pool.world.pool())?.name_label === 'renamed', 10_000)).toBe(
      true,
    );
    expect(pool.calls().get('VM.get_all_records')).toBe(listed);
    await expectFresh(store, pool.url, protocol);
  });

  it('restarts, and has changed meanwhile', async () => {
    const pool = await simulator();
    const { store, loop } = await mirror(pool.url, protocol);
    await pool.faults.stopListening();
    await eventually(() => loop.status().reachable).toBe(false);
    const vm = store.refs('VM')[0]!;
    pool.db.update('VM', vm, { name_label: 'changed meanwhile' });
    pool.world.sessions.closeAll();
    expect(store.get('VM', vm)?.name_label).not.toBe('changed meanwhile');
    await pool.faults.resumeListening();
    expect(await loop.waitFor((view) => view.get('VM', vm)?.name_label === 'changed meanwhile', 20_000)).toBe(true);
    expect(loop.status()).toMatchObject({ reachable: true, reason: 'ok' });
    await expectFresh(store, pool.url, protocol);
  });

  it('is put back from a backup', async () => {
    const pool = await simulator();
    const { store, loop } = await mirror(pool.url, protocol);
    await eventually(() => pool.calls().get('event.from') ?? 0).toBeGreaterThan(0);
    const listed = pool.calls().get('VM.get_all_records') ?? 0;
    pool.faults.loseTokens();
    pool.faults.evictSessions();
    await eventually(() => pool.calls().get('VM.get_all_records') ?? 0).toBeGreaterThan(listed);
    expect(await loop.caughtUp(20_000)).toBe(true);
    await expectFresh(store, pool.url, protocol);
  });

  it.each([
    ['root', 'xenroot', 'pool-admin'],
    ['operator', 'operator', 'vm-operator'],
    ['reader', 'reader', 'read-only'],
    ['reader', 'wrong', undefined],
    ['nobody', 'x', undefined],
  ])('knows the role of %s with the password %s', async (user, password, role) => {
    const pool = await simulator();
    const connection = connect(pool.url, protocol);
    await connection.connect();
    expect(await connection.checkLogin(user, password)).toBe(role);
  });
});
