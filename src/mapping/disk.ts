import { association } from '../provider/association.js';
import { label, labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { deviceTies, settingTies, states, uriOf } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, failed, idle, working } from './condition.js';
import { configurations } from './setting.js';
import { diskImage, storagePool, unused } from './storage.js';
import { system } from './system.js';

type Vbd = Records['VBD'];
type Vdi = Records['VDI'];

interface Inserted {
  readonly vdi: Vdi | undefined;
}

/** What shows whether a disk is plugged, is not, or failed. */
const plugState = states(
  ({ status_code, currently_attached }: Vbd, { vdi }: Inserted) =>
    status_code !== 0n || vdi?.missing === true ? 'failed' : currently_attached ? 'attached' : 'detached',
  {
    attached: working,
    detached: idle,
    failed,
  },
);

const noImage = 'No host VDI information available';

const access = labels({ RO: 'Readable', RW: 'Read/Write Supported' });

/** What disks and drives have in common. */
const plugged = {
  Name: 'device',
  ElementName: { calc: (_vbd: Vbd, { vdi }: Inserted) => vdi?.name_label ?? noImage },
  Description: { calc: (_vbd: Vbd, { vdi }: Inserted) => vdi?.name_description ?? noImage },
  ...deviceColumns(plugState),
  EnabledDefault: { value: label('Enabled') },
  RequestedState: { value: label('Not Applicable') },
  StatusDescriptions: {
    calc: ({ status_code, status_detail }: Vbd, { vdi }: Inserted) =>
      status_code !== 0n ? [status_detail] : vdi?.missing ? ['The image is missing from its repository'] : null,
  },
  LocationIndicator: { value: label('Not Supported') },
  PowerManagementSupported: { value: false },
} as const;

const keys = { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' } as const;

export const disk = element('Xen_Disk', 'VBD', {
  reads: { vm: ['VM'], vdi: ['VDI'] },
  where: ({ type }) => type === 'Disk',
  key: keys,
  properties: {
    ...plugged,
    Caption: { value: 'Xen Virtual Disk' },
    Access: { field: 'mode', as: access },
    BlockSize: { value: 1 },
    NumberOfBlocks: { calc: (_vbd, { vdi }) => vdi?.virtual_size ?? 0 },
    ConsumableBlocks: { calc: (_vbd, { vdi }) => (vdi ? unused(vdi) : 0) },
    NameFormat: { value: label('OS Device Name') },
    NameNamespace: { value: label('OS Device Namespace') },
    DataOrganization: { value: label('Fixed Block') },
    DataRedundancy: { value: 0 },
    DeltaReservation: { value: 0 },
    IsBasedOnUnderlyingRedundancy: { value: false },
    NoSinglePointOfFailure: { value: false },
    Primordial: { value: true },
    Purpose: { value: 'Virtual Disk for a Xen Domain' },
    SequentialAccess: { value: false },
  },
});

export const diskDrive = element('Xen_DiskDrive', 'VBD', {
  reads: { vm: ['VM'], vdi: ['VDI'] },
  where: ({ type }) => type !== 'Disk',
  key: keys,
  properties: {
    ...plugged,
    Caption: { calc: ({ type }) => (type === 'Floppy' ? 'Xen Virtual Floppy' : 'Xen Virtual CD/DVD') },
    Capabilities: { value: [label('Random Access'), label('Supports Removeable Media')] },
  },
});

const imageUri = uriOf(diskImage.cim, diskImage.key);

/** A drive is one, a disk as many bytes as its image. */
const quantity = ({ type }: Vbd, { vdi }: Inserted): bigint =>
  type === 'Disk' && vdi !== undefined ? vdi.virtual_size : 1n;

const unit = ({ type }: Vbd): string => (type === 'Disk' ? 'byte' : 'count');

/** A property that is there only with an image. */
const withImage = <G>(given: G): { readonly calc: (vbd: Vbd, reads: Inserted) => G | null } => ({
  calc: (_vbd, { vdi }) => (vdi ? given : null),
});

export const diskSetting = element('Xen_DiskSettingData', 'VBD', {
  reads: { vm: ['VM'], vdi: ['VDI'], sr: ['VDI', 'SR'] },
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  properties: {
    Caption: { value: 'Extended Settings for a Xen Virtual Disk' },
    ElementName: { calc: (_vbd, { vdi }) => vdi?.name_label ?? noImage },
    Description: { from: 'vdi', field: 'name_description' },
    ResourceType: {
      field: 'type',
      as: labels({ Disk: 'Storage Extent', CD: 'DVD drive', Floppy: 'Floppy Drive' }),
    },
    ResourceSubType: { value: 'DMTF:xen:vbd' },
    Access: { field: 'mode', as: access },
    AddressOnParent: 'userdevice',
    AllocationUnits: { calc: unit },
    VirtualQuantityUnits: { calc: unit },
    VirtualQuantity: { calc: quantity },
    Reservation: { calc: quantity },
    Limit: { calc: quantity },
    VirtualResourceBlockSize: { value: 1 },
    HostResourceBlockSize: { value: 1 },
    AutomaticAllocation: { value: false },
    AutomaticDeallocation: { value: false },
    ConsumerVisibility: { value: label('Virtualized') },
    MappingBehavior: {
      calc: (_vbd, { vdi }) => label(vdi?.sharable ? 'Hard Affinity' : 'Dedicated'),
      labels: ['Hard Affinity', 'Dedicated'],
    },
    HostResource: { calc: (_vbd, { vdi, sr }) => vdi && sr && [imageUri(vdi, { sr })] },
    HostExtentName: { from: 'vdi', field: 'uuid' },
    HostExtentNameFormat: { ...withImage(label('Other')), labels: ['Other'] },
    OtherHostExtentNameFormat: withImage('Xen VDI UUID'),
    HostExtentNameNamespace: { ...withImage(label('Other')), labels: ['Other'] },
    OtherHostExtentNameNamespace: withImage('Xen UUID'),
    PoolID: { from: 'sr', field: 'uuid' },
    Bootable: 'bootable',
  },
});

export const diskAssociations = [
  ...deviceTies('Disk', disk, {
    system,
    toSystem: ['VM'],
    pool: storagePool,
    toPool: ['VDI', 'SR'],
    setting: diskSetting,
  }),
  ...deviceTies('DiskDrive', diskDrive, {
    system,
    toSystem: ['VM'],
    pool: storagePool,
    toPool: ['VDI', 'SR'],
    setting: diskSetting,
  }),
  ...settingTies('Disk', diskSetting, {
    configurations,
    toConfiguration: ['VM'],
    pool: storagePool,
    toPool: ['VDI', 'SR'],
    current: ({ record }) => record.currently_attached,
  }),
  association('Xen_HostedDisk', ['Dependent', disk], ['Antecedent', diskImage], ['VDI']),
  association('Xen_HostedDiskDrive', ['Dependent', diskDrive], ['Antecedent', diskImage], ['VDI']),
];
