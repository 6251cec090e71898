import type { Association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { deviceTies, settingTies, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { configurations } from './setting.js';
import { lowest } from './storage.js';
import { system } from './system.js';

type Vif = Records['VIF'];
type Pif = Records['PIF'];

/** What shows whether a network port is plugged, is not, or failed. */
const portState = states(
  ({ status_code, currently_attached }: Vif) =>
    status_code !== 0n ? 'failed' : currently_attached ? 'attached' : 'detached',
  {
    attached: {
      Availability: label('Running/Full Power'),
      EnabledState: label('Enabled'),
      HealthState: label('OK'),
      OperationalStatus: [label('OK')],
      Status: 'OK',
      StatusInfo: label('Enabled'),
    },
    detached: {
      Availability: label('Off Line'),
      EnabledState: label('Enabled but Offline'),
      HealthState: label('OK'),
      OperationalStatus: [label('No Contact')],
      Status: 'No Contact',
      StatusInfo: label('Disabled'),
    },
    failed: {
      Availability: label('Degraded'),
      EnabledState: label('Enabled but Offline'),
      HealthState: label('Major failure'),
      OperationalStatus: [label('Error')],
      Status: 'Error',
      StatusInfo: label('Disabled'),
    },
  },
);

interface Guest {
  readonly guest: Records['VM_guest_metrics'] | undefined;
}

/** The addresses that the guest says a port has: `<device>/ip` first, then what else is told under the device. */
function addresses({ device }: Vif, { guest }: Guest): readonly string[] | null {
  const networks = guest?.networks ?? {};
  const found = new Set([networks[`${device}/ip`]]);
  for (const key in networks) if (/^\d+\/ip/.test(key) && key.startsWith(`${device}/`)) found.add(networks[key]);
  const told = [...found].filter((address) => address !== undefined && address !== '') as string[];
  return told.length > 0 ? told : null;
}

const mtu = ({ MTU }: Vif): bigint | null => (MTU > 0n ? MTU : null);

interface Wired {
  readonly network: Records['network'] | undefined;
}

/** What the two ends of a virtual cable, the machine's port and the switch's, read and show alike. */
export const portReads = { vm: ['VM'], network: ['network'], guest: ['VM', 'guest_metrics'] } as const;

export const portProperties = {
  Name: 'uuid',
  Caption: { from: 'network', field: 'name_label' },
  Description: { from: 'network', field: 'name_description' },
  ElementName: { calc: (_vif: Vif, { network }: Wired) => network?.name_description || network?.name_label },
  PermanentAddress: 'MAC',
  NetworkAddresses: { calc: addresses },
  Availability: portState('Availability'),
  EnabledState: portState('EnabledState'),
  EnabledDefault: { value: label('Enabled') },
  RequestedState: { value: label('No Change') },
  HealthState: portState('HealthState'),
  OperationalStatus: portState('OperationalStatus'),
  Status: portState('Status'),
  StatusInfo: portState('StatusInfo'),
  StatusDescriptions: { calc: ({ status_code, status_detail }: Vif) => (status_code === 0n ? null : [status_detail]) },
  ErrorCleared: { calc: ({ status_code }: Vif) => status_code === 0n },
  LastErrorCode: 'status_code',
  ErrorDescription: 'status_detail',
  FullDuplex: { value: true },
  AutoSense: { value: false },
  LinkTechnology: { value: label('Ethernet') },
  PortType: { value: label('Unknown') },
  UsageRestriction: { value: label('Not restricted') },
  RequestedSpeed: { value: 0 },
  SupportedMaximumTransmissionUnit: { calc: mtu },
  ActiveMaximumTransmissionUnit: { calc: mtu },
  PowerManagementCapabilities: { value: [label('Not Supported')] },
  PowerManagementSupported: { value: false },
} as const;

export const networkPort = element('Xen_NetworkPort', 'VIF', {
  reads: portReads,
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' },
  properties: portProperties,
});

/** The tag of a host's port; undefined where frames are not tagged. */
const tagOf = (pif: Pif | undefined): bigint | undefined => (pif && pif.VLAN >= 0n ? pif.VLAN : undefined);

/** What a host's port says of its VLAN in text, as a list of one. */
export const connectionOf = (pif: Pif | undefined): readonly string[] | undefined => {
  const tag = tagOf(pif);
  return tag === undefined ? undefined : [String(tag)];
};

export const networkPortSetting = element('Xen_NetworkPortSettingData', 'VIF', {
  reads: { vm: ['VM'], network: ['network'], uplinks: ['network', 'PIFs'] },
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  properties: {
    Caption: { value: 'Active virtualization settings for a virtual ethernet connection' },
    ElementName: { from: 'network', field: 'bridge' },
    Description: { from: 'network', field: 'name_label' },
    ResourceType: { value: label('Ethernet Connection') },
    Address: 'MAC',
    AddressOnParent: 'device',
    AutoGeneratedMAC: 'MAC_autogenerated',
    PoolID: { from: 'network', field: 'uuid' },
    HostResource: { calc: (_vif, { uplinks: [first] }) => first && [first.device] },
    Connection: { calc: (_vif, { uplinks: [first] }) => connectionOf(first) },
    VlanTag: { calc: (_vif, { uplinks: [first] }) => tagOf(first) },
    DesiredVLANEndpointMode: { value: label('Access') },
    DefaultPortVID: { calc: (_vif, { uplinks: [first] }) => tagOf(first) },
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    AllocationUnits: { value: 'count' },
    Reservation: { value: 1 },
    Limit: { value: 1 },
    ConsumerVisibility: { value: label('Virtualized') },
    AutomaticAllocation: { value: true },
    AutomaticDeallocation: { value: true },
  },
});

export const networkConnectionPool = element('Xen_NetworkConnectionPool', 'network', {
  reads: { uplinks: ['PIFs'], hosts: ['PIFs', 'host'] },
  key: {
    form: 'member',
    owner: (_network, { hosts }) => lowest(hosts)?.uuid ?? 'NoHost',
    suffix: 'uuid',
    lenient: true,
  },
  properties: {
    PoolID: 'uuid',
    Name: 'name_label',
    ElementName: { calc: (_network, { hosts }) => lowest(hosts)?.name_label ?? 'Host info Unavailable' },
    Description: {
      calc: ({ bridge }, { uplinks: [first] }) => `Device=${first?.device ?? 'No_Device_info'},Bridge=${bridge}`,
    },
    Caption: { value: 'Network that ports of virtual systems can be connected to' },
    ResourceType: { value: label('Ethernet Connection') },
    AllocationUnits: { value: 'count' },
    Capacity: { value: 4_294_967_295 },
    Reserved: { value: 0 },
    ConsumedResourceUnits: { value: 'count' },
    CurrentlyConsumedResource: { calc: ({ VIFs }) => VIFs.length },
    Primordial: { value: true },
    HealthState: { value: label('OK') },
    OperationalStatus: { value: [label('OK')] },
    Status: { value: 'OK' },
  },
  setters: { Name: 'set_name_label' },
});

export const networkAssociations: readonly Association[] = [
  ...deviceTies('NetworkPort', networkPort, {
    system,
    toSystem: ['VM'],
    pool: networkConnectionPool,
    toPool: ['network'],
    setting: networkPortSetting,
  }),
  ...settingTies('NetworkPort', networkPortSetting, {
    configurations,
    toConfiguration: ['VM'],
    pool: networkConnectionPool,
    toPool: ['network'],
    current: ({ record }) => record.currently_attached,
  }),
];
