import { expect, test } from 'vitest';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const MIB = 1_048_576n;
const limits = (name: string, uuid: string) =>
  Object.fromEntries(
    demo
      .list(name)
      .filter(({ InstanceID }) => String(InstanceID).startsWith(`Xen:${uuid}/`))
      .map((values) => [
        String(values['InstanceID']).replace(/^.*\/[a-z]+/i, (id) => id.slice(id.indexOf('/') + 1)),
        values,
      ]),
  );

test('the limits of memory are those of the host', () => {
  const host = demo.records('host')[0]!;
  const { memory_free, memory_total } = demo.store.get('host_metrics', host.metrics)!;
  expect(limits('Xen_MemoryCapabilitiesSettingData', host.uuid)).toMatchObject({
    MemoryMinimum: { VirtualQuantity: 64n * MIB, Limit: 64n * MIB, AllocationUnits: 'byte' },
    MemoryMaximum: { VirtualQuantity: memory_free, Reservation: memory_free, Limit: memory_total },
    MemoryIncrement: { VirtualQuantity: 64n * MIB },
    MemoryDefault: { VirtualQuantity: 256n * MIB, PoolID: `Xen:${host.uuid}/MemoryPool` },
  });
});

test('the limits of storage are those of the repository, and name its pool', () => {
  const sr = demo.records('SR').find(({ shared, physical_size }) => shared && physical_size > 0n)!;
  expect(limits('Xen_StorageCapabilitiesSettingData', sr.uuid)).toMatchObject({
    StorageMinimum: { VirtualQuantity: 512n * MIB },
    StorageMaximum: { VirtualQuantity: sr.physical_size, PoolID: `Xen:Shared/${sr.uuid}` },
  });
});

test.each(['Memory', 'Processor', 'Storage', 'NetworkConnection'])(
  'each limit of %s says what it is for, of its own capabilities (DSP1043)',
  (kind) => {
    const range: Record<string, number> = { Default: 0, Minimum: 1, Maximum: 2, Increment: 3 };
    const ties = demo.all(`Xen_${kind}SettingsDefineCapabilities`);
    expect(ties).toHaveLength(4 * demo.all(`Xen_${kind}AllocationCapabilities`).length);
    for (const tie of ties) {
      const values = demo.show(tie) as Record<string, any>;
      const [group, part] = ['GroupComponent', 'PartComponent'].map((role) => String(values[role].keys[0].value));
      const role = Object.keys(range).find((name) => part!.endsWith(name))!;
      expect(group!.split('/')[0]).toBe(part!.split('/')[0]);
      expect([values['ValueRole'], values['ValueRange']]).toEqual([role === 'Default' ? 0 : 3, range[role]]);
      expect(values['PropertyPolicy']).toBe(0);
    }
  },
);

test('a host has the capabilities of each repository that it is connected to', () => {
  const host = demo.records('host')[0]!;
  const tied = demo.tied(
    demo.one('Xen_HostComputerSystem', 'Name', host.uuid),
    'Xen_HostStorageAllocationCapabilities',
  );
  expect(tied.sort()).toEqual(
    host.PBDs.map((ref) => demo.store.get('SR', demo.store.get('PBD', ref)!.SR)!.uuid)
      .map((uuid) => `Xen_StorageAllocationCapabilities Xen:${uuid}/StorageAllocationCapabilities`)
      .sort(),
  );
});
