import { expect, test } from 'vitest';
import { association } from '../../src/provider/association.js';
import { labels } from '../../src/provider/codec.js';
import { element } from '../../src/provider/element.js';

const system = element('Xen_ComputerSystem', 'VM', {
  reads: { gm: ['guest_metrics'], host: ['resident_on'], disks: ['VBDs', 'VDI'], pool: ['@pool'], hosts: ['@host'] },
  where: (vm) => !vm.is_a_template,
  key: { form: 'system' },
  properties: {
    ElementName: 'name_label',
    Host: { from: 'host', field: 'uuid' },
    Count: { calc: (_vm, { disks, hosts, pool }) => disks.length + hosts.length + (pool?.uuid.length ?? 0) },
    EnabledState: {
      field: 'power_state',
      as: labels({ Running: 'Enabled', Halted: 'Disabled', Paused: 'Quiesce', Suspended: 'Enabled but Offline' }),
    },
  },
});
const processor = element('Xen_Processor', 'VM', {
  reads: { host: ['resident_on'] },
  parts: (vm) => Array.from({ length: Number(vm.VCPUs_max) }, (_, index) => ({ name: `VCPU${index}`, index })),
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'self', suffix: 'part' },
  properties: { ElementName: { calc: (vm, _reads, part) => `${vm.name_label} ${part.index}` } },
});
const disk = element('Xen_Disk', 'VBD', {
  reads: { vm: ['VM'], vdi: ['VDI'] },
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' },
  properties: { ElementName: { from: 'vdi', field: 'name_label' } },
});
const pool = element('Xen_StoragePool', 'SR', { key: { form: 'setting' }, properties: { ElementName: 'name_label' } });

// Each of these the compiler refuses: the point of the row language.
const refused = (): unknown => [
  // @ts-expect-error a misspelt field
  element('X', 'VM', { key: { form: 'system' }, properties: { A: 'nmae_label' } }),
  // @ts-expect-error a power state left out
  labels<'Running' | 'Halted'>({ Running: 'Enabled' }),
  // @ts-expect-error a path that leads nowhere
  element('X', 'VM', { reads: { a: ['resident_on', 'VDI'] }, key: { form: 'system' }, properties: {} }),
  element('X', 'VBD', {
    reads: { vm: ['VM'] },
    // @ts-expect-error an owner that is not read
    key: { form: 'device', systemClass: 'Y', owner: 'host', suffix: 'uuid' },
    properties: {},
  }),
  // @ts-expect-error VBD.VM does not lead to an SR
  association('X', ['Dependent', disk], ['Antecedent', pool], ['VM']),
];

test('the row language types paths, fields and parts', () => {
  expect(association('A', ['Dependent', disk], ['Antecedent', pool], ['VDI', 'SR']).path).toEqual(['VDI', 'SR']);
  expect(association('A', ['P', [processor]], ['G', system], []).from.rows).toEqual([processor]);
  expect(refused).toBeTypeOf('function');
});
