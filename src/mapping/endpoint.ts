import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import type { Records } from '../xenapi/records.js';
import { familyOf, maskOf, scopeOf, scopes } from './address.js';
import { type Address, type Family, guestAddresses, hostAddresses, origins } from './endpoint-address.js';
import { host } from './host.js';
import { hostNetworkPort, standsAlone } from './host-network.js';
import { switchEndpoint, systemEndpoint, virtualSwitch } from './switch.js';
import { isSystem, system } from './system.js';

type Pif = Records['PIF'];
const only =
  <V>(family: Family, read: (part: Address) => V) =>
  (_record: unknown, _reads: unknown, part: Address): V | null =>
    part.family === family ? read(part) : null;

/** What every address shows. */
const addressProperties = {
  Caption: { value: 'IP address' },
  ElementName: { calc: (_record: unknown, _reads: unknown, { address }: Address) => address },
  NameFormat: { value: 'Xen:<uuid of the port>/<slot of the address>' },
  ProtocolIFType: {
    calc: (_record: unknown, _reads: unknown, { family }: Address) => label(family === 'ipv4' ? 'IPv4' : 'IPv6'),
    labels: ['IPv4', 'IPv6'],
  },
  IPVersionSupport: {
    calc: (_record: unknown, _reads: unknown, { family }: Address) =>
      label(family === 'ipv4' ? 'IPv4 Only' : 'IPv6 Only'),
    labels: ['IPv4 Only', 'IPv6 Only'],
  },
  IPv4Address: { calc: only('ipv4', ({ address }) => address) },
  SubnetMask: { calc: only('ipv4', ({ bits }) => (bits === undefined ? null : maskOf(bits))) },
  PrefixLength: { calc: only('ipv4', ({ bits }) => bits) },
  IPv6Address: { calc: only('ipv6', ({ address }) => address) },
  IPv6SubnetPrefixLength: { calc: only('ipv6', ({ bits }) => bits) },
  IPv6AddressType: {
    calc: only('ipv6', ({ address }) => {
      const scope = scopeOf(address);
      return scope === undefined ? null : label(scope);
    }),
    labels: scopes,
  },
  AddressOrigin: {
    calc: (_record: unknown, _reads: unknown, { origin }: Address) => label(origin),
    labels: origins,
  },
} as const;

interface Plugged {
  readonly currently_attached: boolean;
}

/** An endpoint is there while its port is plugged. */
const pluggedState = {
  EnabledState: {
    calc: ({ currently_attached }: Plugged) => label(currently_attached ? 'Enabled' : 'Enabled but Offline'),
    labels: ['Enabled', 'Enabled but Offline'],
  },
  OperationalStatus: {
    calc: ({ currently_attached }: Plugged) => [label(currently_attached ? 'OK' : 'Dormant')],
    labels: ['OK', 'Dormant'],
  },
  HealthState: { value: label('OK') },
} as const;

export const guestAddress = element('Xen_ComputerSystemIPProtocolEndpoint', 'VIF', {
  reads: { vm: ['VM'], guest: ['VM', 'guest_metrics'] },
  where: (_vif, { vm }) => vm !== undefined && isSystem(vm),
  parts: guestAddresses,
  key: { form: 'endpoint', systemClass: 'Xen_ComputerSystem', owner: 'vm', part: true },
  properties: { ...addressProperties, ...pluggedState },
});

const pifReads = { host: ['host'], bond: ['bond_slave_of'] } as const;

export const hostAddress = element('Xen_HostIPProtocolEndpoint', 'PIF', {
  reads: pifReads,
  where: standsAlone,
  parts: hostAddresses,
  key: { form: 'endpoint', systemClass: 'Xen_HostComputerSystem', owner: 'host', part: true },
  properties: { ...addressProperties, ...pluggedState, Management: 'management' },
});

export const hostLanEndpoint = element('Xen_HostLANEndpoint', 'PIF', {
  reads: pifReads,
  where: standsAlone,
  key: { form: 'endpoint', systemClass: 'Xen_HostComputerSystem', owner: 'host' },
  properties: {
    ...pluggedState,
    Caption: { value: 'LAN Endpoint of a Xen host' },
    ElementName: 'device',
    MACAddress: { calc: ({ MAC }) => MAC.replaceAll(':', '').toUpperCase() || null },
    ProtocolIFType: { value: label('Ethernet CSMA/CD') },
    LANType: { value: label('Ethernet') },
    MaxDataSize: { calc: ({ MTU }) => (MTU > 0n ? MTU * 8n : null) },
  },
});

/** What a host's port goes through or asks: a gateway, or a name server. */
interface Remote {
  readonly name: string;
  readonly family: Family;
  readonly address: string;
  readonly context: 'Default Gateway' | 'DNS Server';
}

const remote = (name: string, address: string, context: Remote['context']): readonly Remote[] => {
  const family = familyOf(address);
  return family ? [{ name, family, address, context }] : [];
};

export const remotes = ({ gateway, ipv6_gateway, DNS }: Pif): readonly Remote[] => [
  ...remote('gateway', gateway, 'Default Gateway'),
  ...remote('ipv6_gateway', ipv6_gateway, 'Default Gateway'),
  ...DNS.split(/[,\s]+/).flatMap((address, i) => remote(`dns/${i}`, address, 'DNS Server')),
];

export const remoteAccessPoint = element('Xen_HostRemoteServiceAccessPoint', 'PIF', {
  reads: pifReads,
  where: standsAlone,
  parts: remotes,
  key: { form: 'endpoint', systemClass: 'Xen_HostComputerSystem', owner: 'host', part: true },
  properties: {
    Caption: { value: 'Gateway or name server of a Xen host' },
    ElementName: { calc: (_pif, _reads, { context, address }) => `${context} ${address}` },
    AccessInfo: { calc: (_pif, _reads, { address }) => address },
    InfoFormat: {
      calc: (_pif, _reads, { family }) => label(family === 'ipv4' ? 'IPv4 Address' : 'IPv6 Address'),
      labels: ['IPv4 Address', 'IPv6 Address'],
    },
    AccessContext: {
      calc: (_pif, _reads, { context }) => label(context),
      labels: ['Default Gateway', 'DNS Server'],
    },
    EnabledState: { value: label('Not Applicable') },
    HealthState: { value: label('Unknown') },
    OperationalStatus: { value: [label('Unknown')] },
  },
});

const ethernet = { FrameType: { value: label('Ethernet') } } as const;

export const endpointAssociations = [
  association('Xen_HostedAccessPoint', ['Dependent', [systemEndpoint, guestAddress]], ['Antecedent', system], ['VM']),
  association('Xen_HostedAccessPoint', ['Dependent', switchEndpoint], ['Antecedent', virtualSwitch], ['network']),
  association(
    'Xen_HostedAccessPoint',
    ['Dependent', [hostLanEndpoint, hostAddress, remoteAccessPoint]],
    ['Antecedent', host],
    ['host'],
  ),
  association('Xen_BindsToLANEndpoint', ['Antecedent', systemEndpoint], ['Dependent', guestAddress], [], {
    properties: ethernet,
  }),
  association('Xen_BindsToLANEndpoint', ['Antecedent', hostLanEndpoint], ['Dependent', hostAddress], [], {
    properties: ethernet,
  }),
  association('Xen_HostPortImplementsEndpoint', ['Antecedent', hostNetworkPort], ['Dependent', hostLanEndpoint], []),
  association('Xen_RemoteAccessAvailableToElement', ['Antecedent', remoteAccessPoint], ['Dependent', hostAddress], [], {
    pair: (from, to) => from.part.context === 'DNS Server' || from.part.family === to.part.family,
    properties: {
      OrderOfAccess: { calc: ({ part }) => (part.name.startsWith('dns/') ? Number(part.name.slice(4)) + 1 : 0) },
    },
  }),
];
