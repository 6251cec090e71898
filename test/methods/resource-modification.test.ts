import { describe, expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import {
  call,
  fresh,
  looseImage,
  memory,
  networks,
  networkUuid,
  on,
  pair,
  running,
  settingOf,
} from './machine-stage.js';
import { embedded, failEachStep, type Plain, path, shown } from './stage.js';

describe('ModifyResourceSettings', () => {
  const modify = (...ResourceSettings: CimInstance[]) => call('ModifyResourceSettings', { ResourceSettings });
  const setting = (className: string, InstanceID: string, values: Readonly<Record<string, Plain>>) =>
    embedded(className, { InstanceID, ...values });

  test('changes processors, memory, disk, port and key at once, and tells their settings', async () => {
    const { uuid, now, diskRef, portRef } = await fresh('changes', [pair('k', 'old')]);
    const image = () => on.db.need('VDI', on.db.need('VBD', diskRef).VDI);
    const answer = await modify(
      setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`, {
        VirtualQuantity: 4n,
        Reservation: 3n,
        Weight: 100,
      }),
      setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, {
        VirtualQuantity: 2048n,
        Reservation: 1024n,
        Limit: 2048n,
      }),
      setting('Xen_DiskSettingData', settingOf(uuid, diskRef), {
        VirtualQuantity: 2n << 30n,
        ElementName: 'larger',
        AddressOnParent: '7',
      }),
      setting('Xen_NetworkPortSettingData', settingOf(uuid, portRef), { PoolID: networkUuid(1) }),
      setting('Xen_KVPSettingData', `Xen:${uuid}/k`, { value: 'new' }),
    );
    expect(answer.returned).toBe(0);
    expect(answer.output['ResultingResourceSettings']).toHaveLength(5);
    expect(now()).toMatchObject({
      VCPUs_max: 4n,
      VCPUs_at_startup: 3n,
      VCPUs_params: { weight: '100' },
      memory_static_max: 2048n << 20n,
      memory_dynamic_min: 1024n << 20n,
      xenstore_data: { 'vm-data/k': 'new' },
    });
    expect(image()).toMatchObject({ virtual_size: 2n << 30n, name_label: 'larger' });
    expect(on.db.need('VBD', diskRef).userdevice).toBe('7');
    expect(on.db.need('VIF', portRef).network).toBe(networks()[1]);
  });

  test('a setting that is sent back as it was read changes nothing, and calls nothing', async () => {
    const { uuid, diskRef } = await fresh('the same');
    const read = await on.get(path('Xen_DiskSettingData', { InstanceID: settingOf(uuid, diskRef) }));
    const sent = await on.messages(async () => expect((await modify(read)).returned).toBe(0));
    expect(sent).toEqual([]);
  });

  test('another address makes a port anew, under a new name', async () => {
    const { uuid, now, portRef } = await fresh('new address');
    const answer = await modify(
      setting('Xen_NetworkPortSettingData', settingOf(uuid, portRef), { Address: '00-16-3E-AA-BB-CC' }),
    );
    const [only] = answer.output['ResultingResourceSettings'] as never[];
    expect(shown(await on.get(only!), 'Address')).toBe('00:16:3e:aa:bb:cc');
    expect(now().VIFs).toHaveLength(1);
    expect(on.db.get('VIF', portRef)).toBeUndefined();
  });

  test('a medium is put into a drive, and an empty key ejects it', async () => {
    const { uuid, driveRef } = await fresh('drive');
    const [ref, iso] = on.one('VDI', (vdi) => on.db.need('SR', vdi.SR).content_type === 'iso');
    const medium = (text: string) =>
      modify(setting('Xen_DiskSettingData', settingOf(uuid, driveRef), { HostResource: [text] }));
    await medium(`root/cimv2:Xen_DiskImage.DeviceID="Xen:x/${iso.uuid}"`);
    expect(on.db.need('VBD', driveRef)).toMatchObject({ VDI: ref, empty: false });
    await medium('root/cimv2:Xen_DiskImage.DeviceID=""');
    expect(on.db.need('VBD', driveRef).empty).toBe(true);
  });

  test('a running machine gets and loses processors and memory as it runs, within its limits', async () => {
    const [ref, { uuid, VCPUs_max, memory_static_max }] = running();
    const now = () => on.db.need('VM', ref);
    const one = (VirtualQuantity: bigint) =>
      modify(setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`, { VirtualQuantity }));
    if (VCPUs_max > 1n) await one(VCPUs_max - 1n);
    expect(now().VCPUs_max).toBe(VCPUs_max);
    expect((await one(VCPUs_max + 1n)).returned).toBe(5);
    const size = (bytes: bigint) =>
      modify(
        setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, { VirtualQuantity: bytes >> 20n, Limit: bytes >> 20n }),
      );
    expect((await size(memory_static_max * 2n)).returned).toBe(5);
    expect((await size(memory_static_max - (64n << 20n))).returned).toBe(0);
    expect(now().memory_dynamic_max).toBe(memory_static_max - (64n << 20n));
  });

  test('a disk neither shrinks nor changes its image: 6, Incompatible Parameters', async () => {
    const { uuid, diskRef } = await fresh('fixed');
    const change = (values: Readonly<Record<string, Plain>>) =>
      modify(setting('Xen_DiskSettingData', settingOf(uuid, diskRef), values));
    const other = await looseImage();
    expect((await change({ VirtualQuantity: 1n << 20n })).returned).toBe(6);
    expect((await change({ HostResource: [other.uuid] })).returned).toBe(6);
  });

  test('more memory than XenAPI has a number for is refused by the name of the property', async () => {
    const { uuid } = await fresh('boundless');
    const wish = (name: string) => setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, { [name]: 2n ** 63n });
    for (const name of ['VirtualQuantity', 'Limit', 'Reservation']) {
      const error = await on.refused(modify(wish(name)));
      expect([error.status, error.message]).toEqual([
        'INVALID_PARAMETER',
        expect.stringMatching(`^${name} of memory is \\d+ bytes at most`),
      ]);
    }
  });

  test('refuses what is missing or unknown, and whom the role does not allow it', async () => {
    const { uuid } = await fresh('kept');
    const wanted = setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, { VirtualQuantity: 99n });
    expect((await on.refused(modify())).status).toBe('INVALID_PARAMETER');
    expect((await on.refused(modify(memory(5n)))).message).toMatch(/want the InstanceID/);
    expect((await on.refused(modify(setting('Xen_DiskSettingData', `Xen:${uuid}/none`, {})))).status).toBe(
      'INVALID_PARAMETER',
    );
    const denied = on.refused(call('ModifyResourceSettings', { ResourceSettings: [wanted] }, 'vm-admin'));
    expect((await denied).message).toMatch(/RBAC_PERMISSION_DENIED:vm.set_memory_limits/);
  });

  test('a failure of any step leaves everything as it was', async () => {
    const { uuid, now, diskRef, portRef } = await fresh('all or nothing', [pair('k', 'old')]);
    const seen = () => {
      const { allowed_operations: _allowed, ...vm } = now();
      const { VDI, userdevice } = on.db.need('VBD', diskRef);
      return {
        ...vm,
        userdevice,
        image: on.db.need('VDI', VDI).name_label,
        network: on.db.need('VIF', portRef).network,
      };
    };
    const before = seen();
    const messages = [
      'VM.set_VCPUs_max',
      'VM.set_VCPUs_at_startup',
      'VM.set_memory_limits',
      'VDI.set_name_label',
      'VBD.set_userdevice',
      'VIF.move',
      'VM.remove_from_xenstore_data',
      'VM.add_to_xenstore_data',
    ];
    await failEachStep(on, messages, () =>
      modify(
        setting('Xen_ProcessorSettingData', `Xen:${uuid}/Processor`, { VirtualQuantity: 4n }),
        setting('Xen_MemorySettingData', `Xen:${uuid}/Memory`, { VirtualQuantity: 2048n }),
        setting('Xen_DiskSettingData', settingOf(uuid, diskRef), { ElementName: 'other', AddressOnParent: '9' }),
        setting('Xen_NetworkPortSettingData', settingOf(uuid, portRef), { PoolID: networkUuid(1) }),
        setting('Xen_KVPSettingData', `Xen:${uuid}/k`, { value: 'new' }),
      ),
    );
    expect(seen()).toEqual(before);
  });
});
