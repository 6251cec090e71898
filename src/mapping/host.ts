import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { defaultCharacteristics, masked, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, dormant, idle, unreachable, working } from './condition.js';
import { families, familyOf } from './processor-family.js';

type Host = Records['host'];
interface Measured {
  readonly metrics: Records['host_metrics'] | undefined;
}

/** What shows whether a host answers and takes machines, is held back, or does not answer. */
export const hostState = states(
  ({ enabled }: Host, { metrics }: Measured) => (metrics?.live === false ? 'away' : enabled ? 'up' : 'held'),
  {
    up: {
      ...working,
      RequestedState: label('Enabled'),
      StatusDescriptions: null,
      AvailableRequestedStates: [label('Disabled'), label('Reboot'), label('Shut Down')],
    },
    held: {
      ...dormant,
      RequestedState: label('Disabled'),
      OperationalStatus: [label('Stopped')],
      StatusDescriptions: ['The host takes no machines'],
      AvailableRequestedStates: [label('Enabled'), label('Reboot'), label('Shut Down')],
    },
    away: {
      ...unreachable,
      EnabledState: label('Disabled'),
      RequestedState: label('Unknown'),
      StatusDescriptions: ['The host does not answer'],
      HealthState: label('Critical failure'),
      AvailableRequestedStates: [label('Enabled')],
    },
  },
);

/** XenAPI keeps the boot time as seconds since 1970, in places with a fraction. */
export function bootTime({ other_config }: Host): string | null {
  const seconds = Number.parseFloat(other_config['boot_time'] ?? '');
  return seconds > 0 && seconds < 253_402_300_800 ? new Date(seconds * 1000).toISOString() : null;
}

const identifying = [
  ['IPv4Address', ({ address }: Host) => address],
  ['ProductBrand', ({ software_version }: Host) => software_version['product_brand']],
  ['ProductVersion', ({ software_version }: Host) => software_version['product_version']],
  ['BuildNumber', ({ software_version }: Host) => software_version['build_number']],
] as const;

export const host = element('Xen_HostComputerSystem', 'host', {
  reads: { metrics: ['metrics'] },
  key: { form: 'system' },
  properties: {
    ElementName: 'name_label',
    Description: 'name_description',
    Caption: { value: 'XenServer Host' },
    NameFormat: { value: 'Other' },
    Dedicated: { value: [label('Other')] },
    OtherDedicatedDescriptions: { value: ['Xen virtualization host'] },
    EnabledState: hostState('EnabledState'),
    EnabledDefault: { value: label('Enabled') },
    RequestedState: hostState('RequestedState'),
    AvailableRequestedStates: hostState('AvailableRequestedStates'),
    HealthState: hostState('HealthState'),
    OperationalStatus: hostState('OperationalStatus'),
    Status: hostState('Status'),
    StatusDescriptions: hostState('StatusDescriptions'),
    OtherConfig: { field: 'other_config', as: masked },
    OtherIdentifyingInfo: { calc: (record) => identifying.map(([, read]) => read(record) ?? '') },
    IdentifyingDescriptions: { value: identifying.map(([name]) => name) },
    PrimaryOwnerName: { calc: ({ other_config }) => other_config['owner'] },
    PrimaryOwnerContact: { calc: ({ other_config }) => other_config['ownercontact'] ?? other_config['owner_contact'] },
    Roles: { calc: ({ other_config: { role } }) => (role === undefined ? null : [role]) },
    StartTime: { calc: bootTime },
    TimeOfLastStateChange: { from: 'metrics', field: 'last_updated' },
    TimeOffset: { calc: () => -60 * new Date().getTimezoneOffset(), volatile: true },
    CN: { calc: ({ other_config }) => other_config['host_cn'] },
  },
  setters: {
    ElementName: 'set_name_label',
    Description: 'set_name_description',
    OtherConfig: { map: 'other_config' },
  },
});

export const hostCapabilities = element('Xen_HostComputerSystemCapabilities', 'host', {
  reads: { metrics: ['metrics'] },
  key: { form: 'setting' },
  properties: {
    ElementName: 'name_label',
    ElementNameEditSupported: { value: true },
    MaxElementNameLen: { value: 65_535 },
    RequestedStatesSupported: hostState('AvailableRequestedStates'),
  },
});

export const hostMemory = element('Xen_HostMemory', 'host', {
  reads: { metrics: ['metrics'] },
  key: { form: 'device', systemClass: 'Xen_HostComputerSystem', owner: 'self', suffix: { text: 'Memory' } },
  properties: {
    ElementName: 'name_label',
    Description: 'name_description',
    Caption: { value: 'Xen Host Memory' },
    BlockSize: { value: 1 },
    NumberOfBlocks: { from: 'metrics', field: 'memory_total' },
    ConsumableBlocks: { from: 'metrics', field: 'memory_free' },
    StartingAddress: { value: 0 },
    EndingAddress: { from: 'metrics', field: 'memory_total' },
    Primordial: { value: true },
    HealthState: hostState('HealthState'),
    OperationalStatus: hostState('OperationalStatus'),
    Status: hostState('Status'),
  },
});

type Processor = Records['host_cpu'];
interface Housed {
  readonly host: Records['host'] | undefined;
  readonly metrics: Records['host_metrics'] | undefined;
}

/** A processor does what its host does. */
const processorState = states(
  (_cpu: Processor, { host, metrics }: Housed) => (metrics?.live === false ? 'away' : host?.enabled ? 'up' : 'held'),
  {
    up: { ...working, CPUStatus: label('CPU Enabled') },
    held: { ...idle, CPUStatus: label('Other'), EnabledState: label('Disabled') },
    away: { ...unreachable, CPUStatus: label('Unknown') },
  },
);

export const hostProcessor = element('Xen_HostProcessor', 'host_cpu', {
  reads: { host: ['host'], metrics: ['host', 'metrics'] },
  key: { form: 'device', systemClass: 'Xen_HostComputerSystem', owner: 'host', suffix: 'uuid' },
  reading: ({ number }, { host, metrics }) =>
    host && metrics?.live ? { host: host.uuid, owner: `host:${host.uuid}`, source: `cpu${number}` } : undefined,
  properties: {
    Name: 'vendor',
    ElementName: 'vendor',
    Description: 'modelname',
    Caption: { value: 'Xen Host Processor' },
    UniqueID: 'uuid',
    CPUStatus: processorState('CPUStatus'),
    ...deviceColumns(processorState),
    EnabledDefault: { value: label('Enabled') },
    LoadPercentage: { sample: ({ value }) => Math.round(100 * value) },
    CurrentClockSpeed: 'speed',
    MaxClockSpeed: 'speed',
    Stepping: 'stepping',
    Family: { calc: ({ modelname }) => familyOf(modelname), labels: families },
  },
});

export const hostAssociations = [
  association(
    'Xen_HostComputerSystemElementCapabilities',
    ['ManagedElement', host],
    ['Capabilities', hostCapabilities],
    [],
    { properties: defaultCharacteristics },
  ),
  association('Xen_HostComputerSystemMemory', ['PartComponent', hostMemory], ['GroupComponent', host], []),
  association('Xen_HostComputerSystemProcessor', ['PartComponent', hostProcessor], ['GroupComponent', host], ['host']),
];
