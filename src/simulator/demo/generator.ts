import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import type { User } from '../world.js';
import { GIB, type PoolBuilder } from './builder.js';
import { addGuest, type GuestSpec } from './guest.js';
import { linux, windows } from './guest-system.js';
import { xeon } from './hardware.js';
import { addNetwork, addPhysicalInterface, managementAddress } from './network.js';
import { addPool, addRoles, addSubjects } from './pool.js';
import { addHost, type HostPart } from './site.js';
import { addSuspendImage } from './snapshot.js';
import { addIso, addRepository, addStorageKinds } from './storage.js';

/** How large a generated pool is to be. */
export interface PoolSize {
  readonly hosts: number;
  readonly vms: number;
}

/** Reads `HOSTSxVMS`, such as `64x5000`; undefined for what is none. */
export function parsePoolSize(text: string): PoolSize | undefined {
  const at = /^(\d{1,4})x(\d{1,6})$/.exec(text);
  if (at === null) return undefined;
  const [hosts, vms] = [Number(at[1]), Number(at[2])];
  return hosts >= 1 && hosts <= 1000 && vms <= 200_000 ? { hosts, vms } : undefined;
}

interface Parts {
  readonly hosts: readonly HostPart[];
  readonly networks: readonly Ref<'network'>[];
  readonly shared: readonly Ref<'SR'>[];
  readonly local: readonly Ref<'SR'>[];
  readonly iso: Ref<'VDI'>;
}

/** Memory by host, so that all running machines fit: 2 GiB each and some to spare. */
function addParts(builder: PoolBuilder, { hosts: count, vms }: PoolSize): Parts {
  const memoryGib = Math.max(64, Math.ceil((vms / count) * 2.5) + 16);
  const model = { processor: xeon, sockets: 2, cpus: 32, memoryGib, product: 'PowerEdge R740', vendor: 'Dell Inc.' };
  const hosts = Array.from({ length: count }, (_, i) =>
    addHost(builder, i, `host-${String(i + 1).padStart(3, '0')}`, model),
  );
  const networks = [0, 1, 2].map((n) => addNetwork(builder, `Pool-wide network associated with eth${n}`, `xenbr${n}`));
  for (const host of hosts)
    for (const [n, network] of networks.entries())
      addPhysicalInterface(builder, host, network, n, n === 0 ? managementAddress(host) : {});
  const plugs = (config: Readonly<Record<string, string>>) => hosts.map(({ ref }) => ({ host: ref, config }));
  const shared = Array.from({ length: 1 + Math.floor(vms / 1000) }, (_, i) => {
    const fields = { name_label: `NFS storage ${i + 1}`, type: 'nfs', shared: true, physical_size: 200_000n * GIB };
    return addRepository(builder, fields, plugs({ server: '192.0.2.100', serverpath: `/export/vhd${i}` }));
  });
  const local = hosts.map(({ ref }) => {
    const fields = { name_label: 'Local storage', type: 'ext', physical_size: 20_000n * GIB };
    return addRepository(builder, fields, [{ host: ref, config: { device: '/dev/sda3' } }]);
  });
  const tools = { name_label: 'XenServer Tools', type: 'iso', content_type: 'iso', shared: true, is_tools_sr: true };
  const iso = addIso(
    builder,
    addRepository(builder, tools, plugs({ location: '/opt/xensource/packages/iso' })),
    'xs-tools.iso',
    {
      is_tools_iso: true,
    },
  );
  return { hosts, networks, shared, local, iso };
}

/** Of a hundred machines: how many run, are suspended, paused; the others are halted. */
const shares = { running: 78, suspended: 4, paused: 2 };

function stateOf(number: number): GuestSpec['state'] {
  const share = (number * 37) % 100;
  if (share < shares.running) return 'Running';
  if (share < shares.running + shares.suspended) return 'Suspended';
  return share < shares.running + shares.suspended + shares.paused ? 'Paused' : 'Halted';
}

function specOf({ hosts, networks, shared, local, iso }: Parts, number: number): GuestSpec {
  const at = number % hosts.length;
  const host = hosts[at] as HostPart;
  const sr = number % 10 === 0 ? (local[at] as Ref<'SR'>) : (shared[number % shared.length] as Ref<'SR'>);
  const network = networks[number % networks.length] as Ref<'network'>;
  return {
    name: `vm-${String(number + 1).padStart(5, '0')}`,
    description: `Generated machine ${number + 1}`,
    state: stateOf(number),
    host,
    system: number % 3 === 0 ? windows : linux,
    vcpus: 1 + (number % 4),
    memoryGib: 1 + (number % 2),
    disks: [{ sr, gib: 20 + (number % 5) * 10 }, ...(number % 2 === 0 ? [{ sr, gib: 100 }] : [])],
    ...(number % 2 === 1 ? { cd: number % 5 === 0 ? iso : (NULL_REF as Ref<'VDI'>) } : {}),
    networks: number % 3 === 0 ? [network, networks[(number + 1) % networks.length] as Ref<'network'>] : [network],
    fields: { tags: [`group-${number % 20}`] },
  };
}

/** Adds a pool of any size, always the same one for a size and a seed: about two disks and one or two interfaces a machine. */
export function addGeneratedPool(builder: PoolBuilder, size: PoolSize, users: readonly User[]): void {
  addRoles(builder);
  addSubjects(builder, users);
  addStorageKinds(builder);
  const parts = addParts(builder, size);
  const templates = [
    'Debian Bookworm 12',
    'Windows Server 2022 (64-bit)',
    'Other install media',
    'XenServer Transfer VM',
  ];
  templates.forEach((name, i) => {
    const fields = { is_a_template: true, is_default_template: true, other_config: { default_template: 'true' } };
    addGuest(
      builder,
      { name, state: 'Halted', system: linux, vcpus: 1, memoryGib: 1, disks: [], networks: [], fields },
      1_000_000 + i,
    );
  });
  for (let number = 0; number < size.vms; number++) {
    const vm = addGuest(builder, specOf(parts, number), number);
    const record = builder.get('VM', vm);
    if (record.power_state === 'Suspended')
      builder.amend('VM', vm, {
        suspend_VDI: addSuspendImage(builder, parts.shared[0] as Ref<'SR'>, record.memory_static_max),
      });
  }
  addPool(builder, parts.hosts[0] as HostPart, {
    name_label: `Generated pool ${size.hosts}x${size.vms}`,
    default_SR: parts.shared[0] as Ref<'SR'>,
    suspend_image_SR: parts.shared[0] as Ref<'SR'>,
  });
}
