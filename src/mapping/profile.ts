import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';

const namespaces = ['root/interop'];

interface Profile {
  /** The document that specifies it. */
  readonly name: string;
  readonly registeredName: string;
  readonly version: string;
  /** The documents of the profiles that it makes use of. */
  readonly references: readonly string[];
}

/** What every profile of a kind of resource makes use of. */
const resource = ['DSP1033', 'DSP1041', 'DSP1043'];

const resources = ['DSP1044', 'DSP1045', 'DSP1047', 'DSP1050', 'DSP1059'];

/** Every profile that the bridge conforms to; a profile is added by the work that makes it true. */
export const profiles: readonly Profile[] = [
  { name: 'DSP1033', registeredName: 'Profile Registration', version: '1.0.0', references: [] },
  { name: 'DSP1041', registeredName: 'Resource Allocation', version: '1.1.0', references: ['DSP1033', 'DSP1043'] },
  {
    name: 'DSP1042',
    registeredName: 'System Virtualization',
    version: '1.0.0',
    references: [
      ...resource,
      ...resources,
      'DSP1052',
      'DSP1053',
      'DSP1057',
      'DSP1076',
      'DSP1081',
      'DSP1097',
      'DSP1103',
    ],
  },
  { name: 'DSP1043', registeredName: 'Allocation Capabilities', version: '1.0.0', references: ['DSP1033'] },
  { name: 'DSP1044', registeredName: 'Processor Resource Virtualization', version: '1.0.0', references: resource },
  { name: 'DSP1045', registeredName: 'Memory Resource Virtualization', version: '1.0.0', references: resource },
  { name: 'DSP1047', registeredName: 'Storage Resource Virtualization', version: '1.0.0', references: resource },
  { name: 'DSP1050', registeredName: 'Ethernet Port Resource Virtualization', version: '1.0.0', references: resource },
  { name: 'DSP1052', registeredName: 'Computer System', version: '1.0.2', references: ['DSP1033'] },
  { name: 'DSP1053', registeredName: 'Base Metrics', version: '1.0.0', references: ['DSP1033'] },
  {
    name: 'DSP1057',
    registeredName: 'Virtual System',
    version: '1.0.0',
    references: [...resource, ...resources, 'DSP1052', 'DSP1076'],
  },
  { name: 'DSP1059', registeredName: 'Generic Device Resource Virtualization', version: '1.0.0', references: resource },
  { name: 'DSP1076', registeredName: 'KVM Redirection', version: '1.0.0', references: ['DSP1033'] },
  {
    name: 'DSP1081',
    registeredName: 'Virtual System Migration',
    version: '1.0.0',
    references: ['DSP1033', 'DSP1103'],
  },
  {
    name: 'DSP1097',
    registeredName: 'Virtual Ethernet Switch',
    version: '1.0.0',
    references: ['DSP1033', 'DSP1050', 'DSP1052', 'DSP1057'],
  },
  { name: 'DSP1103', registeredName: 'Job Control', version: '1.0.0', references: ['DSP1033'] },
];

export const registeredProfile = element('Xen_RegisteredProfile', 'pool', {
  namespaces,
  parts: () => profiles,
  key: {
    form: 'listed',
    keys: {
      InstanceID: (_pool, _reads, { name, registeredName, version }) =>
        `Xen:${name}-${registeredName.replaceAll(' ', '')}-${version}`,
    },
  },
  properties: {
    ElementName: { calc: (_pool, _reads, { registeredName }) => registeredName },
    Caption: { calc: (_pool, _reads, { name }) => name },
    SpecificationType: { value: label('Profile') },
    RegisteredOrganization: { value: label('DMTF') },
    RegisteredName: { calc: (_pool, _reads, { registeredName }) => registeredName },
    RegisteredVersion: { calc: (_pool, _reads, { version }) => version },
    AdvertiseTypes: { value: [label('Not Advertised')] },
  },
});

export const profileAssociations = [
  association('Xen_ReferencedProfile', ['Antecedent', registeredProfile], ['Dependent', registeredProfile], [], {
    namespaces,
    pair: (referenced, referencing) => (referencing.part as Profile).references.includes(referenced.part.name),
  }),
];
