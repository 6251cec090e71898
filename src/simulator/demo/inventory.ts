import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import type { PoolBuilder } from './builder.js';
import { softwareVersion } from './hardware.js';
import { addNetwork } from './network.js';
import type { Scene } from './scene.js';

type Machines = ReadonlyMap<string, Ref<'VM'>>;

/** The first record of a class that a condition holds for; the pool is known to have it. */
function find<C extends RemoteClass>(builder: PoolBuilder, of: C, test: (record: Records[C]) => boolean): Ref<C> {
  const entry = builder.entries.find((one) => one.of === of && test(one.record as unknown as Records[C]));
  if (entry === undefined) throw new Error(`the demonstration pool: wanted a ${of}, found none of the kind`);
  return entry.ref as Ref<C>;
}

/** Four paths to the iSCSI storage, two of which are broken at the second host (the storage manager's `mpath-` keys). */
function addMultipath(builder: PoolBuilder, { hosts, storage }: Scene): void {
  for (const [i, active] of [4, 2].entries()) {
    const host = hosts[i as 0 | 1].ref;
    const pbd = find(builder, 'PBD', (record) => record.SR === storage.iscsi && record.host === host);
    const counted = { multipathed: 'true', 'mpath-36001405f3b2a': `[${active}, 4]`, iscsi_sessions: '4' };
    builder.amend('PBD', pbd, { other_config: counted });
  }
}

/** A card of the third host whose functions machines get, and the interface that stands for them. */
function addFunctions(builder: PoolBuilder, { hosts }: Scene): void {
  const host = hosts[2].ref;
  const physical = find(builder, 'PIF', (record) => record.host === host && record.device === 'eth1');
  const { MAC } = builder.get('PIF', physical);
  builder.amend('PIF', physical, { capabilities: ['sriov'] });
  const network = addNetwork(builder, 'SR-IOV on eth1', 'xapi10', { name_description: 'Functions of one card' });
  const metrics = builder.add('PIF_metrics', { carrier: true, speed: 10_000n, duplex: true, pci_bus_path: 'N/A' });
  const logical = builder.add('PIF', {
    device: 'eth1',
    network,
    host,
    MAC,
    MTU: 1500n,
    VLAN: -1n,
    metrics,
    physical: false,
    currently_attached: true,
    managed: true,
  });
  builder.add('network_sriov', {
    physical_PIF: physical,
    logical_PIF: logical,
    requires_reboot: false,
    configuration_mode: 'sysfs',
  });
}

/** A host adapter of two functions on the third host, which a machine has whole. */
function addAdapter(builder: PoolBuilder, { hosts }: Scene, machines: Machines): void {
  const adapter = (fn: number, dependencies: readonly Ref<'PCI'>[]) =>
    builder.add('PCI', {
      class_name: 'Fibre Channel',
      vendor_name: 'QLogic Corp.',
      device_name: 'ISP2722-based 16/32Gb Fibre Channel to PCIe Adapter',
      host: hosts[2].ref,
      pci_id: `0000:5e:00.${fn}`,
      driver_name: 'qla2xxx',
      dependencies,
    });
  const first = adapter(0, []);
  const second = adapter(1, [first]);
  builder.amend('PCI', first, { dependencies: [second] });
  builder.amend('VM', machines.get('仮想マシン 01') as Ref<'VM'>, { attached_PCIs: [first, second] });
}

/** Addresses of the sixth version on the second host, and one that a machine is told to use. */
function addAddresses(builder: PoolBuilder, { hosts }: Scene, machines: Machines): void {
  const host = hosts[1].ref;
  const management = find(builder, 'PIF', (record) => record.host === host && record.management);
  builder.amend('PIF', management, {
    IPv6: ['2001:db8::2/64', 'fe80::2/64'],
    ipv6_configuration_mode: 'Static',
    ipv6_gateway: '2001:db8::1',
    DNS: '127.0.0.53,2001:db8::53',
  });
  const vm = machines.get('monitoring') as Ref<'VM'>;
  const guest = builder.get('VM_guest_metrics', builder.get('VM', vm).guest_metrics);
  const vif = find(builder, 'VIF', (record) => record.VM === vm && record.device === '0');
  builder.amend('VIF', vif, {
    ipv4_configuration_mode: 'Static',
    ipv4_addresses: [`${guest.networks['0/ip']}/16`],
    ipv4_gateway: '10.20.0.254',
  });
}

/** A supplemental pack on the host that has the graphics card. */
function addPack(builder: PoolBuilder, { hosts }: Scene): void {
  const { ref, name } = hosts[0];
  const pack = { 'nvidia:vgpu': 'NVIDIA virtual GPU manager, version 17.1, build 550.54.16' };
  builder.amend('host', ref, { software_version: { ...softwareVersion, hostname: name, ...pack } });
}

/** Adds what only an inventory shows: paths to storage, functions of cards, adapters, addresses, packs. */
export function addInventory(builder: PoolBuilder, scene: Scene, machines: Machines): void {
  addMultipath(builder, scene);
  addFunctions(builder, scene);
  addAdapter(builder, scene, machines);
  addAddresses(builder, scene, machines);
  addPack(builder, scene);
}
