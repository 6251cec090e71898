import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../src/xenapi/connection.js';
import { EventLoop, type EventLoopOptions } from '../../src/xenapi/events.js';
import { RecordStore } from '../../src/xenapi/store.js';
import { Failure, ScriptedPool } from './scripted-pool.js';

// Several suites share the machine.
vi.setConfig({ testTimeout: 30_000 });
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 20_000 });

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function pool(options: ConstructorParameters<typeof ScriptedPool>[0] = {}): Promise<ScriptedPool> {
  const made = await new ScriptedPool(options).start();
  closers.push(() => made.stop());
  return made;
}

interface Mirror {
  readonly connection: Connection;
  readonly store: RecordStore;
  readonly loop: EventLoop;
}

function mirror(url: string, more: Partial<EventLoopOptions> = {}): Mirror {
  const connection = new Connection({ url, user: 'root', password: 'secret', version: '9', probeTimeoutMs: 1_000 });
  const store = new RecordStore();
  const classes = {
    pool: 'needed',
    host: 'needed',
    VM: 'needed',
    task: 'needed',
    message: 'optional',
    VTPM: 'optional',
  } as const;
  const loop = new EventLoop({
    connection,
    store,
    classes,
    waitSeconds: 1,
    guardMs: 2_000,
    backoffMs: () => 20,
    ...more,
  });
  closers.push(async () => {
    await loop.stop();
    await connection.stop();
  });
  loop.start();
  return { connection, store, loop };
}

async function ready(url: string, more: Partial<EventLoopOptions> = {}): Promise<Mirror> {
  const made = mirror(url, more);
  expect(await made.loop.waitReady(20_000)).toBe(true);
  return made;
}

const vm = (uuid: string, more: object = {}): object => ({ uuid, name_label: uuid, power_state: 'Halted', ...more });
const ref = (n: number | string): string => `OpaqueRef:vm${n}`;

describe('the event loop', () => {
  it('takes its token before it lists, lists only the watched classes, and asks for their events', async () => {
    const host = await pool();
    host.tables['VM'] = { [ref(1)]: vm('a') };
    const { store, loop } = await ready(host.url);
    expect(store.get('VM', ref(1))?.name_label).toBe('a');
    await eventually(() => host.calls('event.from')).toBeGreaterThan(0);
    const methods = host.heard.map(({ method }) => method);
    expect(methods.slice(0, 3)).toEqual(['session.login_with_password', 'pool.get_all_records', 'event.inject']);
    expect(methods.slice(3, methods.indexOf('event.from')).sort()).toEqual(
      ['VM', 'VTPM', 'host', 'message', 'pool', 'task'].map((of) => `${of}.get_all_records`),
    );
    const from = host.heard.find(({ method }) => method === 'event.from');
    expect(from?.params[1]).toEqual(['pool', 'host', 'VM', 'task', 'message', 'VTPM']);
    expect(loop.status()).toMatchObject({ ready: true, reachable: true, reason: 'ok' });
    expect(loop.status().ageMs).toBeLessThan(5_000);
  });

  it('misses nothing that happens while it lists', async () => {
    const host = await pool();
    host.tables['VM'] = { [ref(1)]: vm('a'), [ref(2)]: vm('b') };
    host.answers['VM.get_all_records'] = () => {
      const listed = structuredClone(host.tables['VM']);
      host.change('VM', ref(1), undefined);
      host.change('VM', ref(2), vm('b', { name_label: 'new' }));
      host.change('VM', ref(3), vm('c'));
      delete host.answers['VM.get_all_records'];
      return listed;
    };
    const { store, loop } = await ready(host.url);
    expect(
      await loop.waitFor((view) => view.refs('VM').length === 2 && view.get('VM', ref(3)) !== undefined, 2_000),
    ).toBe(true);
    expect(store.get('VM', ref(2))?.name_label).toBe('new');
  });

  it('makes additions, changes and deletions, as batches', async () => {
    const host = await pool();
    const { store, loop } = await ready(host.url);
    const seen: string[] = [];
    store.listen({
      after: (changes) => seen.push(changes.map(({ of, before, after }) => `${of} ${!!before} ${!!after}`).join()),
    });
    host.change('VM', ref(1), vm('a'));
    expect(await loop.waitFor((view) => view.get('VM', ref(1)) !== undefined, 20_000)).toBe(true);
    host.change('VM', ref(1), vm('a', { power_state: 'Running' }));
    expect(await loop.waitFor((view) => view.get('VM', ref(1))?.power_state === 'Running', 20_000)).toBe(true);
    host.change('VM', ref(1), undefined);
    expect(await loop.waitFor((view) => view.refs('VM').length === 0, 20_000)).toBe(true);
    expect(seen).toEqual(['VM false true', 'VM true true', 'VM true false']);
    expect(await loop.waitFor((view) => view.refs('VM').length === 9, 20)).toBe(false);
  });

  it('can wait until it has caught up with the pool', async () => {
    const host = await pool();
    const { store, loop } = await ready(host.url);
    host.change('VM', ref(1), vm('a'));
    expect(await loop.caughtUp(20_000)).toBe(true);
    expect(store.get('VM', ref(1))).toBeDefined();
  });

  it('leaves out classes that the release does not know, and optional ones that it cannot list', async () => {
    const host = await pool();
    host.answers['VTPM.get_all_records'] = () => {
      throw new Failure('MESSAGE_METHOD_UNKNOWN', 'VTPM.get_all_records');
    };
    host.answers['message.get_all_records'] = () => {
      throw new Failure('INTERNAL_ERROR', 'Sys_error');
    };
    await ready(host.url);
    await eventually(() => host.calls('event.from')).toBeGreaterThan(0);
    expect(host.heard.find(({ method }) => method === 'event.from')?.params[1]).toEqual(['pool', 'host', 'VM', 'task']);
  });

  it('does not become ready without a needed class', async () => {
    const host = await pool();
    host.answers['VM.get_all_records'] = () => {
      throw new Failure('INTERNAL_ERROR', 'Db is broken');
    };
    const { loop } = mirror(host.url);
    await eventually(() => loop.status().reason).toContain('Db is broken');
    expect(loop.status()).toMatchObject({ ready: false, reachable: false });
    delete host.answers['VM.get_all_records'];
    expect(await loop.waitReady(20_000)).toBe(true);
  });
});

describe('deletions that the pool did not tell (valid_ref_counts)', () => {
  it('are found when the counts differ twice in a row, by listing that class again', async () => {
    const host = await pool();
    host.tables['VM'] = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [ref(i), vm(`u${i}`)]));
    const { store, loop } = await ready(host.url);
    for (let i = 0; i < 600; i++) if (i > 3) host.change('VM', ref(i), undefined, true);
    const lists = host.calls('VM.get_all_records');
    host.change('task', 'OpaqueRef:t1', { uuid: 't1' });
    await loop.waitFor((view) => view.byUuid('task', 't1') !== undefined, 2_000);
    expect(store.count('VM')).toBe(600);
    host.change('task', 'OpaqueRef:t2', { uuid: 't2' });
    expect(await loop.waitFor((view) => view.refs('VM').length === 4, 20_000)).toBe(true);
    expect(host.calls('VM.get_all_records')).toBe(lists + 1);
    expect(host.calls('host.get_all_records')).toBe(1);
  });

  it('are not looked for again and again where the pool counts what it does not list', async () => {
    const host = await pool();
    host.countOffsets['VM'] = 2;
    host.tables['VM'] = { [ref(1)]: vm('a') };
    const { loop } = await ready(host.url);
    for (let i = 0; i < 10; i++) {
      host.change('task', `OpaqueRef:t${i}`, { uuid: `t${i}` });
      await loop.waitFor((view) => view.byUuid('task', `t${i}`) !== undefined, 2_000);
    }
    expect(host.calls('VM.get_all_records')).toBe(2);
  });

  it('are looked for among the messages when many came at once, which nothing counts', async () => {
    const host = await pool();
    await ready(host.url);
    await eventually(() => host.calls('event.from')).toBeGreaterThan(0);
    host.answers['event.from'] = () => {
      delete host.answers['event.from'];
      const events = Array.from({ length: 300 }, (_, i) => ({
        class: 'message',
        operation: 'add',
        ref: `OpaqueRef:m${i}`,
        snapshot: { uuid: `m${i}` },
      }));
      return { events, valid_ref_counts: {}, token: `${'9'.repeat(20)},${'0'.repeat(20)}` };
    };
    host.change('task', 'OpaqueRef:t', { uuid: 't' });
    await eventually(() => host.calls('message.get_all_records')).toBeGreaterThan(1);
  });
});

describe('when the pool is away', () => {
  it('at the start, the loop keeps trying and says why (decisions.md 7)', async () => {
    const host = await pool();
    const { port } = host;
    await host.stop();
    const { loop } = mirror(`http://127.0.0.1:${port}`);
    const seen: string[] = [];
    loop.onStatus(({ reachable, reason }) => seen.push(`${reachable} ${reason}`));
    await eventually(() => loop.status().reason).toContain('ECONNREFUSED');
    expect(loop.status()).toMatchObject({ ready: false, reachable: false, ageMs: undefined });
    const again = await pool({ port });
    expect(await loop.waitReady(20_000)).toBe(true);
    expect(seen.at(-1)).toBe('true ok');
    await again.stop();
  });

  it('later, the store stays as it was, and then only what differs is a change', async () => {
    const host = await pool();
    host.tables['VM'] = { [ref(1)]: vm('a'), [ref(2)]: vm('b'), [ref(3)]: vm('c') };
    const { store, loop } = await ready(host.url);
    host.hangUp = true;
    host.evict();
    await eventually(() => loop.status().reachable).toBe(false);
    expect(loop.status().ready).toBe(true);
    expect(store.refs('VM')).toHaveLength(3);
    const seen: string[] = [];
    store.listen({
      after: (changes) =>
        seen.push(changes.map((change) => `${change.ref} ${!!change.before} ${!!change.after}`).join()),
    });
    host.change('VM', ref(1), undefined, true);
    host.change('VM', ref(2), vm('b', { name_label: 'new' }), true);
    host.change('VM', ref(4), vm('d'), true);
    host.hangUp = false;
    await eventually(() => loop.status().reachable).toBe(true);
    expect(seen).toEqual([`${ref(1)} true false,${ref(2)} true true,${ref(4)} false true`]);
  });

  it('a lost session alone goes on with the same token', async () => {
    const host = await pool();
    const { loop } = await ready(host.url);
    await eventually(() => host.calls('event.from')).toBeGreaterThan(0);
    host.evict();
    host.change('VM', ref(1), vm('a'));
    expect(await loop.waitFor((view) => view.refs('VM').length === 1, 20_000)).toBe(true);
    expect(host.calls('VM.get_all_records')).toBe(1);
    expect(host.calls('session.login_with_password')).toBe(2);
    expect(loop.status().reachable).toBe(true);
  });

  it('a pool that counts its events anew is listed again', async () => {
    const host = await pool();
    host.generation = 5_000;
    const { loop } = await ready(host.url);
    host.generation = 10;
    host.tables['VM'] = { [ref(7)]: vm('z') };
    host.evict();
    expect(await loop.waitFor((view) => view.byUuid('VM', 'z') !== undefined, 20_000)).toBe(true);
  });

  it('another coordinator is followed, and everything listed again', async () => {
    const first = await pool({ address: '127.0.0.1' });
    const second = await pool({ address: '127.0.0.2', port: first.port });
    second.tables['VM'] = { [ref(1)]: vm('a') };
    const { loop, connection } = await ready(first.url);
    first.answers['session.login_with_password'] = () => {
      throw new Failure('HOST_IS_SLAVE', '127.0.0.2');
    };
    first.evict();
    expect(await loop.waitFor((view) => view.byUuid('VM', 'a') !== undefined, 20_000)).toBe(true);
    expect(connection.origin).toBe(`http://127.0.0.2:${first.port}`);
  });

  it('a dead coordinator is looked for at the addresses of the hosts', async () => {
    const first = await pool({ address: '127.0.0.1' });
    const second = await pool({ address: '127.0.0.2', port: first.port });
    first.tables['host'] = {
      'OpaqueRef:h1': { uuid: 'h1', address: '127.0.0.1' },
      'OpaqueRef:h2': { uuid: 'h2', address: '127.0.0.2' },
    };
    second.tables['VM'] = { [ref(1)]: vm('a') };
    const { loop } = await ready(first.url);
    await first.stop();
    expect(await loop.waitFor((view) => view.byUuid('VM', 'a') !== undefined, 20_000)).toBe(true);
  });

  it('an ejected host, which is a pool of its own, is not taken for the pool', async () => {
    const host = await pool();
    host.tables['VM'] = { [ref(1)]: vm('a') };
    const { store, loop } = await ready(host.url);
    host.tables['pool'] = { 'OpaqueRef:own': { uuid: 'its-own' } };
    host.tables['VM'] = {};
    host.evict();
    await eventually(() => loop.status().reason).toContain('belongs to the pool its-own');
    expect(store.refs('VM')).toHaveLength(1);
  });

  it('an answer without a token, or none at all, is an outage and no loop', async () => {
    const host = await pool();
    const { loop } = await ready(host.url);
    host.answers['event.from'] = () => ({ events: [] });
    host.evict();
    await eventually(() => loop.status().reason).toContain('without events or token');
    const calls = host.calls('event.from');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(host.calls('event.from') - calls).toBeLessThan(20);
    delete host.answers['event.from'];
    await eventually(() => loop.status().reachable).toBe(true);
  });

  it('stops at once even while a host does not answer its login', async () => {
    const host = await pool();
    host.answers['session.login_with_password'] = () => new Promise(() => {});
    const { loop, connection } = mirror(host.url);
    await eventually(() => host.calls('session.login_with_password')).toBe(1);
    await loop.stop();
    await connection.stop();
    expect(loop.status().ready).toBe(false);
  });

  it('stops at once, and lets those go who wait', async () => {
    const host = await pool();
    const { loop, connection } = await ready(host.url);
    const waiting = loop.waitFor(() => false, 60_000);
    await loop.stop();
    expect(await waiting).toBe(false);
    await connection.stop();
    expect(host.sessions.size).toBe(0);
  });
});

describe('over XML-RPC', () => {
  it('the mirror is the same', async () => {
    const host = await pool({ speaks: 'xml' });
    host.tables['VM'] = {
      [ref(1)]: vm('a', { VCPUs_max: '4', is_a_template: true, VBDs: [], other_config: { 'x & y': '<z>' } }),
    };
    const { store, loop } = await ready(host.url);
    expect(store.get('VM', ref(1))).toMatchObject({
      VCPUs_max: 4n,
      is_a_template: true,
      other_config: { 'x & y': '<z>' },
    });
    host.change('VM', ref(1), vm('a', { VCPUs_max: '8' }));
    expect(await loop.waitFor((view) => view.get('VM', ref(1))?.VCPUs_max === 8n, 20_000)).toBe(true);
  });
});
