import { describe, expect, test } from 'vitest';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const machine = demo.records('VM').find(({ name_label }) => name_label === 'web-01')!;
const setting = () => demo.show(demo.one('Xen_ComputerSystemSettingData', 'InstanceID', `Xen:${machine.uuid}`));
const changed = (fields: Partial<Records['VM']>) => {
  demo.change('VM', machine.uuid, fields);
  const values = setting();
  demo.change('VM', machine.uuid, machine);
  return values;
};

describe('settings of virtual systems', () => {
  test('a snapshot is no template, although XenAPI says so', () => {
    const snapshots = demo.records('VM').filter(({ is_a_snapshot }) => is_a_snapshot);
    expect(snapshots.every(({ is_a_template }) => is_a_template)).toBe(true);
    const ids = (name: string) => demo.list(name).map(({ InstanceID }) => InstanceID);
    expect(ids('Xen_ComputerSystemSnapshot').sort()).toEqual(snapshots.map(({ uuid }) => `Xen:${uuid}`).sort());
    for (const { uuid } of snapshots) expect(ids('Xen_ComputerSystemTemplate')).not.toContain(`Xen:${uuid}`);
  });

  test.each([
    ['hvm', {}, '', 'DMTF:Xen:HVM'],
    ['pv', { order: 'dc' }, 'BIOS order', 'DMTF:Xen:PV'],
    ['pvh', {}, '', 'DMTF:Xen:PV'],
    ['unspecified', { order: 'c' }, '', 'DMTF:Xen:HVM'],
    ['unspecified', {}, '', 'DMTF:Xen:PV'],
  ] as const)('domain type %s with %j and policy "%s" is %s', (domain_type, HVM_boot_params, HVM_boot_policy, type) => {
    expect(changed({ domain_type, HVM_boot_params, HVM_boot_policy })['VirtualSystemType']).toBe(type);
  });

  test('each kind of virtualization shows its own fields, empty ones as NULL', () => {
    const fields = { HVM_boot_params: { order: 'cd' }, HVM_shadow_multiplier: 1.5, PV_kernel: '/k', PV_ramdisk: '' };
    expect(changed({ ...fields, domain_type: 'hvm' })).toMatchObject({
      HVM_Boot_Params: ['order=cd'],
      HVM_ShadowMultiplier: 1.5,
      PV_Kernel: null,
    });
    expect(changed({ ...fields, domain_type: 'pv' })).toMatchObject({
      HVM_Boot_Params: null,
      PV_Kernel: '/k',
      PV_RAMDisk: null,
    });
  });

  test('what happens after a reboot, a shutdown and a crash', () => {
    const actions = (
      actions_after_reboot: 'destroy' | 'restart',
      actions_after_crash: Records['VM']['actions_after_crash'],
    ) => {
      const values = changed({ actions_after_reboot, actions_after_shutdown: 'destroy', actions_after_crash });
      return ['AutomaticStartupAction', 'AutomaticShutdownAction', 'AutomaticRecoveryAction'].map(
        (name) => values[name],
      );
    };
    expect(actions('restart', 'restart')).toEqual([3, 2, 3]);
    expect(actions('destroy', 'preserve')).toEqual([2, 2, 2]);
    expect(actions('destroy', 'coredump_and_restart')).toEqual([2, 2, 3]);
  });

  test('the free slots are those in which nothing stands', () => {
    const values = setting();
    const devices = machine.VBDs.map((ref) => demo.store.get('VBD', ref)!.userdevice);
    const slots = String(values['AvailableBlockDeviceSlots']).split(',');
    expect(slots).toHaveLength(255 - devices.length);
    for (const device of devices) expect(slots).not.toContain(device);
    expect(String(values['AvailableNetworkInterfaceSlots']).split(',')).toHaveLength(16 - machine.VIFs.length);
  });

  test('no secret is shown: xenstore values, and settings by their names', () => {
    const values = changed({
      xenstore_data: { 'vm-data/key': 'sesame' },
      other_config: { plain: 'a=b', root_password: 'sesame' },
      platform: { acpi: '1' },
    });
    expect(values['Xenstore_Data']).toEqual(['vm-data/key=***']);
    expect(values['Other_Config']).toEqual(['plain=a=b', 'root_password=***']);
    expect(values['Platform']).toEqual(['acpi=1']);
    expect(changed({ xenstore_data: {} })['Xenstore_Data']).toBeNull();
  });

  test('a snapshot names its machine and its relatives by WBEM URIs (DSP0207)', () => {
    const record = demo
      .records('VM')
      .find(({ is_a_snapshot, parent }) => is_a_snapshot && demo.store.get('VM', parent))!;
    const parent = demo.store.get('VM', record.parent)!;
    const origin = demo.store.get('VM', record.snapshot_of)!;
    expect(demo.show(demo.one('Xen_ComputerSystemSnapshot', 'InstanceID', `Xen:${record.uuid}`))).toMatchObject({
      Parent: `root/cimv2:Xen_ComputerSystemSnapshot.InstanceID="Xen:${parent.uuid}"`,
      SnapshotOf: `root/cimv2:Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="${origin.uuid}"`,
    });
  });

  test('the settings define the state of their own machine, and are their own default (DSP1057)', () => {
    const from = demo.one('Xen_ComputerSystemSettingData', 'InstanceID', `Xen:${machine.uuid}`);
    expect(demo.tied(from, 'Xen_ComputerSystemSettingsDefineState')).toEqual([`Xen_ComputerSystem ${machine.uuid}`]);
    const ties = demo.list('Xen_ComputerSystemElementSettingData');
    const current = ties.map(({ IsDefault, IsNext, IsCurrent }) => [IsDefault, IsNext, IsCurrent]);
    expect(current).toContainEqual([1, 1, 1]);
    expect(current).toContainEqual([1, 1, 2]);
    expect(ties).toHaveLength(demo.all('Xen_ComputerSystem').length);
  });

  test('every resource of a configuration is a part of it: machine, template and snapshot alike', () => {
    for (const name of ['Xen_ComputerSystemSettingData', 'Xen_ComputerSystemTemplate', 'Xen_ComputerSystemSnapshot']) {
      for (const from of demo.all(name)) {
        const record = demo.store.get(
          'VM',
          demo.store.byUuid('VM', String(demo.show(from)['VirtualSystemIdentifier']))!,
        )!;
        const parts = (kind: string) => demo.tied(from, `Xen_${kind}SettingDataComponent`);
        expect(parts('Memory')).toEqual([`Xen_MemorySettingData Xen:${record.uuid}/Memory`]);
        expect(parts('Processor')).toEqual([`Xen_ProcessorSettingData Xen:${record.uuid}/Processor`]);
        expect(parts('Disk')).toHaveLength(record.VBDs.length);
        expect(parts('NetworkPort')).toHaveLength(record.VIFs.length);
      }
    }
  });
});
