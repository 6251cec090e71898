import { type Association, association } from '../provider/association.js';
import { label, labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { deviceTies, settingTies, states, uriOf } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, dormant, working } from './condition.js';
import { host } from './host.js';
import { nameOfPci, pciDevice, unobserved } from './pci.js';
import { configurations } from './setting.js';
import { system } from './system.js';

type Vgpu = Records['VGPU'];
type VgpuType = Records['VGPU_type'];

const graphics = { ResourceType: { value: label('Graphics controller') } } as const;
const pci = { ProtocolSupported: { value: label('PCI') } } as const;
const passthrough = ({ implementation }: VgpuType): boolean => implementation === 'passthrough';

/** Vendor and model of a kind of virtual card. */
export const nameOfType = ({ vendor_name, model_name, uuid }: VgpuType): string =>
  [vendor_name, model_name].filter(Boolean).join(' ') || uuid;

const physicalKey = {
  form: 'device',
  systemClass: 'Xen_HostComputerSystem',
  owner: 'host',
  suffix: 'uuid',
} as const;

export const hostDisplay = element('Xen_HostDisplayController', 'PGPU', {
  reads: { host: ['host'], pci: ['PCI'] },
  key: physicalKey,
  properties: {
    ...unobserved,
    ...pci,
    Caption: { value: 'Graphics card of a Xen host' },
    Name: { from: 'pci', field: 'pci_id' },
    ElementName: { calc: (card, { pci }) => (pci ? nameOfPci(pci) : card.uuid) },
    Description: { from: 'pci', field: 'class_name' },
    VideoProcessor: { from: 'pci', field: 'device_name' },
    IsSystemDisplay: 'is_system_display_device',
    ControlDomainAccess: {
      field: 'dom0_access',
      as: labels({
        enabled: 'Enabled',
        disable_on_reboot: 'Disabled after Restart',
        disabled: 'Disabled',
        enable_on_reboot: 'Enabled after Restart',
      }),
    },
  },
});

export const graphicsPool = element('Xen_GraphicsPool', 'GPU_group', {
  reads: { placed: ['PGPUs', 'resident_VGPUs'] },
  key: { form: 'setting' },
  properties: {
    ...graphics,
    Caption: { value: 'Graphics cards that virtual cards are cut from' },
    Name: 'name_label',
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    Description: { calc: ({ name_description }) => name_description || null },
    PoolID: 'uuid',
    Primordial: { value: true },
    AllocationUnits: { value: 'count' },
    ConsumedResourceUnits: { value: 'count' },
    CurrentlyConsumedResource: { calc: (_group, { placed }) => placed.length },
    AllocationAlgorithm: {
      field: 'allocation_algorithm',
      as: labels({ breadth_first: 'Breadth First', depth_first: 'Depth First' }),
    },
    HealthState: { value: label('Unknown') },
    OperationalStatus: { value: [label('Unknown')] },
    Status: { value: 'Unknown' },
  },
});

export const graphicsCapabilities = element('Xen_GraphicsAllocationCapabilities', 'VGPU_type', {
  reads: { enabled: ['enabled_on_GPU_groups'] },
  key: { form: 'setting' },
  properties: {
    ...graphics,
    Caption: { value: 'Kind of virtual graphics card' },
    ElementName: { calc: nameOfType },
    ResourceSubType: { calc: ({ identifier, model_name }) => identifier || model_name || null },
    RequestTypesSupported: { value: label('General') },
    SharingMode: {
      calc: (type) => label(passthrough(type) ? 'Dedicated' : 'Shared'),
      labels: ['Dedicated', 'Shared'],
    },
    SupportedAddStates: { value: [] },
    SupportedRemoveStates: { value: [] },
    VendorName: { calc: ({ vendor_name }) => vendor_name || null },
    ModelName: { calc: ({ model_name }) => model_name || null },
    Implementation: {
      field: 'implementation',
      as: labels({
        passthrough: 'Passed Through',
        nvidia: 'NVIDIA',
        nvidia_sriov: 'NVIDIA SR-IOV',
        gvt_g: 'Intel GVT-g',
        mxgpu: 'AMD MxGPU',
      }),
    },
    FramebufferSize: { calc: ({ framebuffer_size: size }) => (size > 0n ? size : null) },
    MaxHeads: { calc: ({ max_heads }) => (max_heads > 0n ? max_heads : null) },
    MaxHorizontalResolution: { calc: ({ max_resolution_x: x }) => (x > 0n ? x : null) },
    MaxVerticalResolution: { calc: ({ max_resolution_y: y }) => (y > 0n ? y : null) },
    Experimental: 'experimental',
  },
});

/** What shows whether a virtual card is in its machine now. */
const cardState = states(({ currently_attached }: Vgpu) => (currently_attached ? 'attached' : 'detached'), {
  attached: working,
  detached: dormant,
});

export const display = element('Xen_DisplayController', 'VGPU', {
  reads: { vm: ['VM'], type: ['type'] },
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' },
  properties: {
    ...pci,
    Caption: { value: 'Graphics card of a Xen virtual machine' },
    Name: 'uuid',
    ElementName: { calc: ({ uuid }, { type }) => (type ? nameOfType(type) : uuid) },
    VideoProcessor: { from: 'type', field: 'model_name' },
    MaxMemorySupported: {
      calc: (_card, { type }) => (type && type.framebuffer_size > 0n ? type.framebuffer_size : null),
    },
    ...deviceColumns(cardState),
  },
});

const uriOfCard = uriOf('Xen_HostDisplayController', physicalKey);

export const displaySetting = element('Xen_DisplayControllerSettingData', 'VGPU', {
  reads: {
    vm: ['VM'],
    type: ['type'],
    group: ['GPU_group'],
    card: ['resident_on'],
    cardHost: ['resident_on', 'host'],
  },
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  properties: {
    ...graphics,
    Caption: { value: 'Settings of a graphics card of a Xen virtual machine' },
    ElementName: { calc: ({ uuid }, { type }) => (type ? nameOfType(type) : uuid) },
    ResourceSubType: { calc: (_card, { type }) => type?.identifier || type?.model_name },
    PoolID: { from: 'group', field: 'uuid' },
    HostResource: {
      calc: (_card, { card, cardHost }) => {
        const uri = card && uriOfCard(card, { host: cardHost });
        return uri ? [uri] : null;
      },
    },
    AddressOnParent: 'device',
    AllocationUnits: { value: 'count' },
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    Reservation: { value: 1 },
    Limit: { value: 1 },
    ConsumerVisibility: {
      calc: (_card, { type }) => (type ? label(passthrough(type) ? 'Passed-Through' : 'Virtualized') : null),
      labels: ['Passed-Through', 'Virtualized'],
    },
    ExtraArguments: { calc: ({ extra_args }) => extra_args || null },
  },
});

export const graphicsAssociations: readonly Association[] = [
  association(
    'Xen_HostComputerSystemDisplayController',
    ['PartComponent', hostDisplay],
    ['GroupComponent', host],
    ['host'],
  ),
  association('Xen_HostDeviceControlledBy', ['Dependent', hostDisplay], ['Antecedent', pciDevice], ['PCI']),
  association(
    'Xen_GraphicsPoolComponent',
    ['PartComponent', hostDisplay],
    ['GroupComponent', graphicsPool],
    ['GPU_group'],
  ),
  association('Xen_HostedGraphicsPool', ['PartComponent', graphicsPool], ['GroupComponent', host], ['PGPUs', 'host']),
  association(
    'Xen_GraphicsPoolAllocationCapabilities',
    ['Capabilities', graphicsCapabilities],
    ['ManagedElement', graphicsPool],
    ['supported_on_GPU_groups'],
    {
      properties: {
        Characteristics: {
          calc: ({ reads }, { record }) =>
            reads.enabled.some(({ uuid }: { uuid: string }) => uuid === record.uuid) ? [label('Current')] : null,
          labels: ['Current'],
        },
      },
    },
  ),
  association('Xen_HostedDisplayController', ['Dependent', display], ['Antecedent', hostDisplay], ['resident_on']),
  ...deviceTies('DisplayController', display, {
    system,
    toSystem: ['VM'],
    pool: graphicsPool,
    toPool: ['resident_on', 'GPU_group'],
    setting: displaySetting,
  }),
  ...settingTies('DisplayController', displaySetting, {
    configurations,
    toConfiguration: ['VM'],
    pool: graphicsPool,
    toPool: ['GPU_group'],
    current: ({ record }) => record.currently_attached,
  }),
];
