import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Argument } from '../../src/cim/operation.js';
import type { Records, Ref } from '../../src/xenapi/records.js';
import { embedded, failEachStep, type Plain, path, type Stage, shown, stage, uuidIn } from './stage.js';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.end());

const service = path('Xen_StoragePoolManagementService', { Name: 'XenServer SR Management Service' });
const call = (name: string, parameters: Readonly<Record<string, Argument>>, user?: string) =>
  on.invoke(service, name, parameters, user);

const share = ['server=192.0.2.100', 'serverpath=/export/spare'];
const settings = (values: Readonly<Record<string, Plain>> = {}) =>
  embedded('Xen_DiskSettingData', { ResourceSubType: 'nfs', Connection: share, Description: 'spare space', ...values });

const create = (values: Readonly<Record<string, Plain>> = {}, more: Readonly<Record<string, Argument>> = {}) =>
  call('CreateStoragePool', { ElementName: 'spare', Settings: settings(values), ...more });

const made = async (values: Readonly<Record<string, Plain>> = {}): Promise<string> => {
  const { returned, output } = await create(values);
  expect(returned).toBe(0);
  return uuidIn(output['Pool']);
};

const byUuid = (uuid: string): [Ref<'SR'>, Records['SR']] => on.one('SR', (sr) => sr.uuid === uuid);
const plugs = (uuid: string) => byUuid(uuid)[1].PBDs.map((ref) => on.db.need('PBD', ref));
const hosts = () => on.db.refs('host').length;
const poolPath = (uuid: string) => path('Xen_StoragePool', { InstanceID: `Xen:Shared/${uuid}` });
const remove = (uuid: string, user?: string) => call('DeleteResourcePool', { Pool: poolPath(uuid) }, user);
const detach = (uuid: string, user?: string) => call('DetachStoragePool', { Pool: poolPath(uuid) }, user);

/** Which hosts are connected to which repositories. */
const connections = () =>
  on.db
    .refs('PBD')
    .map((ref) => on.db.need('PBD', ref))
    .map(({ SR, host, currently_attached }) => `${SR} ${host} ${currently_attached}`)
    .sort();

/** A shared repository with an image in it. */
async function filled(): Promise<string> {
  const uuid = await made();
  const setting = embedded('Xen_DiskSettingData', { PoolID: uuid, VirtualQuantity: 4_194_304, ElementName: 'kept' });
  expect((await call('CreateDiskImage', { ResourceSetting: setting })).returned).toBe(0);
  return uuid;
}

describe('CreateStoragePool', () => {
  test('makes a shared repository that every host is connected to, with the tag of the bridge', async () => {
    let uuid = '';
    const sent = await on.messages(async () => {
      uuid = await made();
    });
    expect(sent).toEqual(['Async.SR.create', 'SR.add_to_other_config', 'SR.remove_from_other_config']);
    const [, record] = byUuid(uuid);
    expect(record).toMatchObject({
      name_label: 'spare',
      name_description: 'spare space',
      type: 'nfs',
      content_type: 'user',
      shared: true,
      other_config: { 'xen-cim-bridge': expect.any(String) },
    });
    expect(plugs(uuid).filter((pbd) => pbd.currently_attached)).toHaveLength(hosts());
    const instance = await on.get(path('Xen_StoragePool', { InstanceID: `Xen:Shared/${uuid}` }));
    expect(shown(instance, 'Name')).toBe('spare');
    await remove(uuid);
  });

  test('a local one is connected to the host that HostResource names, whatever names it', async () => {
    const [ref, { uuid: host, hostname }] = on.one('host', (each) => each.uuid !== '');
    const local = { ResourceSubType: 'ext', Connection: ['device=/dev/sdb'] };
    for (const named of [host, hostname, `root/cimv2:Xen_HostComputerSystem.Name="${host}"`]) {
      const uuid = await made({ ...local, HostResource: [named] });
      expect(byUuid(uuid)[1].shared).toBe(false);
      expect(plugs(uuid).map((pbd) => pbd.host)).toEqual([ref]);
      expect((await remove(uuid)).returned).toBe(0);
    }
  });

  test('a library of media holds media', async () => {
    const library = { ResourceSubType: 'iso', Connection: ['location=192.0.2.100:/export/install'] };
    const uuid = uuidIn((await create(library, { ResourceType: '15' })).output['Pool']);
    expect(byUuid(uuid)[1]).toMatchObject({ content_type: 'iso', shared: true });
    expect((await detach(uuid)).returned).toBe(0);
    expect((await create(library, { ResourceType: '19' })).returned).toBe(7);
    expect((await create({}, { ResourceType: '15' })).returned).toBe(7);
  });

  test.each<[string, Readonly<Record<string, Plain>>, RegExp]>([
    ['no type', { ResourceSubType: null }, /ResourceSubType is missing: one of .*nfs/],
    ['an unknown type', { ResourceSubType: 'floppy' }, /wants one of .*nfs.*got "floppy"/],
    ['no connection', { Connection: null }, /Connection is missing/],
    [
      'a connection without what the type needs',
      { Connection: ['server=192.0.2.100'] },
      /serverpath= in .* is missing/,
    ],
    ['a connection that is no pair', { Connection: ['server'] }, /wants key=value/],
    ['an unknown host', { HostResource: ['nowhere'] }, /no host nowhere/],
    ['a PoolID that is no uuid', { PoolID: 'spare' }, /wants the uuid of a repository/],
  ])('refuses %s', async (_what, values, said) => {
    const error = await on.refused(create(values));
    expect([error.status, error.message]).toEqual(['INVALID_PARAMETER', expect.stringMatching(said)]);
  });

  test('refuses no name and no settings', async () => {
    expect((await on.refused(call('CreateStoragePool', { Settings: settings() }))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(call('CreateStoragePool', { ElementName: 'x' }))).status).toBe('INVALID_PARAMETER');
  });

  test('storage that cannot be reached is a failure of the pool, and leaves nothing', async () => {
    const before = on.census();
    const error = await on.refused(create({ Connection: ['server=192.0.2.1', 'serverpath=/export/spare'] }));
    expect(error.message).toContain('XenError:SR_BACKEND_FAILURE_108');
    expect(on.census()).toEqual(before);
  });

  test('is refused to those who may not, before anything is sent', async () => {
    const sent = await on.messages(async () => {
      const attempt = call('CreateStoragePool', { ElementName: 'spare', Settings: settings() }, 'vm-admin');
      expect((await on.refused(attempt)).status).toBe('ACCESS_DENIED');
    });
    expect(sent).toEqual([]);
  });

  test('nothing stays behind, whatever fails', () =>
    failEachStep(on, ['SR.create', 'SR.remove_from_other_config', 'SR.add_to_other_config'], () => create()));
});

describe('DetachStoragePool, and attaching again by CreateStoragePool', () => {
  test('a repository goes with its connections, and comes back with its images', async () => {
    const uuid = await filled();
    const sent = await on.messages(async () => expect((await detach(uuid)).returned).toBe(0));
    expect(sent).toEqual([...Array(hosts()).fill('Async.PBD.unplug'), 'Async.SR.forget'].sort());
    expect(on.db.find('SR', (sr) => sr.uuid === uuid)).toBeUndefined();

    expect((await create({ PoolID: uuid })).returned).toBe(0);
    expect(plugs(uuid).filter((pbd) => pbd.currently_attached)).toHaveLength(hosts());
    expect(byUuid(uuid)[1].VDIs.map((ref) => on.db.need('VDI', ref).name_label)).toEqual(['kept']);
    await detach(uuid);
  });

  test('each step that fails leaves the pool as it was, connections included', async () => {
    const uuid = await filled();
    const before = connections();
    await failEachStep(on, ['PBD.unplug', 'SR.forget'], () => detach(uuid));
    expect(connections()).toEqual(before);
    await detach(uuid);
    const steps = ['SR.introduce', 'PBD.create', 'PBD.plug', 'SR.add_to_other_config'];
    await failEachStep(on, steps, () => create({ PoolID: uuid }));
  });

  test('hosts that lack a connection get one, the others stay as they are', async () => {
    const uuid = await made();
    const [first, second] = byUuid(uuid)[1].PBDs as [Ref<'PBD'>, Ref<'PBD'>];
    await on.connection.call('PBD.unplug', first);
    await on.connection.call('PBD.unplug', second);
    await on.connection.call('PBD.destroy', second);
    await on.events.caughtUp(5000);
    const attach = () => create({ PoolID: uuid, Connection: null });
    const before = connections();
    await failEachStep(on, ['PBD.plug', 'PBD.create', 'PBD.get_device_config'], attach);
    expect(connections()).toEqual(before);
    expect((await attach()).returned).toBe(0);
    expect(plugs(uuid).filter((pbd) => pbd.currently_attached)).toHaveLength(hosts());
    expect(plugs(uuid).map((pbd) => pbd.device_config['serverpath'])).toEqual(Array(hosts()).fill('/export/spare'));
    expect(await on.messages(attach)).toEqual([]);
    await remove(uuid);
  });

  test('what is not on the storage cannot be attached, and nothing is left of the attempt', async () => {
    const before = on.census();
    const error = await on.refused(create({ PoolID: '00000000-0000-4000-8000-000000000000' }));
    expect(error.message).toContain('XenError:SR_BACKEND_FAILURE_47');
    expect(on.census()).toEqual(before);
  });

  test('machines keep what they use: 6', async () => {
    const [, { VDI }] = on.one('VBD', (vbd) => vbd.currently_attached && vbd.type === 'Disk');
    const { uuid } = on.db.need('SR', on.db.need('VDI', VDI).SR);
    const before = connections();
    expect((await detach(uuid)).returned).toBe(6);
    expect((await remove(uuid)).returned).toBe(6);
    expect(connections()).toEqual(before);
  });

  test('refuses no pool, one that is not there, and those who may not', async () => {
    expect((await on.refused(call('DetachStoragePool', {}))).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(call('DetachStoragePool', { Pool: 'nowhere' }))).status).toBe('NOT_FOUND');
    const uuid = await made();
    expect((await on.refused(detach(uuid, 'vm-admin'))).status).toBe('ACCESS_DENIED');
    await remove(uuid);
  });
});

describe('DeleteResourcePool (CIM_ResourcePoolConfigurationService)', () => {
  test('destroys an empty repository after it was disconnected', async () => {
    const uuid = await made();
    const sent = await on.messages(async () => expect((await remove(uuid)).returned).toBe(0));
    expect(sent).toEqual([...Array(hosts()).fill('Async.PBD.unplug'), 'Async.SR.destroy'].sort());
    expect((await create({ PoolID: uuid }).catch((reason: Error) => reason.message)).toString()).toMatch(/FAILURE_47/);
  });

  test('one with images stays: 6', async () => {
    const uuid = await filled();
    const before = connections();
    const sent = await on.messages(async () => expect((await remove(uuid)).returned).toBe(6));
    expect(sent).toEqual([]);
    expect(connections()).toEqual(before);
    await detach(uuid);
  });

  test('one that is marked as indestructible stays: 1', async () => {
    const uuid = await made();
    await on.connection.call('SR.add_to_other_config', byUuid(uuid)[0], 'indestructible', 'true');
    await on.events.caughtUp(5000);
    expect((await remove(uuid)).returned).toBe(1);
    await detach(uuid);
  });

  test('a pool of processors is none of storage: 7', async () => {
    const [, { uuid }] = on.one('host', () => true);
    const Pool = path('Xen_ProcessorPool', { InstanceID: `Xen:${uuid}/ProcessorPool` });
    expect((await call('DeleteResourcePool', { Pool })).returned).toBe(7);
  });

  test('refuses no pool and those who may not; each failing step leaves all connected', async () => {
    expect((await on.refused(call('DeleteResourcePool', {}))).status).toBe('INVALID_PARAMETER');
    const uuid = await made();
    expect((await on.refused(remove(uuid, 'vm-admin'))).status).toBe('ACCESS_DENIED');
    const before = connections();
    await failEachStep(on, ['PBD.unplug', 'SR.destroy'], () => remove(uuid));
    expect(connections()).toEqual(before);
    await remove(uuid);
  });
});
