import type { Records, Ref } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import { XenApiFailure } from './failure.js';
import { memoryNeeded } from './memory.js';
import type { World } from './world.js';

type Vm = Records['VM'];
type Host = Records['host'];
interface Site {
  readonly world: World;
  readonly ref: Ref<'VM'>;
  readonly vm: Vm;
  readonly hostRef: Ref<'host'>;
  readonly host: Host;
}
type Check = (site: Site) => XenApiFailure | undefined;

/** Bytes of a host that nobody has claimed: resident and scheduled machines count with dynamic_min (facts 5.2). */
export function freeMemory(world: World, hostRef: Ref<'host'>): bigint {
  const host = world.db.need('host', hostRef);
  let free = (world.db.get('host_metrics', host.metrics)?.memory_total ?? 0n) - host.memory_overhead;
  for (const ref of host.resident_VMs) {
    const vm = world.db.get('VM', ref);
    if (vm !== undefined) free -= vm.memory_dynamic_min + vm.memory_overhead;
  }
  for (const [ref, vm] of world.db.entries('VM'))
    if (vm.scheduled_to_be_resident_on === hostRef && !host.resident_VMs.includes(ref))
      free -= vm.memory_dynamic_min + vm.memory_overhead;
  return free;
}

const processors: Check = ({ vm }) => {
  if (vm.VCPUs_max < 1n) return new XenApiFailure('INVALID_VALUE', 'VCPUs_max', String(vm.VCPUs_max));
  if (vm.VCPUs_at_startup >= 1n && vm.VCPUs_at_startup <= vm.VCPUs_max) return undefined;
  const text = `value must be from 1 to VCPUs_max (${vm.VCPUs_max})`;
  return new XenApiFailure('VALUE_NOT_SUPPORTED', 'VCPUs-at-startup', String(vm.VCPUs_at_startup), text);
};

const memoryLimits: Check = ({ vm }) => {
  const { memory_static_min: a, memory_dynamic_min: b, memory_dynamic_max: c, memory_static_max: d } = vm;
  return 0n <= a && a <= b && b <= c && c <= d ? undefined : new XenApiFailure('MEMORY_CONSTRAINT_VIOLATION');
};

const shadow: Check = ({ vm }) =>
  vm.domain_type === 'hvm' && vm.HVM_shadow_multiplier < 1
    ? new XenApiFailure('INVALID_VALUE', 'HVM_shadow_multiplier', String(vm.HVM_shadow_multiplier))
    : undefined;

/** Only paravirtual machines leave a picture of their memory behind (facts 5.3). */
const afterCrash: Check = ({ vm }) =>
  vm.domain_type === 'hvm' && vm.actions_after_crash.startsWith('coredump')
    ? new XenApiFailure('VALUE_NOT_SUPPORTED', 'actions_after_crash', vm.actions_after_crash, 'not for HVM guests')
    : undefined;

/** platform:cores-per-socket divides VCPUs_max (facts 5.3). */
const sockets: Check = ({ vm }) => {
  const cores = vm.platform['cores-per-socket'];
  if (cores === undefined || cores === '') return undefined;
  const fits = /^[1-9]\d{0,3}$/.test(cores) && vm.VCPUs_max % BigInt(cores) === 0n;
  return fits ? undefined : new XenApiFailure('VCPU_MAX_NOT_CORES_PER_SOCKET_MULTIPLE', String(vm.VCPUs_max), cores);
};

const liveHost: Check = ({ world, host }) =>
  world.db.get('host_metrics', host.metrics)?.live === true ? undefined : new XenApiFailure('HOST_NOT_LIVE');

const enabledHost: Check = ({ host, hostRef }) =>
  host.enabled ? undefined : new XenApiFailure('HOST_DISABLED', hostRef);

const hardware: Check = ({ vm, host, ref, hostRef }) => {
  const versions = host.virtual_hardware_platform_versions;
  if (versions.includes(vm.hardware_platform_version)) return undefined;
  const [known, wanted] = [`[${versions.join('; ')}]`, String(vm.hardware_platform_version)];
  return new XenApiFailure('VM_HOST_INCOMPATIBLE_VIRTUAL_HARDWARE_PLATFORM_VERSION', hostRef, known, ref, wanted);
};

/** Repositories that are plugged on a host. */
const attachedOn = (world: World, sr: Ref<'SR'>, host: Ref<'host'>): boolean =>
  (world.db.get('SR', sr)?.PBDs ?? []).some((ref) => {
    const pbd = world.db.get('PBD', ref);
    return pbd?.host === host && pbd.currently_attached;
  });

/** The repository of each medium must be plugged on the host; drives count too (facts 5.2). */
const repositories: Check = ({ world, vm, ref, hostRef }) => {
  for (const vbdRef of vm.VBDs) {
    const vbd = world.db.get('VBD', vbdRef);
    const vdi = vbd === undefined || vbd.empty ? undefined : world.db.get('VDI', vbd.VDI);
    if (vdi !== undefined && !attachedOn(world, vdi.SR, hostRef))
      return new XenApiFailure('VM_REQUIRES_SR', ref, vdi.SR);
  }
  return undefined;
};

/** A network without any interface is internal and can be had anywhere. */
const networks: Check = ({ world, vm, ref, hostRef }) => {
  for (const vif of vm.VIFs) {
    const network = world.db.get('VIF', vif)?.network ?? (NULL_REF as Ref<'network'>);
    const pifs = world.db.get('network', network)?.PIFs ?? [];
    const here = pifs.some((pif) => world.db.get('PIF', pif)?.host === hostRef);
    if (pifs.length > 0 && !here) return new XenApiFailure('VM_REQUIRES_NETWORK', ref, network);
  }
  return undefined;
};

const graphics: Check = ({ world, vm, ref, hostRef }) => {
  for (const vgpuRef of vm.VGPUs) {
    const group = world.db.get('VGPU', vgpuRef)?.GPU_group ?? (NULL_REF as Ref<'GPU_group'>);
    const cards = world.db.get('GPU_group', group)?.PGPUs ?? [];
    if (!cards.some((card) => world.db.get('PGPU', card)?.host === hostRef))
      return new XenApiFailure('VM_REQUIRES_GPU', ref, group);
  }
  return undefined;
};

const usb: Check = ({ world, vm, ref, hostRef }) => {
  for (const vusb of vm.VUSBs) {
    const group = world.db.get('VUSB', vusb)?.USB_group ?? (NULL_REF as Ref<'USB_group'>);
    const ports = world.db.get('USB_group', group)?.PUSBs ?? [];
    if (!ports.some((port) => world.db.get('PUSB', port)?.host === hostRef))
      return new XenApiFailure('VM_REQUIRES_VUSB', ref, group);
  }
  return undefined;
};

const virtualization: Check = ({ vm, ref, host }) =>
  vm.domain_type !== 'pv' && !host.capabilities.some((capability) => capability.startsWith('hvm'))
    ? new XenApiFailure('VM_HVM_REQUIRED', ref)
    : undefined;

const memory: Check = ({ world, vm, hostRef }) => {
  const [needed, free] = [memoryNeeded(vm), freeMemory(world, hostRef)];
  return needed <= free ? undefined : new XenApiFailure('HOST_NOT_ENOUGH_FREE_MEMORY', String(needed), String(free));
};

const physicalProcessors: Check = ({ vm, host }) => {
  const count = host.host_CPUs.length;
  if (vm.VCPUs_at_startup <= BigInt(count) || vm.platform['vcpu-unrestricted'] === 'true') return undefined;
  return new XenApiFailure('HOST_NOT_ENOUGH_PCPUS', String(vm.VCPUs_at_startup), String(count));
};

const machineChecks: readonly Check[] = [processors, sockets, memoryLimits, shadow, afterCrash];
const hostChecks: readonly Check[] = [
  liveHost,
  enabledHost,
  hardware,
  repositories,
  networks,
  graphics,
  usb,
  virtualization,
];
const order: readonly Check[] = [...machineChecks, ...hostChecks, memory, physicalProcessors];

function firstFailure(
  checks: readonly Check[],
  world: World,
  ref: Ref<'VM'>,
  hostRef: Ref<'host'>,
): XenApiFailure | undefined {
  const site = { world, ref, hostRef, vm: world.db.need('VM', ref), host: world.db.need('host', hostRef) };
  for (const check of checks) {
    const failure = check(site);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** XenAPI VM.assert_can_boot_here: the first thing that keeps a machine from running on a host, in xapi's order. */
export const bootObstacle = (world: World, vm: Ref<'VM'>, host: Ref<'host'>): XenApiFailure | undefined =>
  firstFailure(order, world, vm, host);

/** XenAPI VM.get_possible_hosts: the hosts that nothing speaks against. */
export const possibleHosts = (world: World, vm: Ref<'VM'>): Ref<'host'>[] =>
  world.db.refs('host').filter((host) => bootObstacle(world, vm, host) === undefined);

/**
 * The host that VM.start takes: the machine's affinity if possible, else any that fits. When none fits but for its
 * memory the start fails by that, and else by NO_HOSTS_AVAILABLE (facts 0.5, 5.2).
 */
export function chooseHost(world: World, ref: Ref<'VM'>): Ref<'host'> {
  const own = firstFailure(machineChecks, world, ref, world.coordinator());
  if (own !== undefined) throw own;
  const fitting = possibleHosts(world, ref);
  const { affinity } = world.db.need('VM', ref);
  if (fitting.includes(affinity)) return affinity;
  if (fitting.length > 0) return world.ids.pick(fitting);
  const others = world.db.refs('host').filter((host) => firstFailure(hostChecks, world, ref, host) === undefined);
  const host = others.includes(affinity) ? affinity : others[0];
  if (host === undefined) throw new XenApiFailure('NO_HOSTS_AVAILABLE');
  throw bootObstacle(world, ref, host) as XenApiFailure;
}
