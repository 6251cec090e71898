import { association, type EndSubject } from '../provider/association.js';
import { type Given, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { deviceTies, settingTies } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { well } from './condition.js';
import { host, hostProcessor, hostState } from './host.js';
import { isMeasured, toHostMeasured } from './measured.js';
import { families, familyOf } from './processor-family.js';
import { captionOf, configurations, poolId, poolOf } from './setting.js';
import { isSystem, system, toHost } from './system.js';

interface Vcpu {
  readonly name: string;
  readonly index: number;
}

const vcpus: Vcpu[] = [];

/** The virtual processors of a machine from the first on, so many of them. */
export function firstVcpus(wanted: bigint): readonly Vcpu[] {
  const count = Math.min(Math.max(Number(wanted), 0), 4096);
  for (let index = vcpus.length; index < count; index++) vcpus.push({ name: `VCPU${index}`, index });
  return vcpus.slice(0, count);
}

const megahertz = (host: Records['host'] | undefined): number | null => {
  const speed = Number.parseFloat(host?.cpu_info['speed'] ?? '');
  return speed > 0 ? Math.round(speed) : null;
};

export const processor = element('Xen_Processor', 'VM', {
  reads: toHostMeasured,
  where: isSystem,
  parts: ({ VCPUs_max }) => firstVcpus(VCPUs_max),
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'self', suffix: 'part' },
  reading: (vm, reads, { index }) =>
    isMeasured(vm, reads) ? { host: reads.host!.uuid, owner: `vm:${vm.uuid}`, source: `cpu${index}` } : undefined,
  properties: {
    Name: 'uuid',
    ElementName: 'name_label',
    Caption: { value: 'Processor' },
    Description: { value: 'Xen Virtual Processor' },
    Role: { value: 'Virtual Processor' },
    CPUStatus: { value: label('CPU Enabled') },
    EnabledDefault: { value: label('Not Applicable') },
    EnabledState: { value: label('Not Applicable') },
    RequestedState: { value: label('Not Applicable') },
    ...well,
    UpgradeMethod: { value: label('None') },
    LoadPercentage: { sample: ({ value }) => Math.round(100 * value) },
    CurrentClockSpeed: { calc: (_vm, reads) => megahertz(reads.host) },
    MaxClockSpeed: { calc: (_vm, reads) => megahertz(reads.host) },
    Family: {
      calc: (_vm, reads) => reads.host && familyOf(reads.host.cpu_info['modelname'] ?? ''),
      labels: families,
    },
    Stepping: { calc: (_vm, reads) => reads.host?.cpu_info['stepping'] },
  },
});

export const processorSetting = element('Xen_ProcessorSettingData', 'VM', {
  reads: poolOf,
  key: { form: 'member', owner: 'self', suffix: { text: 'Processor' } },
  properties: {
    Caption: { calc: captionOf('Processor Setting Data') },
    ElementName: 'name_label',
    ResourceType: { value: label('Processor') },
    AllocationUnits: { value: 'count' },
    VirtualQuantityUnits: { value: 'count' },
    ConsumerVisibility: { value: label('Virtualized') },
    VirtualQuantity: 'VCPUs_max',
    Reservation: 'VCPUs_at_startup',
    Limit: { calc: ({ VCPUs_params }) => VCPUs_params['cap'] },
    Weight: { calc: ({ VCPUs_params }) => VCPUs_params['weight'] },
    PoolID: { calc: poolId },
    AutomaticAllocation: { value: true },
    AutomaticDeallocation: { value: true },
  },
});

/** How many processors a host has; hosts that no longer list them tell the number. */
export const processorCount = ({ host_CPUs, cpu_info }: Records['host']): Given =>
  host_CPUs.length > 0 ? host_CPUs.length : cpu_info['cpu_count'];

export const processorPool = element('Xen_ProcessorPool', 'host', {
  reads: { metrics: ['metrics'], residents: ['resident_VMs'] },
  key: { form: 'member', owner: 'self', suffix: { text: 'ProcessorPool' } },
  properties: {
    PoolID: 'uuid',
    ResourceType: { value: label('Processor') },
    ResourceSubType: { value: 'xen:vcpu' },
    AllocationUnits: { value: 'count' },
    Capacity: { calc: processorCount },
    Reserved: { value: 0 },
    ConsumedResourceUnits: { value: 'count' },
    CurrentlyConsumedResource: {
      calc: (_host, { residents }) => residents.reduce((sum, vm) => sum + vm.VCPUs_at_startup, 0n),
    },
    Primordial: { value: true },
    Name: { value: 'Xen Virtual Processor Pool' },
    Caption: { value: 'Xen Virtual Processor Pool' },
    Description: 'name_description',
    ElementName: 'name_label',
    HealthState: hostState('HealthState'),
    OperationalStatus: hostState('OperationalStatus'),
  },
});

/** Whether the machine's processors may run on that one only among others: what its mask of numbers says. */
const pinned = ({ record: vm }: EndSubject, { record: cpu }: EndSubject): boolean =>
  (vm as Records['VM']).VCPUs_params['mask']?.split(',').includes(String((cpu as Records['host_cpu']).number)) === true;

export const processorAssociations = [
  ...deviceTies('Processor', processor, {
    system,
    toSystem: [],
    pool: processorPool,
    toPool: ['resident_on'],
    setting: processorSetting,
  }),
  ...settingTies('Processor', processorSetting, {
    configurations,
    toConfiguration: [],
    pool: processorPool,
    toPool: toHost,
    current: ({ record }) => record.power_state !== 'Halted',
  }),
  association(
    'Xen_HostedProcessor',
    ['Dependent', processor],
    ['Antecedent', hostProcessor],
    ['resident_on', 'host_CPUs'],
    { pair: pinned },
  ),
  association(
    'Xen_ProcessorPoolComponent',
    ['PartComponent', hostProcessor],
    ['GroupComponent', processorPool],
    ['host'],
  ),
  association('Xen_HostedProcessorPool', ['PartComponent', processorPool], ['GroupComponent', host], []),
];
