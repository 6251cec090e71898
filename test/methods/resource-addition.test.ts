import { describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import {
  call,
  disk,
  display,
  fresh,
  looseImage,
  memory,
  on,
  pair,
  port,
  processors,
  running,
} from './machine-stage.js';
import { type Answered, embedded, failEachStep, settingPath, shown, systemPath, uuidIn } from './stage.js';

describe('AddResourceSettings', () => {
  const add = (uuid: string, ResourceSettings: readonly CimInstance[], user = 'root') =>
    call('AddResourceSettings', { AffectedConfiguration: settingPath(uuid), ResourceSettings }, user);

  test('adds resources in a job that tells which', async () => {
    const { uuid, now } = await fresh('grows');
    const job = await on.job(await add(uuid, [disk(1n << 30n), port(), pair('a/b', 'c')]));
    expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
    const told = shown(job, 'AffectedResources') as readonly string[];
    expect(told.map((text) => /:(\w+)\./.exec(text)![1])).toEqual([
      'Xen_DiskSettingData',
      'Xen_NetworkPortSettingData',
      'Xen_KVPSettingData',
    ]);
    expect([now().VBDs.length, now().VIFs.length, now().xenstore_data]).toEqual([3, 2, { 'vm-data/a/b': 'c' }]);
    expect((await on.list('Xen_KVP')).some((each) => shown(each, 'Key') === 'a/b')).toBe(true);
  });

  test('keys and values alone are there when it answers', async () => {
    const { uuid, now } = await fresh('talks');
    expect((await add(uuid, [pair('k', '1')])).returned).toBe(0);
    expect((await add(uuid, [pair('k', '2')])).returned).toBe(0);
    expect(now().xenstore_data).toEqual({ 'vm-data/k': '2' });
  });

  test('an image that is there is shown, and stays when the machine goes', async () => {
    const { uuid } = await fresh('reader of images');
    const { ref, uuid: image } = await looseImage();
    const HostResource = [`root/cimv2:Xen_DiskImage.DeviceID="Xen:x/${image}"`];
    const given = embedded('Xen_DiskSettingData', { ResourceType: 19, HostResource });
    expect(shown(await on.job(await add(uuid, [given])), 'ErrorDescription')).toBeNull();
    expect(on.db.need('VDI', ref).VBDs).toHaveLength(1);
  });

  test('a network port is put on the network of the VLAN that it names', async () => {
    const { uuid, now } = await fresh('tagged');
    const tagged = (vlan: string) => embedded('Xen_NetworkPortSettingData', { ResourceType: 33, Connection: [vlan] });
    expect(shown(await on.job(await add(uuid, [tagged('200')])), 'ErrorDescription')).toBeNull();
    const { network } = on.db.need('VIF', now().VIFs.at(-1)!);
    expect(on.db.need('network', network).PIFs.map((pif) => on.db.need('PIF', pif).VLAN)).toContain(200n);
    await expect(add(uuid, [tagged('4094')])).rejects.toThrow(/VLAN 4094/);
  });

  test('a machine that runs gets them as it runs', async () => {
    const [ref, { uuid }] = running();
    const job = await on.job(await add(uuid, [disk(1n << 30n), port()]));
    expect(shown(job, 'ErrorDescription')).toBeNull();
    const { VBDs, VIFs } = on.db.need('VM', ref);
    const ours = [...VBDs.map((each) => on.db.need('VBD', each)), ...VIFs.map((each) => on.db.need('VIF', each))];
    const added = ours.filter(({ other_config }) => other_config['xen-cim-bridge'] === uuidIn(job.path));
    expect(added.map(({ currently_attached }) => currently_attached)).toEqual([true, true]);
  });

  test('refuses what is missing or wrong, and whom the role does not allow it', async () => {
    const { uuid } = await fresh('unchanged');
    const status = async (call: Promise<Answered>) => (await on.refused(call)).status;
    expect(await status(call('AddResourceSettings', { AffectedConfiguration: settingPath(uuid) }))).toBe(
      'INVALID_PARAMETER',
    );
    expect(await status(call('AddResourceSettings', { ResourceSettings: [pair()] }))).toBe('INVALID_PARAMETER');
    expect(await status(add('none', [pair()]))).toBe('NOT_FOUND');
    expect(await status(add(uuid, [embedded('Xen_KVP', { Key: 'k' })]))).toBe('INVALID_PARAMETER');
    expect(await status(add(uuid, [disk(1n << 30n)], 'vm-operator'))).toBe('ACCESS_DENIED');
  });

  test('a failure of any step leaves nothing behind', async () => {
    const { uuid } = await fresh('as it was');
    const messages = [
      'VDI.create',
      'VBD.create',
      'VM.get_allowed_VIF_devices',
      'VIF.create',
      'VM.add_to_xenstore_data',
    ];
    await failEachStep(on, messages, () => add(uuid, [disk(1n << 30n), port(), pair()]));
    const [ref, live] = running();
    const devices = live.VBDs.length + live.VIFs.length;
    await failEachStep(on, ['VBD.plug', 'VIF.plug', 'VBD.get_allowed_operations'], () =>
      add(live.uuid, [disk(1n << 30n), port()]),
    );
    const { VBDs, VIFs } = on.db.need('VM', ref);
    expect(VBDs.length + VIFs.length).toBe(devices);
  });
});

describe('AddResourceSetting', () => {
  test('answers when it is done, with the settings that came of it', async () => {
    const { uuid, now } = await fresh('grows by one');
    const add = (ResourceSetting: CimInstance) =>
      call('AddResourceSetting', { AffectedSystem: systemPath(uuid), ResourceSetting });
    const answer = await add(disk(1n << 30n));
    expect(answer.returned).toBe(0);
    const found = await on.get(answer.output['ResultingResourceSetting'] as never);
    expect(found.shape.className).toBe('Xen_DiskSettingData');
    await add(memory(1024n));
    await add(processors(4n));
    expect(now()).toMatchObject({ memory_static_max: 1n << 30n, VCPUs_max: 4n });
    expect((await add(display)).output).toEqual({});
  });

  test('refuses what is missing', async () => {
    const { uuid } = await fresh('as it is');
    expect((await on.refused(call('AddResourceSetting', { AffectedSystem: systemPath(uuid) }))).status).toBe(
      'INVALID_PARAMETER',
    );
    expect((await on.refused(call('AddResourceSetting', { ResourceSetting: pair() }))).status).toBe(
      'INVALID_PARAMETER',
    );
  });
});
