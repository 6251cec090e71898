import { compileSchema } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { textSource } from '../../src/mof/source.js';
import { association } from '../../src/provider/association.js';
import type { Rows } from '../../src/provider/binding.js';
import { labels } from '../../src/provider/codec.js';
import { element } from '../../src/provider/element.js';
import { Engine } from '../../src/provider/engine.js';
import type { Readings, Sample } from '../../src/xenapi/reading.js';
import { RecordStore } from '../../src/xenapi/store.js';

const mof = `
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride, ToSubclass);
Qualifier ValueMap : string[], Scope(property, method, parameter), Flavor(EnableOverride, ToSubclass);
Qualifier Values : string[], Scope(property, method, parameter), Flavor(EnableOverride, ToSubclass);
class T_Element { string ElementName; };
class T_System : T_Element {
  [Key] string CreationClassName; [Key] string Name;
  [ValueMap {"2","3"}, Values {"Enabled","Disabled"}] uint16 State;
  uint64 Memory; datetime Installed; string Other[]; uint16 Fixed = 7; uint8 Small;
};
class T_Host : T_Element { [Key] string CreationClassName; [Key] string Name; };
class T_Processor : T_Element {
  [Key] string SystemCreationClassName; [Key] string SystemName; [Key] string CreationClassName; [Key] string DeviceID;
  real64 Load;
};
class T_Storage : T_Element { [Key] string InstanceID; };
[Association] class T_Hosted { [Key] T_System REF Dependent; [Key] T_Host REF Antecedent; uint16 Weight; };
[Association] class T_Part { [Key] T_System REF Group; [Key] T_Processor REF Part; };
[Association] class T_Tree { [Key] T_System REF Parent; [Key] T_System REF Child; };
[Association] class T_Every { [Key] T_Storage REF One; [Key] T_Host REF All; };
`;

export const system = element('T_System', 'VM', {
  reads: { metrics: ['metrics'] },
  where: (vm) => !vm.is_a_template,
  key: { form: 'system' },
  properties: {
    ElementName: 'name_label',
    State: {
      field: 'power_state',
      as: labels({ Running: 'Enabled', Halted: 'Disabled', Paused: 'Disabled', Suspended: 'Disabled' }),
    },
    Memory: 'memory_static_max',
    Installed: { from: 'metrics', field: 'install_time' },
    Other: 'other_config',
    Small: 'VCPUs_max',
  },
});
export const host = element('T_Host', 'host', { key: { form: 'system' }, properties: { ElementName: 'name_label' } });
export const processor = element('T_Processor', 'VM', {
  reads: { host: ['resident_on'] },
  where: (vm) => !vm.is_a_template,
  parts: (vm) => Array.from({ length: Number(vm.VCPUs_max) }, (_, index) => ({ name: `VCPU${index}`, index })),
  key: { form: 'device', systemClass: 'T_System', owner: 'self', suffix: 'part' },
  reading: (vm, reads, part) =>
    reads.host && { host: reads.host.uuid, owner: `vm:${vm.uuid}`, source: `cpu${part.index}` },
  properties: { ElementName: { byPart: { VCPU0: 'boot' } }, Load: { sample: ({ value }) => value * 100 } },
});
export const storage = element('T_Storage', 'SR', {
  key: { form: 'member', owner: (sr) => (sr.shared ? 'Shared' : 'Local'), suffix: 'uuid', lenient: true },
  properties: { ElementName: 'name_label' },
});

export const rows: Rows = {
  elements: [system, host, processor, storage],
  associations: [
    association(
      'T_Hosted',
      ['Dependent', system],
      ['Antecedent', host],
      { first: [['resident_on'], ['affinity'], ['@pool', 'master']] },
      { properties: { Weight: { calc: (from) => from.record.VCPUs_max } } },
    ),
    association('T_Part', ['Part', processor], ['Group', system], []),
    association('T_Tree', ['Parent', system], ['Child', system], ['children']),
    association('T_Every', ['One', storage], ['All', host], 'every'),
  ],
};

export const schema: Schema = compileSchema(textSource({ 'small.mof': mof }));

const vm = (uuid: string, fields: object) => ({
  uuid,
  name_label: uuid,
  is_a_template: false,
  power_state: 'Halted',
  memory_static_max: 1n,
  VCPUs_max: 1n,
  resident_on: 'OpaqueRef:NULL',
  affinity: 'OpaqueRef:NULL',
  children: [],
  other_config: {},
  metrics: 'OpaqueRef:NULL',
  ...fields,
});

const records: readonly (readonly [of: string, ref: string, after: object])[] = [
  ['pool', 'P', { uuid: 'p', master: 'H1' }],
  ['host', 'H1', { uuid: 'h1', name_label: 'one' }],
  ['host', 'H2', { uuid: 'h2', name_label: 'two' }],
  ['VM_metrics', 'M', { uuid: 'm', install_time: '2024-05-01T10:00:00Z' }],
  ['VM', 'A', vm('a', { power_state: 'Running', resident_on: 'H2', VCPUs_max: 2n, metrics: 'M', children: ['B'] })],
  ['VM', 'B', vm('b', { affinity: 'H2', other_config: { x: 'y=z', e: '' }, memory_static_max: 2n ** 60n })],
  ['VM', 'C', vm('c', { VCPUs_max: 300n })],
  ['VM', 'T', vm('t', { is_a_template: true })],
  ['SR', 'S', { uuid: 's', name_label: 'shared', shared: true }],
];

/** Three machines on two hosts, an engine over them, and the hosts that were asked for readings. */
export function smallPool() {
  const store = new RecordStore((error) => {
    throw error;
  });
  store.apply(records.map(([of, ref, after]) => ({ of: of as 'VM', ref, after })));
  const asked: string[][] = [];
  const readings: Readings = {
    sample: ({ source }): Sample | undefined => (source === 'cpu0' ? { value: 0.25, time: 0, seconds: 5 } : undefined),
    refresh: async (hosts = []) => void asked.push([...hosts]),
  };
  const engine = new Engine({
    store,
    schemas: new Map([['root/cimv2', schema]]),
    rows,
    readings,
    canonical: (name) => (['root/cimv2', 'alias'].includes(name) ? 'root/cimv2' : undefined),
  });
  return { store, engine, asked };
}
