import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type Answered, path, type Stage, shown, stage, uuidIn } from './stage.js';

let on: Stage;
let alone: Simulator;
beforeAll(async () => {
  on = await stage({ size: '2x0' });
  alone = await startSimulator({
    size: '1x0',
    subnet: 9,
    port: on.simulator.port,
    settings: { users: [{ name: 'root', password: 'theirs', role: 'pool-admin', localSuperuser: true }] },
    durations: { default: 0 },
  });
  // What a host may not bring along.
  for (const vlan of alone.db.refs('VLAN')) alone.db.remove('VLAN', vlan);
  for (const bond of alone.db.refs('Bond')) alone.db.remove('Bond', bond);
  for (const [sr, { shared }] of alone.db.entries('SR')) if (shared) alone.db.update('SR', sr, { shared: false });
});
afterAll(async () => {
  await alone.stop();
  await on.end();
});

const pool = () => on.db.need('pool', on.db.refs('pool')[0]!);
const newcomer = () => alone.db.need('host', alone.db.refs('host')[0]!);
const add = (parameters: Readonly<Record<string, string>>, user = 'root'): Promise<Answered> =>
  on.invoke(path('Xen_HostPool', { InstanceID: `Xen:${pool().uuid}` }), 'AddHost', parameters, user);

describe('AddHost', () => {
  const theirs = { HostName: '127.9.0.1', Username: 'root', Password: 'theirs' };

  test('wants an address, an administrator of the host, and his right password', async () => {
    const hosts = on.db.refs('host').length;
    for (const wrong of [
      { ...theirs, HostName: '' },
      { ...theirs, HostName: 'user:password@host/path' },
      { ...theirs, Username: '' },
      { HostName: theirs.HostName, Username: 'root' },
      { ...theirs, Password: 'wrong' },
    ]) {
      const error = await on.refused(add(wrong));
      expect(error.status, JSON.stringify(wrong)).toBe('INVALID_PARAMETER');
    }
    expect((await on.refused(add({ ...theirs, HostName: '127.9.0.200' }))).status).toBe('FAILED');
    expect(on.db.refs('host')).toHaveLength(hosts);
  });

  test("hands the bridge's own account to no host for anybody else", async () => {
    const other = await on.refused(add(theirs, 'pool-operator'));
    expect([other.status, other.message]).toEqual(['ACCESS_DENIED', expect.stringContaining('account root')]);
    expect((await on.refused(add(theirs, 'reader'))).status).toBe('ACCESS_DENIED');
    expect(alone.calls().get('pool.join')).toBeUndefined();
  });

  test('is an invalid state (5) for a host of the pool, and while high availability is on', async () => {
    const [, { address }] = on.one('host', () => true);
    expect((await add({ ...theirs, HostName: address })).returned).toBe(5);
    on.db.update('pool', on.db.refs('pool')[0]!, { ha_enabled: true });
    await on.events.caughtUp(10_000);
    expect((await add(theirs)).returned).toBe(5);
    on.db.update('pool', on.db.refs('pool')[0]!, { ha_enabled: false });
    await on.events.caughtUp(10_000);
  });

  test('says what the newcomer says when it cannot join, and leaves it no session', async () => {
    const before = on.census();
    for (const message of ['session.get_this_host', 'host.get_uuid', 'pool.join']) {
      alone.faults.failNext(message, 'POOL_JOINING_EXTERNAL_AUTH_MISMATCH', []);
      const error = await on.refused(add(theirs));
      alone.faults.clear();
      expect(error.message, message).toContain('XenError:POOL_JOINING_EXTERNAL_AUTH_MISMATCH');
      expect(on.census(), message).toEqual(before);
    }
    expect(alone.calls().get('session.logout')).toBe(3);
  });

  test('brings the host into the pool and gives its path', async () => {
    const { uuid } = newcomer();
    const answer = await add(theirs);
    expect(answer.returned).toBe(0);
    expect(uuidIn(answer.output['Host'])).toBe(uuid);
    expect(on.db.find('host', (host) => host.uuid === uuid)).toBeDefined();
    const shownHost = await on.get(answer.output['Host'] as Parameters<Stage['get']>[0]);
    expect(shown(shownHost, 'Name')).toBe(uuid);
  });
});
