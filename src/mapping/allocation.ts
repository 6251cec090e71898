import { association } from '../provider/association.js';
import { type Given, label, mebibyte } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { instanceIdOf } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { amounts, defines, has, limit, limits, type Role, units } from './allocation-limit.js';
import { host } from './host.js';
import { memoryPool } from './memory.js';
import { networkConnectionPool } from './network.js';
import { processorCount, processorPool } from './processor.js';
import { storagePool, storageType } from './storage.js';
import { virtualSwitch } from './switch.js';

const either = { value: [label('Enabled'), label('Disabled')] } as const;

/** What is taken from a pool is taken by one machine alone; a machine can be given more, or less, whether it runs or not. */
const dedicated = {
  SharingMode: { value: label('Dedicated') },
  RequestTypesSupported: { value: label('General') },
  SupportedAddStates: either,
  SupportedRemoveStates: either,
} as const;

/** Machines share what is taken from the pool. */
const shared = { ...dedicated, SharingMode: { value: label('Shared') } } as const;

/** What capabilities are called. */
const named = (text: string) =>
  ({ ElementName: 'name_label', Caption: { value: text }, Description: { value: text } }) as const;

const memoryType = { ResourceType: { value: label('Memory') }, ResourceSubType: { value: 'Xen Memory' } } as const;
const processorType = { ResourceType: { value: label('Processor') }, ResourceSubType: { value: 'xen:vcpu' } } as const;
const networkType = { ResourceType: { value: label('Ethernet Connection') } } as const;
const storageTypes = { ResourceType: storageType, OtherResourceType: 'content_type', ResourceSubType: 'type' } as const;

export const memoryCapabilities = element('Xen_MemoryAllocationCapabilities', 'host', {
  key: { form: 'member', owner: 'self', suffix: { text: 'MemoryAllocationCapabilities' } },
  properties: { ...dedicated, ...named('Memory allocation capabilities of a Xen host'), ...memoryType },
});

/** A guest that has no drivers for it does not let a processor go while it runs. */
export const processorCapabilities = element('Xen_ProcessorAllocationCapabilities', 'host', {
  key: { form: 'member', owner: 'self', suffix: { text: 'ProcessorAllocationCapabilities' } },
  properties: {
    ...shared,
    ...named('Processor allocation capabilities of a Xen host'),
    ...processorType,
    SupportedRemoveStates: { value: [label('Disabled')] },
  },
});

/** A machine can be given an image that is there, named by HostResource, or a new one. */
export const storageCapabilities = element('Xen_StorageAllocationCapabilities', 'SR', {
  key: { form: 'member', owner: 'self', suffix: { text: 'StorageAllocationCapabilities' } },
  properties: {
    ...dedicated,
    ...named('Storage allocation capabilities of a Xen storage repository'),
    ...storageTypes,
    RequestTypesSupported: { value: label('Both') },
  },
});

export const networkCapabilities = element('Xen_NetworkConnectionAllocationCapabilities', 'network', {
  key: { form: 'member', owner: 'self', suffix: { text: 'NetworkConnectionAllocationCapabilities' } },
  properties: { ...shared, ...named('Connection allocation capabilities of a Xen network'), ...networkType },
});

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
    ...memoryType,
    ConsumerVisibility: { value: label('Passed-Through') },
    VirtualQuantity: { calc: (_host, { metrics }, { role }) => memoryFixed[role] ?? metrics?.memory_free },
    Reservation: { calc: (_host, { metrics }, { role }) => memoryFixed[role] ?? metrics?.memory_free },
    Limit: { calc: (_host, { metrics }, { role }) => memoryFixed[role] ?? metrics?.memory_total },
  },
});

/** How weights of processors compare (XenAPI VM.VCPUs_params: weight). */
const weights: Readonly<Record<Role, number>> = { Minimum: 1, Maximum: 65_535, Increment: 1, Default: 256 };

export const processorLimit = element('Xen_ProcessorCapabilitiesSettingData', 'host', {
  parts: limits('Processor'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...limit,
    ...units('count'),
    ...amounts((host: Records['host'], _reads: unknown, role) => (role === 'Maximum' ? processorCount(host) : 1)),
    Weight: { calc: (_host, _reads, { role }) => weights[role] },
    Caption: { value: 'Processors that a Xen host can give' },
    PoolID: { calc: instanceIdOf(processorPool) },
    ...processorType,
    ConsumerVisibility: { value: label('Virtualized') },
  },
});

const storageStep = 512n * mebibyte;

type Sr = Records['SR'];

/** A library of media gives one medium at a time; other repositories give bytes. */
const ofMedia = ({ content_type }: Sr): boolean => content_type === 'iso';

const storageUnit = { calc: (sr: Sr) => (ofMedia(sr) ? 'count' : 'byte') };

const space = (sr: Sr, role: Role): Given => {
  if (ofMedia(sr)) return 1;
  return role === 'Minimum' || role === 'Increment' ? storageStep : sr.physical_size;
};

export const storageLimit = element('Xen_StorageCapabilitiesSettingData', 'SR', {
  reads: { hosts: ['PBDs', 'host'] },
  parts: limits('Storage'),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...limit,
    ...amounts((sr: Sr, _reads: unknown, role) => space(sr, role)),
    AllocationUnits: storageUnit,
    VirtualQuantityUnits: storageUnit,
    Caption: { value: 'Space that a Xen storage repository can give' },
    PoolID: { calc: instanceIdOf(storagePool) },
    ...storageTypes,
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
    ...networkType,
    ConsumerVisibility: { value: label('Virtualized') },
  },
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
  has('Xen_HostNetworkConnectionAllocationCapabilities', host, networkCapabilities, ['PIFs', 'host']),
  has('Xen_VirtualSwitchPortAllocationCapabilities', virtualSwitch, networkCapabilities),
  association(
    'Xen_HostNetworkConnectionPool',
    ['PartComponent', networkConnectionPool],
    ['GroupComponent', host],
    ['PIFs', 'host'],
  ),
];
