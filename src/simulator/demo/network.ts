import type { Records, Ref } from '../../xenapi/records.js';
import type { PoolBuilder } from './builder.js';
import type { HostPart } from './site.js';

type Network = Ref<'network'>;
type Pif = Ref<'PIF'>;

/** Adds a network of a name and a bridge. */
export function addNetwork(
  builder: PoolBuilder,
  name: string,
  bridge: string,
  fields: Partial<Records['network']> = {},
): Network {
  return builder.add('network', { name_label: name, bridge, MTU: 1500n, ...fields });
}

/** Vendor and product of the network cards, as PIF_metrics and PCI tell of them. */
const card = {
  vendor_id: '8086',
  vendor_name: 'Intel Corporation',
  device_id: '1572',
  device_name: 'Ethernet Controller X710 for 10GbE SFP+',
};

/** A physical network interface; `carrier` false is an unplugged cable. */
export function addPhysicalInterface(
  builder: PoolBuilder,
  host: HostPart,
  network: Network,
  number: number,
  fields: Partial<Records['PIF']> = {},
  carrier = true,
): Pif {
  const bus = `0000:3b:00.${number}`;
  const pci = builder.add('PCI', {
    class_name: 'Ethernet controller',
    vendor_name: card.vendor_name,
    device_name: card.device_name,
    host: host.ref,
    pci_id: bus,
    driver_name: 'i40e',
    subsystem_vendor_name: card.vendor_name,
  });
  const metrics = builder.add('PIF_metrics', {
    carrier,
    ...card,
    speed: carrier ? 10_000n : 0n,
    duplex: carrier,
    pci_bus_path: bus,
    last_updated: builder.hoursAgo(1),
  });
  return builder.add('PIF', {
    device: `eth${number}`,
    network,
    host: host.ref,
    MAC: builder.ids.mac(),
    MTU: 1500n,
    VLAN: -1n,
    metrics,
    physical: true,
    currently_attached: true,
    managed: true,
    capabilities: [],
    properties: { gro: 'on' },
    PCI: pci,
    igmp_snooping_status: 'unknown',
    ...fields,
  });
}

/** The static address of a host's management interface. */
export const managementAddress = (host: HostPart): Partial<Records['PIF']> => ({
  management: true,
  ip_configuration_mode: 'Static',
  IP: host.address,
  netmask: '255.0.0.0',
  gateway: '127.0.0.254',
  DNS: '127.0.0.53',
});

/** An interface that stands on others: its metrics are not a card's. */
function addLogicalInterface(builder: PoolBuilder, host: HostPart, fields: Partial<Records['PIF']>, ref?: Pif): Pif {
  const metrics = builder.add('PIF_metrics', {
    carrier: true,
    speed: 10_000n,
    duplex: true,
    pci_bus_path: 'N/A',
    device_id: '',
    device_name: '',
    vendor_id: '',
    vendor_name: '',
    last_updated: builder.hoursAgo(1),
  });
  return builder.add(
    'PIF',
    { host: host.ref, MTU: 1500n, VLAN: -1n, metrics, physical: false, currently_attached: true, ...fields },
    ref,
  );
}

/** A VLAN of a tag on an interface, and the interface that carries its traffic without the tag. */
export function addVlan(builder: PoolBuilder, host: HostPart, tagged: Pif, tag: bigint, network: Network): Pif {
  const under = builder.get('PIF', tagged);
  const untagged = addLogicalInterface(builder, host, { device: under.device, network, MAC: under.MAC, VLAN: tag });
  builder.add('VLAN', { tagged_PIF: tagged, untagged_PIF: untagged, tag });
  return untagged;
}

/** A bond of interfaces, and the interface that stands for them. */
export function addBond(
  builder: PoolBuilder,
  host: HostPart,
  members: readonly Pif[],
  number: number,
  network: Network,
): Pif {
  const first = members[0] as Pif;
  const master = addLogicalInterface(builder, host, {
    device: `bond${number}`,
    network,
    MAC: builder.get('PIF', first).MAC,
  });
  const bond = builder.add('Bond', {
    master,
    primary_slave: first,
    mode: 'balance-slb',
    properties: {},
    links_up: BigInt(members.length),
    auto_update_mac: true,
  });
  for (const member of members) builder.amend('PIF', member, { bond_slave_of: bond, currently_attached: true });
  return master;
}
