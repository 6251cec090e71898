import { element } from '../provider/element.js';
import { host } from './host.js';
import { capable } from './pool-service.js';

interface Kind {
  readonly name: 'Processor' | 'Memory' | 'Disk' | 'NetworkPort';
  readonly shared: boolean;
  readonly mutable: boolean;
}

/** The kinds of resources that are virtualized. */
const kinds: readonly Kind[] = [
  { name: 'Processor', shared: true, mutable: false },
  { name: 'Memory', shared: false, mutable: true },
  { name: 'Disk', shared: true, mutable: false },
  { name: 'NetworkPort', shared: false, mutable: false },
];

const nameOf = ({ name }: Kind): string => `Xen_${name}VirtualizationCapability`;

export const virtualizationCapabilities = element('Xen_VirtualizationCapabilities', 'pool', {
  parts: () => kinds,
  key: { form: 'listed', keys: { InstanceID: (_pool, _reads, kind) => nameOf(kind) } },
  properties: {
    ElementName: { calc: (_pool, _reads, kind) => nameOf(kind) },
    ResourceType: { calc: (_pool, _reads, { name }) => name },
    Shared: { calc: (_pool, _reads, { shared }) => shared },
    Mutable: { calc: (_pool, _reads, { mutable }) => mutable },
  },
});

export const capabilityAssociations = [capable('Xen_HasVirtualizationCapabilities', host, virtualizationCapabilities)];
