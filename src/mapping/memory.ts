import { association } from '../provider/association.js';
import { blocks, label, mebibyte } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { deviceTies, settingTies } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { well } from './condition.js';
import { host, hostMemory, hostState } from './host.js';
import { captionOf, configurations, poolId, poolOf } from './setting.js';
import { isSystem, system, toHost } from './system.js';

export const memory = element('Xen_Memory', 'VM', {
  reads: { metrics: ['metrics'] },
  where: isSystem,
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'self', suffix: { text: 'Memory' } },
  properties: {
    Name: 'uuid',
    ElementName: 'name_label',
    Caption: { value: 'Xen Memory' },
    Description: { value: 'Xen Virtual Memory' },
    Purpose: { value: 'Xen Memory' },
    BlockSize: { value: 1 },
    NumberOfBlocks: 'memory_dynamic_max',
    ConsumableBlocks: { calc: (_vm, { metrics }) => metrics?.memory_actual ?? 0 },
    StartingAddress: { value: 0 },
    EndingAddress: 'memory_dynamic_max',
    Access: { value: label('Read/Write Supported') },
    DataOrganization: { value: label('Fixed Block') },
    DataRedundancy: { value: 1 },
    DeltaReservation: { value: 0 },
    EnabledDefault: { value: label('Enabled') },
    EnabledState: { value: label('Not Applicable') },
    ...well,
    StatusDescriptions: { value: ['OK'] },
    Primordial: { value: true },
    SequentialAccess: { value: false },
    Volatile: { value: true },
    IsBasedOnUnderlyingRedundancy: { value: false },
    NoSinglePointOfFailure: { value: false },
    NameFormat: { value: label('Unknown') },
    NameNamespace: { value: label('Unknown') },
  },
});

const inMebibytes = blocks(mebibyte);

/** What the machine has now, or would start with. */
const quantity = ({ memory_static_max }: Records['VM'], actual: bigint | undefined): bigint =>
  actual === undefined || actual <= 0n ? memory_static_max : actual;

export const memorySetting = element('Xen_MemorySettingData', 'VM', {
  reads: { ...poolOf, metrics: ['metrics'] },
  key: { form: 'member', owner: 'self', suffix: { text: 'Memory' } },
  properties: {
    Caption: { calc: captionOf('Memory Setting Data') },
    ElementName: 'name_label',
    ResourceType: { value: label('Memory') },
    ConsumerVisibility: { value: label('Passed-Through') },
    VirtualQuantity: { calc: (vm, { metrics }) => inMebibytes.read(quantity(vm, metrics?.memory_actual)) },
    Reservation: { field: 'memory_dynamic_min', as: inMebibytes },
    Limit: { field: 'memory_dynamic_max', as: inMebibytes },
    StaticMinimum: { field: 'memory_static_min', as: inMebibytes },
    StaticMaximum: { field: 'memory_static_max', as: inMebibytes },
    AllocationUnits: { value: 'byte * 2^20' },
    VirtualQuantityUnits: { value: 'byte * 2^20' },
    PoolID: { calc: poolId },
    AutomaticAllocation: { value: true },
    AutomaticDeallocation: { value: true },
  },
});

const used = (metrics: Records['host_metrics'] | undefined): bigint | undefined =>
  metrics && metrics.memory_total - metrics.memory_free;

export const memoryPool = element('Xen_MemoryPool', 'host', {
  reads: { metrics: ['metrics'] },
  key: { form: 'member', owner: 'self', suffix: { text: 'MemoryPool' } },
  properties: {
    PoolID: 'uuid',
    ResourceType: { value: label('Memory') },
    ResourceSubType: { value: 'Xen Memory' },
    AllocationUnits: { value: 'byte' },
    Capacity: { from: 'metrics', field: 'memory_total' },
    Reserved: { calc: (_host, { metrics }) => used(metrics) },
    ConsumedResourceUnits: { value: 'byte' },
    CurrentlyConsumedResource: { calc: (_host, { metrics }) => used(metrics) },
    Primordial: { value: true },
    Name: { value: 'Xen Virtual Memory Pool' },
    Caption: { value: 'Xen Virtual Memory Pool' },
    Description: { value: 'Xen Virtual Memory Pool' },
    ElementName: 'name_label',
    HealthState: hostState('HealthState'),
    OperationalStatus: hostState('OperationalStatus'),
  },
});

export const memoryAssociations = [
  ...deviceTies('Memory', memory, {
    system,
    toSystem: [],
    pool: memoryPool,
    toPool: ['resident_on'],
    setting: memorySetting,
  }),
  ...settingTies('Memory', memorySetting, {
    configurations,
    toConfiguration: [],
    pool: memoryPool,
    toPool: toHost,
    current: ({ record }) => record.power_state !== 'Halted',
  }),
  association('Xen_HostedMemory', ['Dependent', memory], ['Antecedent', hostMemory], ['resident_on']),
  association('Xen_MemoryPoolComponent', ['PartComponent', hostMemory], ['GroupComponent', memoryPool], []),
  association('Xen_HostedMemoryPool', ['PartComponent', memoryPool], ['GroupComponent', host], []),
];
