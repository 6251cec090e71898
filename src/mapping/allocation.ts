import { type Association, association } from '../provider/association.js';
import { type Given, label, mebibyte } from '../provider/codec.js';
import { type AnyElement, element } from '../provider/element.js';
import { defaultCharacteristics, instanceIdOf } from '../provider/pattern.js';
import { host } from './host.js';
import { memoryPool } from './memory.js';
import { networkConnectionPool } from './network.js';
import { processorPool } from './processor.js';
import { storagePool, storageType } from './storage.js';
import { virtualSwitch } from './switch.js';

/** What every pool's capabilities say alike: a machine may be given more, or less, while it runs and while it does not. */
const capabilities = {
  SharingMode: { value: label('Dedicated') },
  RequestTypesSupported: { value: label('Both') },
  SupportedAddStates: { value: [label('Enabled'), label('Disabled')] },
  SupportedRemoveStates: { value: [label('Enabled'), label('Disabled')] },
} as const;

const memoryType = { value: label('Memory') };
const processorType = { value: label('Processor') };
const networkType = { value: label('Ethernet Connection') };

export const memoryCapabilities = element('Xen_MemoryAllocationCapabilities', 'host', {
  key: { form: 'member', owner: 'self', suffix: { text: 'MemoryAllocationCapabilities' } },
  properties: { ...capabilities, ElementName: 'name_label', ResourceType: memoryType },
});

export const processorCapabilities = element('Xen_ProcessorAllocationCapabilities', 'host', {
  key: { form: 'member', owner: 'self', suffix: { text: 'ProcessorAllocationCapabilities' } },
  properties: {
    ...capabilities,
    ElementName: 'name_label',
    Caption: { value: 'Processor allocation capabilities of a Xen host' },
    Description: { value: 'Processor allocation capabilities of a Xen host' },
    ResourceType: processorType,
  },
});

export const storageCapabilities = element('Xen_StorageAllocationCapabilities', 'SR', {
  key: { form: 'member', owner: 'self', suffix: { text: 'StorageAllocationCapabilities' } },
  properties: {
    ...capabilities,
    ElementName: 'name_label',
    ResourceType: storageType,
    OtherResourceType: 'content_type',
    ResourceSubType: 'type',
  },
});

export const networkCapabilities = element('Xen_NetworkConnectionAllocationCapabilities', 'network', {
  key: { form: 'member', owner: 'self', suffix: { text: 'NetworkConnectionAllocationCapabilities' } },
  properties: { ...capabilities, ElementName: 'name_label', ResourceType: networkType },
});

type Role = 'Minimum' | 'Maximum' | 'Increment' | 'Default';
interface Limit {
  readonly name: string;
  readonly role: Role;
}

/** The four settings that state what a pool can give, and what each is for (DSP1043). */
const roles: Readonly<Record<Role, { readonly ValueRole: Given; readonly ValueRange: Given }>> = {
  Minimum: { ValueRole: label('Supported'), ValueRange: label('Minimums') },
  Maximum: { ValueRole: label('Supported'), ValueRange: label('Maximums') },
  Increment: { ValueRole: label('Supported'), ValueRange: label('Increments') },
  Default: { ValueRole: label('Default'), ValueRange: label('Point') },
};

const limits = (kind: string): (() => readonly Limit[]) => {
  const made = (Object.keys(roles) as Role[]).map((role) => ({ name: `${kind}${role}`, role }));
  return () => made;
};

/** What the limits of every pool say alike. */
const limit = {
  Weight: { value: 0 },
  MappingBehavior: { value: label('Dedicated') },
  ElementName: {
    calc: ({ name_label }: { readonly name_label: string }, _reads: unknown, { role }: Limit) =>
      `${role} of ${name_label}`,
  },
} as const;

/** The same amount in the three properties that state it. */
const amounts = <X, R>(of: (record: X, reads: R, role: Role) => Given) => {
  const amount = { calc: (record: X, reads: R, part: Limit) => of(record, reads, part.role) };
  return { VirtualQuantity: amount, Reservation: amount, Limit: amount };
};

const units = (unit: string) => ({ AllocationUnits: { value: unit }, VirtualQuantityUnits: { value: unit } });

const memoryStep = 64n * mebibyte;
const memoryDefault = 256n * mebibyte;
const memoryFixed: Readonly<Partial<Record<Role, bigint>>> = {
  Minimum: memoryStep,
  Increment: memoryStep,
  Default: memoryDefault,
};

export const memoryLimit = element('Xen_MemoryCapabilitiesSettingData', 'host', {
  reads: { metrics: ['metrics'] },
  parts: limits('Memory'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...limit,
    ...units('byte'),
    Caption: { value: 'Memory that a Xen host can give' },
    PoolID: { calc: instanceIdOf(memoryPool) },
    ResourceType: memoryType,
    ConsumerVisibility: { value: label('Passed-Through') },
    VirtualQuantity: { calc: (_host, { metrics }, { role }) => memoryFixed[role] ?? metrics?.memory_free },
    Reservation: { calc: (_host, { metrics }, { role }) => memoryFixed[role] ?? metrics?.memory_free },
    Limit: { calc: (_host, { metrics }, { role }) => memoryFixed[role] ?? metrics?.memory_total },
  },
});

export const processorLimit = element('Xen_ProcessorCapabilitiesSettingData', 'host', {
  parts: limits('Processor'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...limit,
    ...units('count'),
    ...amounts(({ host_CPUs }: { readonly host_CPUs: readonly unknown[] }, _reads: unknown, role) =>
      role === 'Maximum' ? host_CPUs.length : 1,
    ),
    Caption: { value: 'Processors that a Xen host can give' },
    PoolID: { calc: instanceIdOf(processorPool) },
    ResourceType: processorType,
    ConsumerVisibility: { value: label('Virtualized') },
  },
});

const storageStep = 512n * mebibyte;

export const storageLimit = element('Xen_StorageCapabilitiesSettingData', 'SR', {
  reads: { hosts: ['PBDs', 'host'] },
  parts: limits('Storage'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...limit,
    ...units('byte'),
    ...amounts(({ physical_size }: { readonly physical_size: bigint }, _reads: unknown, role) =>
      role === 'Minimum' || role === 'Increment' ? storageStep : physical_size,
    ),
    Caption: { value: 'Space that a Xen storage repository can give' },
    PoolID: { calc: instanceIdOf(storagePool) },
    ResourceType: storageType,
    ConsumerVisibility: { value: label('Passed-Through') },
  },
});

export const networkLimit = element('Xen_NetworkConnectionCapabilitiesSettingData', 'network', {
  reads: { hosts: ['PIFs', 'host'] },
  parts: limits('NetworkConnection'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...limit,
    ...units('count'),
    ...amounts(() => 1),
    Caption: { value: 'Connections that a Xen network can give' },
    PoolID: { calc: instanceIdOf(networkConnectionPool) },
    ResourceType: networkType,
    ConsumerVisibility: { value: label('Virtualized') },
  },
});

const column = (name: 'ValueRole' | 'ValueRange') => ({
  calc: ({ part }: { readonly part: Limit }) => roles[part.role][name],
  labels: ['Supported', 'Default', 'Minimums', 'Maximums', 'Increments', 'Point'].filter((text) =>
    Object.values(roles).some((row) => row[name] === label(text)),
  ),
});

const defines = (kind: string, setting: AnyElement, group: AnyElement): Association =>
  association(`Xen_${kind}SettingsDefineCapabilities`, ['PartComponent', setting], ['GroupComponent', group], [], {
    properties: {
      PropertyPolicy: { value: label('Independent') },
      ValueRole: column('ValueRole'),
      ValueRange: column('ValueRange'),
    },
  });

const has = (cim: string, what: AnyElement, which: AnyElement, path: readonly string[] = []): Association =>
  association(cim, ['Capabilities', which], ['ManagedElement', what], path as never, {
    properties: defaultCharacteristics,
  });

export const allocationAssociations = [
  defines('Memory', memoryLimit, memoryCapabilities),
  defines('Processor', processorLimit, processorCapabilities),
  defines('Storage', storageLimit, storageCapabilities),
  defines('NetworkConnection', networkLimit, networkCapabilities),
  has('Xen_MemoryPoolAllocationCapabilities', memoryPool, memoryCapabilities),
  has('Xen_ProcessorPoolAllocationCapabilities', processorPool, processorCapabilities),
  has('Xen_StoragePoolAllocationCapabilities', storagePool, storageCapabilities),
  has('Xen_NetworkConnectionPoolAllocationCapabilities', networkConnectionPool, networkCapabilities),
  has('Xen_HostMemoryAllocationCapabilities', host, memoryCapabilities),
  has('Xen_HostProcessorAllocationCapabilities', host, processorCapabilities),
  has('Xen_HostStorageAllocationCapabilities', host, storageCapabilities, ['PBDs', 'host']),
  has('Xen_VirtualSwitchPortAllocationCapabilities', virtualSwitch, networkCapabilities),
];
