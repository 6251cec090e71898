import { association } from '../provider/association.js';
import { type Codec, filled, label, labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { memberId, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, failed, stopped, working } from './condition.js';
import { host } from './host.js';

type Pif = Records['PIF'];
interface Measured {
  readonly metrics: Records['PIF_metrics'] | undefined;
}

/** What shows whether a port of a host is up, has no link, or is not plugged. */
const linkState = states(
  ({ currently_attached }: Pif, { metrics }: Measured) =>
    currently_attached ? (metrics?.carrier === false ? 'dark' : 'up') : 'down',
  {
    up: working,
    dark: {
      ...failed,
      OperationalStatus: [label('Lost Communication')],
      Status: 'Lost Comm',
      Availability: label('Off Line'),
    },
    down: stopped,
  },
);

const unknownSpeed = 65_535n;

/** Bit/s from Mbit/s; NULL where the port does not know. */
const speed: Codec<bigint> = {
  read: (megabits) => (megabits <= 0n || megabits === unknownSpeed ? null : megabits * 1_000_000n),
};

/** The members of a bond are not shown: the bond stands for them. */
export const standsAlone = (_pif: Pif, { bond }: { readonly bond: Records['Bond'] | undefined }): boolean =>
  bond === undefined;

const addresses = ({ IP, IPv6 }: Pif): readonly string[] | null => {
  const found = [IP, ...(IPv6 ?? [])].filter((address) => address !== '');
  return found.length > 0 ? found : null;
};

export const hostNetworkPort = element('Xen_HostNetworkPort', 'PIF', {
  reads: { host: ['host'], metrics: ['metrics'], bond: ['bond_slave_of'] },
  where: standsAlone,
  key: { form: 'device', systemClass: 'Xen_HostComputerSystem', owner: 'host', suffix: 'uuid' },
  properties: {
    Name: 'device',
    ElementName: { calc: ({ device }, { metrics }) => metrics?.device_id || device },
    Description: { from: 'metrics', field: 'device_name' },
    Caption: { value: 'Xen Host Physical Interface port' },
    CommunicationStatus: {
      from: 'metrics',
      field: 'carrier',
      as: {
        read: (carrier) => label(carrier ? 'Communication OK' : 'Not Available'),
        labels: ['Communication OK', 'Not Available'],
      },
    },
    ...deviceColumns(linkState),
    EnabledDefault: { value: label('Enabled') },
    LinkTechnology: { value: label('Ethernet') },
    PermanentAddress: 'MAC',
    NetworkAddresses: { calc: addresses },
    SupportedMaximumTransmissionUnit: 'MTU',
    Speed: { from: 'metrics', field: 'speed', as: speed },
    MaxSpeed: { from: 'metrics', field: 'speed', as: speed },
    FullDuplex: { from: 'metrics', field: 'duplex' },
    IdentifyingDescriptions: { calc: (_pif, { metrics }) => metrics && [metrics.vendor_name, metrics.vendor_id] },
  },
});

export const hostNetworkPortSetting = element('Xen_HostNetworkPortSettingData', 'PIF', {
  reads: {
    host: ['host'],
    network: ['network'],
    bond: ['bond_slave_of'],
    carrier: ['VLAN_master_of', 'tagged_PIF'],
  },
  where: standsAlone,
  key: { form: 'member', owner: 'host', suffix: 'uuid' },
  properties: {
    Caption: { value: 'Active Virtualization Settings of a Xen Host Network Port' },
    ElementName: { from: 'host', field: 'uuid' },
    PoolID: { from: 'host', field: 'uuid' },
    ResourceType: { value: label('Ethernet Adapter') },
    Address: 'MAC',
    Connection: { calc: ({ device }) => [device] },
    VirtualSwitch: { from: 'network', field: 'uuid' },
    VlanTag: 'VLAN',
    IPConfigurationMode: {
      field: 'ip_configuration_mode',
      as: labels({ None: 'None', DHCP: 'DHCP', Static: 'Static' }),
    },
    IPAddress: { field: 'IP', as: filled },
    IPSubnetMask: { field: 'netmask', as: filled },
    IPGateway: { field: 'gateway', as: filled },
    DNS: { field: 'DNS', as: filled },
    Management: 'management',
    ManagementPurpose: { calc: ({ other_config }) => other_config['management_purpose'] },
    Parent: { calc: (_pif, reads) => reads.host && reads.carrier && memberId(reads.host.uuid, reads.carrier.uuid) },
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    AllocationUnits: { value: 'count' },
    ConsumerVisibility: { value: label('Virtualized') },
  },
});

export const hostNetworkAssociations = [
  association(
    'Xen_HostComputerSystemNetworkPort',
    ['PartComponent', hostNetworkPort],
    ['GroupComponent', host],
    ['host'],
  ),
  association(
    'Xen_HostNetworkPortSettingsDefineState',
    ['ManagedElement', hostNetworkPort],
    ['SettingData', hostNetworkPortSetting],
    [],
  ),
];
