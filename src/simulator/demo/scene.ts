import type { Ref } from '../../xenapi/records.js';
import { GIB, type PoolBuilder } from './builder.js';
import { xeon } from './hardware.js';
import { addBond, addNetwork, addPhysicalInterface, addVlan, managementAddress } from './network.js';
import { addHost, type HostPart } from './site.js';
import { addIso, addRepository, addStorageKinds } from './storage.js';

/** The hosts, networks and repositories of the demonstration pool. */
export interface Scene {
  readonly hosts: readonly [HostPart, HostPart, HostPart];
  readonly networks: {
    readonly lan: Ref<'network'>;
    readonly storage: Ref<'network'>;
    readonly office: Ref<'network'>;
    readonly dmz: Ref<'network'>;
    readonly bond: Ref<'network'>;
    readonly internal: Ref<'network'>;
  };
  readonly storage: {
    /** Local storage by host. */
    readonly local: readonly Ref<'SR'>[];
    readonly nfs: Ref<'SR'>;
    readonly iscsi: Ref<'SR'>;
    readonly library: Ref<'SR'>;
  };
  readonly media: { readonly tools: Ref<'VDI'>; readonly debian: Ref<'VDI'>; readonly windows: Ref<'VDI'> };
}

function hosts(builder: PoolBuilder): [HostPart, HostPart, HostPart] {
  const model = {
    processor: xeon,
    sockets: 2,
    cpus: 16,
    memoryGib: 64,
    product: 'PowerEdge R640',
    vendor: 'Dell Inc.',
  };
  return [
    addHost(builder, 0, 'xen-alpha', model),
    addHost(builder, 1, 'xen-beta', model),
    addHost(builder, 2, 'xen-gamma', { ...model, sockets: 1, cpus: 8, memoryGib: 32, product: 'PowerEdge R440' }),
  ];
}

function networks(builder: PoolBuilder, pool: readonly HostPart[]): Scene['networks'] {
  const wide = (n: number) => addNetwork(builder, `Pool-wide network associated with eth${n}`, `xenbr${n}`);
  const physical = [wide(0), wide(1), wide(2), wide(3)] as const;
  const office = addNetwork(builder, 'Büro (VLAN 100)', 'xapi1', { tags: ['office'] });
  const dmz = addNetwork(builder, 'DMZ (VLAN 200)', 'xapi2', { name_description: 'Between <outside> & inside' });
  const bond = addNetwork(builder, 'Bond 2+3', 'xapi3', { MTU: 9000n });
  const internal = addNetwork(builder, 'Internal', 'xapi0', { name_description: 'No way out of the host' });
  addNetwork(builder, 'Host internal management network', 'xenapi', {
    name_description: 'Network on which guests will be assigned a private link-local IP address',
    other_config: {
      is_host_internal_management_network: 'true',
      is_guest_installer_network: 'true',
      ip_begin: '169.254.0.1',
      ip_end: '169.254.255.254',
      netmask: '255.255.0.0',
    },
  });
  pool.forEach((host, i) => {
    addPhysicalInterface(builder, host, physical[0], 0, managementAddress(host));
    const storage = { ip_configuration_mode: 'Static' as const, IP: `192.0.2.${i + 1}`, netmask: '255.255.255.0' };
    const eth1 = addPhysicalInterface(builder, host, physical[1], 1, storage);
    const members = [2, 3].map((n) =>
      addPhysicalInterface(builder, host, physical[n] as Ref<'network'>, n, {}, i < 2 || n === 2),
    );
    addVlan(builder, host, eth1, 100n, office);
    addVlan(builder, host, eth1, 200n, dmz);
    addBond(builder, host, members, 0, bond);
  });
  return { lan: physical[0], storage: physical[1], office, dmz, bond, internal };
}

function localStorage(builder: PoolBuilder, host: HostPart, index: number): Ref<'SR'> {
  const type = index === 2 ? 'lvm' : 'ext';
  const config = { device: `/dev/disk/by-id/scsi-36d09466000${index}-part3` };
  const fields = {
    name_label: 'Local storage',
    type,
    physical_size: 400n * GIB,
    sm_config: { devserial: `scsi-36d09466000${index}` },
  };
  for (const [name, content_type] of [
    ['DVD drives', 'iso'],
    ['Removable storage', 'disk'],
  ] as const) {
    const location = content_type === 'iso' ? '/dev/xapi/cd' : '/dev/xapi/block';
    const sr = {
      name_label: name,
      name_description: `Physical ${name}`,
      type: 'udev',
      content_type,
      sm_config: { type: 'cd' },
    };
    addRepository(builder, sr, [{ host: host.ref, config: { location } }]);
  }
  return addRepository(builder, fields, [{ host: host.ref, config }]);
}

function storage(builder: PoolBuilder, pool: readonly HostPart[]): Pick<Scene, 'storage' | 'media'> {
  const everywhere = (config: Readonly<Record<string, string>>) => pool.map(({ ref }) => ({ host: ref, config }));
  const local = pool.map((host, i) => localStorage(builder, host, i));
  const nfs = addRepository(
    builder,
    {
      name_label: 'NFS virtual disk storage',
      type: 'nfs',
      shared: true,
      physical_size: 4096n * GIB,
      other_config: { dirty: '' },
    },
    everywhere({ server: '192.0.2.100', serverpath: '/export/vhd' }),
  );
  const target = { target: '192.0.2.101', targetIQN: 'iqn.2026-01.test.example:lun0', SCSIid: '36001405f3b2a' };
  const iscsi = addRepository(
    builder,
    { name_label: 'iSCSI virtual disk storage', type: 'lvmoiscsi', shared: true, physical_size: 2048n * GIB },
    everywhere({ ...target, chapuser: 'xen', chappassword: 'chap-secret' }).map((plug, i) => ({
      ...plug,
      attached: i < 2,
    })),
  );
  const toolsSr = addRepository(
    builder,
    {
      name_label: 'XenServer Tools',
      name_description: 'XenServer Tools ISOs',
      type: 'iso',
      content_type: 'iso',
      shared: true,
      is_tools_sr: true,
      other_config: { xenserver_tools_sr: 'true', xensource_internal: 'true' },
      sm_config: {},
    },
    everywhere({ location: '/opt/xensource/packages/iso', legacy_mode: 'true' }),
  );
  const library = addRepository(
    builder,
    {
      name_label: 'NFS ISO library',
      type: 'iso',
      content_type: 'iso',
      shared: true,
      other_config: { 'auto-scan': 'true' },
    },
    everywhere({ location: '192.0.2.100:/export/iso', type: 'nfs_iso' }),
  );
  const tools = addIso(builder, toolsSr, 'xs-tools.iso', {
    name_description: 'Drivers and agent for guests',
    is_tools_iso: true,
    virtual_size: 55_574_528n,
    physical_utilisation: 55_574_528n,
    sm_config: { 'xs-tools': 'true' },
  });
  const debian = addIso(builder, library, 'debian-12.5.0-amd64-netinst.iso');
  const windows = addIso(builder, library, 'SW_DVD9_Win_Server_STD_CORE_2022.iso', { virtual_size: 5_651_695_616n });
  return { storage: { local, nfs, iscsi, library }, media: { tools, debian, windows } };
}

/** Adds hosts, networks and repositories of the demonstration pool. */
export function addScene(builder: PoolBuilder): Scene {
  addStorageKinds(builder);
  const pool = hosts(builder);
  return { hosts: pool, networks: networks(builder, pool), ...storage(builder, pool) };
}
