import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const disks = demo.records('VBD').filter(({ type }) => type === 'Disk');
const record = disks.find(({ currently_attached }) => currently_attached)!;
const vm = demo.store.get('VM', record.VM)!;
const vdi = demo.store.get('VDI', record.VDI)!;
const sr = demo.store.get('SR', vdi.SR)!;
const device = `Xen:${vm.uuid}/${record.uuid}`;
const poolOf = ({ uuid }: Records['SR']) => demo.one('Xen_StoragePool', 'PoolID', uuid);
const changed = (fields: Partial<Records['VBD']>, name = 'Xen_Disk', key = 'DeviceID') => {
  demo.change('VBD', record.uuid, fields);
  const values = demo.show(demo.one(name, key, device));
  demo.change('VBD', record.uuid, record);
  return values;
};

describe('disks and drives', () => {
  test('a disk is a disk; a CD and a floppy are drives', () => {
    expect(demo.all('Xen_Disk')).toHaveLength(disks.length);
    expect(changed({ type: 'Floppy' }, 'Xen_DiskDrive')).toMatchObject({ Caption: 'Xen Virtual Floppy' });
    expect(changed({ type: 'Floppy' }, 'Xen_DiskSettingData', 'InstanceID')['ResourceType']).toBe(14);
    expect(changed({ type: 'CD' }, 'Xen_DiskSettingData', 'InstanceID')).toMatchObject({
      ResourceType: 16,
      AllocationUnits: 'count',
      VirtualQuantity: 1n,
    });
  });

  test('attached, detached and failed', () => {
    expect(changed({ currently_attached: true })).toMatchObject({
      EnabledState: 2,
      Availability: 3,
      OperationalStatus: [2],
    });
    expect(changed({ currently_attached: false })).toMatchObject({ EnabledState: 6, Availability: 8, Status: 'OK' });
    expect(changed({ status_code: 5n, status_detail: 'torn off' })).toMatchObject({
      OperationalStatus: [6],
      HealthState: 20,
      Status: 'Error',
      StatusDescriptions: ['torn off'],
    });
    demo.change('VDI', vdi.uuid, { missing: true });
    expect(changed({})).toMatchObject({ OperationalStatus: [6], Status: 'Error' });
    demo.change('VDI', vdi.uuid, vdi);
  });

  test('sizes are bytes; what is left is never less than nothing', () => {
    const sized = (fields: Partial<Records['VDI']>) => {
      demo.change('VDI', vdi.uuid, fields);
      const { BlockSize, NumberOfBlocks, ConsumableBlocks } = changed({});
      demo.change('VDI', vdi.uuid, vdi);
      return [BlockSize, NumberOfBlocks, ConsumableBlocks];
    };
    expect(sized({ virtual_size: 100n, physical_utilisation: 30n })).toEqual([1n, 100n, 70n]);
    expect(sized({ virtual_size: 100n, physical_utilisation: 130n })).toEqual([1n, 100n, 0n]);
    expect(sized({ virtual_size: 100n, physical_utilisation: -1n })).toEqual([1n, 100n, null]);
  });

  test('its settings name the image and the repository', () => {
    expect(changed({ mode: 'RO' }, 'Xen_DiskSettingData', 'InstanceID')).toMatchObject({
      Access: 1,
      HostExtentName: vdi.uuid,
      PoolID: sr.uuid,
      AddressOnParent: record.userdevice,
      HostResource: [
        `root/cimv2:Xen_DiskImage.CreationClassName="Xen_DiskImage",DeviceID="Xen:${sr.uuid}/${vdi.uuid}",` +
          `SystemCreationClassName="Xen_StoragePool",SystemName="${sr.uuid}"`,
      ],
    });
  });

  test('an empty drive says that there is no image', () => {
    const empty = demo.records('VBD').find(({ empty }) => empty)!;
    const owner = demo.store.get('VM', empty.VM)!;
    const drive = demo.one('Xen_DiskDrive', 'DeviceID', `Xen:${owner.uuid}/${empty.uuid}`);
    expect(demo.show(drive)['ElementName']).toBe('No host VDI information available');
    expect(demo.tied(drive, 'Xen_HostedDiskDrive')).toEqual([]);
    const setting = demo.show(demo.one('Xen_DiskSettingData', 'InstanceID', `Xen:${owner.uuid}/${empty.uuid}`));
    expect(setting).toMatchObject({
      HostResource: null,
      HostExtentName: null,
      HostExtentNameFormat: null,
      PoolID: null,
    });
  });

  test('a disk is tied to its own machine, image, repository and settings, and to no others', () => {
    const disk = demo.one('Xen_Disk', 'DeviceID', device);
    const pool = demo.show(poolOf(sr))['InstanceID'];
    expect(demo.tied(disk, 'Xen_ComputerSystemDisk')).toEqual([`Xen_ComputerSystem ${vm.uuid}`]);
    expect(demo.tied(disk, 'Xen_HostedDisk')).toEqual([`Xen_DiskImage Xen:${sr.uuid}/${vdi.uuid}`]);
    expect(demo.tied(disk, 'Xen_DiskAllocatedFromPool')).toEqual([`Xen_StoragePool ${pool}`]);
    expect(demo.tied(disk, 'Xen_DiskSettingsDefineState')).toEqual([`Xen_DiskSettingData ${device}`]);
    const setting = demo.one('Xen_DiskSettingData', 'InstanceID', device);
    expect(demo.tied(setting, 'Xen_DiskSettingAllocationFromPool')).toEqual([`Xen_StoragePool ${pool}`]);
    expect(demo.tied(setting, 'Xen_DiskDriveSettingsDefineState')).toEqual([]);
  });

  test('the disk of a snapshot has its path but no system', () => {
    const inSnapshot = disks.find(({ VM }) => demo.store.get('VM', VM)!.is_a_snapshot)!;
    const owner = demo.store.get('VM', inSnapshot.VM)!;
    const disk = demo.one('Xen_Disk', 'DeviceID', `Xen:${owner.uuid}/${inSnapshot.uuid}`);
    expect(demo.tied(disk, 'Xen_ComputerSystemDisk')).toEqual([]);
  });
});

describe('storage repositories', () => {
  test('a shared one is Shared, a local one its host', () => {
    const shown = demo.list('Xen_StoragePool');
    for (const { uuid, shared, PBDs } of demo.records('SR')) {
      const { InstanceID, Shared } = shown.find(({ PoolID }) => PoolID === uuid)!;
      const hosts = PBDs.map((ref) => demo.store.get('host', demo.store.get('PBD', ref)!.host)!.uuid).sort();
      expect(InstanceID).toBe(`Xen:${shared ? 'Shared' : (hosts[0] ?? 'Shared')}/${uuid}`);
      expect(Shared).toBe(shared);
    }
  });

  test('hangs on every host that is connected to it', () => {
    const shared = demo.records('SR').find(({ shared }) => shared)!;
    expect(demo.tied(poolOf(shared), 'Xen_HostedStoragePool')).toHaveLength(shared.PBDs.length);
  });

  test('a size that is not known is NULL, not 2^64-1', () => {
    demo.change('SR', sr.uuid, { physical_size: -1n, physical_utilisation: -1n });
    expect(demo.show(poolOf(sr))).toMatchObject({ Capacity: null, Reserved: null });
    demo.change('SR', sr.uuid, sr);
  });

  test('tells when it is nearly full, and when hosts are not connected', () => {
    const plugs = sr.PBDs.map((ref) => demo.store.get('PBD', ref)!);
    const plug = (attached: number) => {
      for (const [i, { uuid }] of plugs.entries()) demo.change('PBD', uuid, { currently_attached: i < attached });
    };
    const state = () => {
      const { HealthState, OperationalStatus } = demo.show(poolOf(sr));
      return [HealthState, OperationalStatus];
    };
    plug(plugs.length);
    demo.change('SR', sr.uuid, { physical_size: 1000n, physical_utilisation: 899n });
    expect(state()).toEqual([5, [2]]);
    demo.change('SR', sr.uuid, { physical_utilisation: 900n });
    expect(state()).toEqual([10, [4]]);
    expect(plugs.length).toBeGreaterThan(1);
    plug(1);
    expect(state()).toEqual([10, [3]]);
    plug(0);
    expect(state()).toEqual([20, [6]]);
    plug(plugs.length);
    demo.change('SR', sr.uuid, sr);
  });

  test('media are full by nature', () => {
    const iso = demo.records('SR').find(({ content_type, PBDs }) => content_type === 'iso' && PBDs.length > 0)!;
    demo.change('SR', iso.uuid, { physical_size: 1000n, physical_utilisation: 1000n });
    expect(demo.show(poolOf(iso))).toMatchObject({ ResourceType: 16, OperationalStatus: [2] });
    demo.change('SR', iso.uuid, iso);
  });
});
