import { describe, expect, test } from 'vitest';
import { cimv2, demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const web = demo.records('VM').find(({ name_label }) => name_label === 'web-01')!;
const mine = (name: string, property: string) =>
  demo.list(name).filter((one) => String(one[property]).startsWith(`Xen:${web.uuid}/`));

describe('Xen_KVP', () => {
  test('is each entry under vm-data, by the key that the guest sees', () => {
    expect(mine('Xen_KVP', 'DeviceID')).toMatchObject(
      ['config/api-token', 'config/site', 'role'].map((key) => ({
        DeviceID: `Xen:${web.uuid}/${key}`,
        SystemName: web.uuid,
        SystemCreationClassName: 'Xen_ComputerSystem',
        Name: key,
        Key: key,
        Vm_uuid: web.uuid,
      })),
    );
  });

  test('never shows a value (decisions.md 36)', () => {
    for (const name of ['Xen_KVP', 'Xen_KVPSettingData']) {
      for (const one of demo.list(name)) expect(Object.values(one)).not.toContain('k3yval');
    }
    expect(new Set(demo.list('Xen_KVP').map(({ Value }) => Value))).toEqual(new Set(['***']));
  });

  test('is found by a key that holds a slash (decisions.md 10)', () => {
    const one = demo.one('Xen_KVP', 'Key', 'config/site');
    const found = demo.engine.find(cimv2, demo.engine.path(cimv2, one));
    expect(demo.show(found!)).toMatchObject({ Key: 'config/site' });
    expect(demo.tied(one, 'Xen_ComputerSystemKVP')).toEqual([`Xen_ComputerSystem ${web.uuid}`]);
    expect(demo.tied(one, 'Xen_KVPSettingsDefineState')).toEqual([`Xen_KVPSettingData Xen:${web.uuid}/config/site`]);
  });

  test('comes and goes with the entry', () => {
    demo.change('VM', web.uuid, { xenstore_data: { 'vm-data/new': '1', 'vm-data/': 'no key', other: '2' } });
    expect(mine('Xen_KVP', 'DeviceID').map(({ Key }) => Key)).toEqual(['new']);
    demo.change('VM', web.uuid, { xenstore_data: web.xenstore_data });
    expect(mine('Xen_KVP', 'DeviceID')).toHaveLength(3);
  });
});

describe('Xen_KVPSettingData', () => {
  test('has an InstanceID, its key and its machine', () => {
    expect(mine('Xen_KVPSettingData', 'InstanceID')[2]).toMatchObject({
      InstanceID: `Xen:${web.uuid}/role`,
      key: 'role',
      value: '***',
      VM_ID: web.uuid,
      ResourceType: 0x8000,
    });
  });

  test('is there for snapshots too, each tied to its own configuration', () => {
    const snapshot = demo.records('VM').find(({ name_label }) => name_label === 'after installation')!;
    const one = demo.one('Xen_KVPSettingData', 'InstanceID', `Xen:${snapshot.uuid}/role`);
    expect(demo.tied(one, 'Xen_KVPSettingDataComponent')).toEqual([`Xen_ComputerSystemSnapshot Xen:${snapshot.uuid}`]);
    expect(demo.tied(one, 'Xen_KVPSettingsDefineState')).toEqual([]);
  });
});
