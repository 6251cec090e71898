import { describe, expect, test } from 'vitest';
import { cimv2, demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const vm = (name: string) => demo.records('VM').find(({ name_label }) => name_label === name)!;
const imageOf = (name: string) => demo.store.get('VDI', vm(name).suspend_VDI)!;
const stateOf = (name: string) => demo.one('Xen_MemoryState', 'DeviceID', `Xen:${vm(name).uuid}/${imageOf(name).uuid}`);

describe('Xen_MemoryState', () => {
  test('is there for machines that are suspended and for snapshots with memory alone', () => {
    const suspended = demo.records('VM').filter(({ suspend_VDI }) => demo.store.get('VDI', suspend_VDI));
    expect(suspended.map(({ name_label }) => name_label).sort()).toEqual([
      'checkpoint with memory',
      'sleeping-01',
      'sleeping-02',
    ]);
    expect(demo.all('Xen_MemoryState')).toHaveLength(suspended.length);
  });

  test.each(['sleeping-01', 'checkpoint with memory'])('of %s has the keys that stored paths have', (name) => {
    const image = imageOf(name);
    expect(demo.show(stateOf(name))).toMatchObject({
      SystemCreationClassName: 'Xen_ComputerSystemSnapshot',
      SystemName: `Xen:${vm(name).uuid}`,
      CreationClassName: 'Xen_MemoryState',
      Name: image.uuid,
      ElementName: image.name_label,
      NumberOfBlocks: image.virtual_size,
      ConsumableBlocks: image.virtual_size - image.physical_utilisation,
      Availability: 21,
      Access: 3,
      Primordial: false,
      HealthState: 5,
    });
    const path = demo.engine.path(cimv2, stateOf(name));
    expect(demo.engine.find(cimv2, path)).toBeDefined();
    const other = { ...path, keys: path.keys.map((key) => ({ ...key, value: `${key.value}0` })) };
    expect(demo.engine.find(cimv2, other)).toBeUndefined();
  });

  test('is tied to what it belongs to, and its image; no system is named (decisions.md 30)', () => {
    const machine = vm('sleeping-01');
    const repository = demo.store.get('SR', imageOf('sleeping-01').SR)!;
    const one = stateOf('sleeping-01');
    expect(demo.tied(one, 'Xen_MemoryStateDependency').sort()).toEqual([
      `Xen_ComputerSystem ${machine.uuid}`,
      `Xen_ComputerSystemSettingData Xen:${machine.uuid}`,
    ]);
    const snapshot = stateOf('checkpoint with memory');
    expect(demo.tied(snapshot, 'Xen_MemoryStateDependency')).toEqual([
      `Xen_ComputerSystemSnapshot Xen:${vm('checkpoint with memory').uuid}`,
    ]);
    expect(demo.tied(one, 'Xen_HostedMemoryState')).toEqual([
      `Xen_DiskImage Xen:${repository.uuid}/${imageOf('sleeping-01').uuid}`,
    ]);
  });

  test('says that its image is missing', () => {
    const { uuid } = imageOf('sleeping-02');
    demo.change('VDI', uuid, { missing: true });
    expect(demo.show(stateOf('sleeping-02'))).toMatchObject({
      HealthState: 20,
      OperationalStatus: [6],
      Availability: 10,
    });
    demo.change('VDI', uuid, { missing: false });
    expect(demo.show(stateOf('sleeping-02'))).toMatchObject({ HealthState: 5 });
  });
});
