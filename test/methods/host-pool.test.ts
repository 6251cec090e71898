import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answered, failEachStep, type Keys, path, type Stage, shown, stage } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

type Given = NonNullable<Parameters<Stage['invoke']>[2]>;

const poolPath = () => path('Xen_HostPool', { InstanceID: `Xen:${pool().uuid}` } as Keys);
const pool = () => on.db.need('pool', on.db.refs('pool')[0]!);
const call = (name: string, parameters: Given = {}, user = 'root'): Promise<Answered> =>
  on.invoke(poolPath(), name, parameters, user);

const hostPath = (uuid: string) =>
  path('Xen_HostComputerSystem', { CreationClassName: 'Xen_HostComputerSystem', Name: uuid });
const storagePath = (uuid: string) => path('Xen_StoragePool', { InstanceID: `Xen:Shared/${uuid}` });

const denied = async (name: string, parameters: Given = {}) =>
  expect((await on.refused(call(name, parameters, 'vm-power-admin'))).status).toBe('ACCESS_DENIED');

describe('Create of the pool of hosts', () => {
  test('gives the pool its name and its description, each by one message; a failing step is undone', async () => {
    const { name_label, name_description } = pool();
    const wanted = { Name: 'Nord', Description: 'Halle 3' };
    await failEachStep(on, ['pool.set_name_label', 'pool.set_name_description'], () => call('Create', wanted));
    expect(pool()).toMatchObject({ name_label, name_description });
    const sent = await on.messages(async () => expect((await call('Create', wanted)).returned).toBe(0));
    expect(sent).toEqual(['pool.set_name_description', 'pool.set_name_label']);
    expect(shown(await on.get(poolPath()), 'ElementName')).toBe('Nord');
    await call('Create', { Name: 'Süd' });
    expect(pool()).toMatchObject({ name_label: 'Süd', name_description: 'Halle 3' });
  });

  test('wants one of both, and the right to change the pool', async () => {
    expect((await on.refused(call('Create'))).status).toBe('INVALID_PARAMETER');
    await denied('Create', { Name: 'mine' });
    expect(pool().name_label).not.toBe('mine');
  });
});

describe('SetDefaultStoragePool', () => {
  const another = () =>
    on.one(
      'SR',
      ({ content_type, PBDs }) =>
        content_type !== 'iso' && PBDs.some((pbd) => on.db.need('PBD', pbd).currently_attached),
    );
  const set = (uuid: string, user = 'root') => call('SetDefaultStoragePool', { StoragePool: storagePath(uuid) }, user);

  test('makes a repository the default one', async () => {
    const before = pool().default_SR;
    const [ref, { uuid }] = another();
    await failEachStep(on, ['pool.set_default_SR'], () => set(uuid));
    expect(pool().default_SR).toBe(before);
    const sent = await on.messages(async () => expect((await set(uuid)).returned).toBe(0));
    expect(sent).toEqual(['pool.set_default_SR']);
    expect(pool().default_SR).toBe(ref);
    expect(shown(await on.get(poolPath()), 'DefaultStoragePoolID')).toBe(uuid);
    await set(on.db.need('SR', before).uuid);
  });

  test('refuses what is no repository for disks, and callers without the right', async () => {
    expect((await on.refused(call('SetDefaultStoragePool'))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(set('00000000-0000-0000-0000-000000000000'))).status).toBe('NOT_FOUND');
    const [, iso] = on.one('SR', ({ content_type }) => content_type === 'iso');
    expect((await on.refused(set(iso.uuid))).status).toBe('INVALID_PARAMETER');
    const [, { uuid }] = another();
    expect((await on.refused(set(uuid, 'vm-power-admin'))).status).toBe('ACCESS_DENIED');
  });

  test('is an invalid state (5) for a repository that is attached nowhere', async () => {
    const [, { uuid, PBDs }] = on.one('SR', ({ type, PBDs }) => type === 'ext' && PBDs.length === 1);
    const attach = async (currently_attached: boolean) => {
      on.db.update('PBD', PBDs[0]!, { currently_attached });
      await on.events.caughtUp(10_000);
    };
    await attach(false);
    expect((await set(uuid)).returned).toBe(5);
    await attach(true);
  });
});

describe('EnableHighAvailability and DisableHighAvailability', () => {
  test('turn it on and off; neither can be done twice, and each needs the right', async () => {
    expect((await call('DisableHighAvailability')).returned, 'while it is off').toBe(5);
    await denied('EnableHighAvailability');
    await failEachStep(on, ['pool.enable_ha'], () => call('EnableHighAvailability'));
    expect(pool().ha_enabled).toBe(false);

    const images = on.db.refs('VDI').length;
    const sent = await on.messages(async () => expect((await call('EnableHighAvailability')).returned).toBe(0));
    expect(sent).toEqual(['Async.pool.enable_ha']);
    expect(pool().ha_enabled).toBe(true);
    expect(shown(await on.get(poolPath()), 'HighAvailabilityEnabled')).toBe(true);
    expect((await call('EnableHighAvailability')).returned, 'while it is on').toBe(5);
    const [, member] = on.one('host', ({ uuid }) => uuid !== on.db.need('host', pool().master).uuid);
    expect((await call('RemoveHost', { Host: hostPath(member.uuid) })).returned, 'no host may leave').toBe(5);

    await denied('DisableHighAvailability');
    await failEachStep(on, ['pool.disable_ha'], () => call('DisableHighAvailability'));
    expect((await call('DisableHighAvailability')).returned).toBe(0);
    expect(pool().ha_enabled).toBe(false);
    expect(on.db.refs('VDI')).toHaveLength(images);
  });

  test('says what the pool says when its storage cannot hold the heartbeat', async () => {
    const { default_SR } = pool();
    const [local] = on.one('SR', ({ type }) => type === 'ext');
    on.db.update('pool', on.db.refs('pool')[0]!, { default_SR: local });
    await on.events.caughtUp(10_000);
    const error = await on.refused(call('EnableHighAvailability'));
    expect(error.message).toContain('XenError:INCOMPATIBLE_STATEFILE_SR');
    on.db.update('pool', on.db.refs('pool')[0]!, { default_SR: 'OpaqueRef:NULL' as typeof default_SR });
    await on.events.caughtUp(10_000);
    expect((await call('EnableHighAvailability')).returned, 'without any').toBe(5);
    on.db.update('pool', on.db.refs('pool')[0]!, { default_SR });
    await on.events.caughtUp(10_000);
  });
});

describe('RemoveHost', () => {
  const remove = (uuid: string, user = 'root') => call('RemoveHost', { Host: hostPath(uuid) }, user);

  test('is an invalid state (5) for the coordinator and for a host with machines', async () => {
    expect((await remove(on.db.need('host', pool().master).uuid)).returned).toBe(5);
    const [, busy] = on.one(
      'host',
      ({ uuid, resident_VMs }) =>
        uuid !== on.db.need('host', pool().master).uuid &&
        resident_VMs.some((vm) => !on.db.need('VM', vm).is_control_domain),
    );
    expect((await remove(busy.uuid)).returned).toBe(5);
  });

  test('wants a host that there is', async () => {
    expect((await on.refused(call('RemoveHost'))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(remove('00000000-0000-0000-0000-000000000000'))).status).toBe('NOT_FOUND');
  });

  test('takes an empty host out of the pool', async () => {
    const [ref, { uuid, resident_VMs }] = on.one(
      'host',
      (host) => host.uuid !== on.db.need('host', pool().master).uuid,
    );
    for (const vm of resident_VMs) {
      if (on.db.need('VM', vm).is_control_domain) continue;
      await on.connection.call('VM.hard_shutdown', vm);
    }
    await on.events.caughtUp(10_000);
    expect((await on.refused(remove(uuid, 'vm-power-admin'))).status).toBe('ACCESS_DENIED');
    await failEachStep(on, ['pool.eject'], () => remove(uuid));
    const sent = await on.messages(async () => expect((await remove(uuid)).returned).toBe(0));
    expect(sent).toEqual(['Async.pool.eject']);
    expect(on.db.get('host', ref)).toBeUndefined();
    expect((await on.refused(on.get(hostPath(uuid)))).status).toBe('NOT_FOUND');
  });
});
