import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { memoryOverhead } from '../memory.js';
import { blank } from '../record.js';
import type { World } from '../world.js';
import { refreshHost, refreshMachine } from './allowed.js';
import { deviceName } from './device-name.js';

type Vm = Ref<'VM'>;
const none = NULL_REF as Ref<never>;

/** Adds a message about a machine; priority 5 is information (facts 5.1). */
export function tellOf(world: World, ref: Vm, name: string, what: string, priority = 5n): void {
  const { uuid, name_label } = world.db.need('VM', ref);
  const body = `VM '${name_label}' ${what}`;
  const record = {
    uuid: world.ids.uuid(),
    name,
    priority,
    cls: 'VM',
    obj_uuid: uuid,
    timestamp: world.clock.text(),
    body,
  } as const;
  world.messages.add(world.ids.ref(), record);
}

/** All devices of a machine are, or are no longer, in use by it. */
export function attachDevices(world: World, ref: Vm, currently_attached: boolean): void {
  const vm = world.db.need('VM', ref);
  for (const each of vm.VBDs) {
    const vbd = world.db.need('VBD', each);
    world.db.update('VBD', each, { currently_attached, device: currently_attached ? deviceName(vm, vbd) : vbd.device });
  }
  for (const each of vm.VIFs) world.db.update('VIF', each, { currently_attached });
  for (const each of vm.VUSBs) world.db.update('VUSB', each, { currently_attached });
  for (const each of vm.VGPUs) world.db.update('VGPU', each, { currently_attached });
}

function dropGuestMetrics(world: World, ref: Vm): void {
  const { guest_metrics } = world.db.need('VM', ref);
  world.db.update('VM', ref, { guest_metrics: none });
  world.db.remove('VM_guest_metrics', guest_metrics);
}

/** The agent of a machine reports for the first time after a start, if there is one (facts 4.3, 5.1). */
async function agentReports(world: World, ref: Vm): Promise<void> {
  dropGuestMetrics(world, ref);
  const report = world.agents.get(ref);
  if (report === undefined) return;
  const { domid } = world.db.need('VM', ref);
  await world.clock.pass('agent');
  const vm = world.db.get('VM', ref);
  if (vm === undefined || vm.domid !== domid || vm.guest_metrics !== NULL_REF) return;
  const guest_metrics = world.ids.ref() as Ref<'VM_guest_metrics'>;
  const record = blank('VM_guest_metrics', {
    ...report,
    uuid: world.ids.uuid(),
    live: true,
    last_updated: world.clock.text(),
  });
  world.db.insert('VM_guest_metrics', guest_metrics, record);
  world.db.update('VM', ref, { guest_metrics });
  refreshMachine(world, ref);
}

function removeConsoles(world: World, ref: Vm): void {
  for (const each of world.db.need('VM', ref).consoles) world.db.remove('console', each);
}

/** A live machine's screen, and a paravirtual one's terminal too; location as in facts 5.1. */
export function makeConsoles(world: World, ref: Vm): void {
  removeConsoles(world, ref);
  const { domain_type, resident_on } = world.db.need('VM', ref);
  const { address } = world.db.need('host', resident_on);
  for (const protocol of domain_type === 'hvm' ? (['rfb'] as const) : (['vt100', 'rfb'] as const)) {
    const uuid = world.ids.uuid();
    const location = `https://${address}/console?uuid=${uuid}`;
    world.db.insert('console', world.ids.ref(), blank('console', { uuid, VM: ref, protocol, location }));
  }
}

/** A machine begins to run on a host: from scratch, or again from its memory's image. */
export async function boot(world: World, ref: Vm, host: Ref<'host'>, paused: boolean, resumed = false): Promise<void> {
  const vm = world.db.need('VM', ref);
  const now = world.clock.text();
  world.db.update('VM', ref, {
    power_state: paused ? 'Paused' : 'Running',
    resident_on: host,
    scheduled_to_be_resident_on: none,
    domid: world.ids.domain(),
    domarch: 'x64',
    memory_target: vm.memory_dynamic_max,
    memory_overhead: memoryOverhead(vm),
    last_boot_CPU_flags: { vendor: world.db.need('host', host).cpu_info['vendor'] ?? '' },
    last_booted_record: `('struct' ('uuid' '${vm.uuid}') ('VCPUs_max' '${vm.VCPUs_max}'))`,
    requires_reboot: false,
  });
  const domain_type = vm.domain_type === 'unspecified' ? 'pv' : vm.domain_type;
  const flags = Object.fromEntries(
    Array.from({ length: Number(vm.VCPUs_at_startup) }, (_, i) => [String(i), ['online']]),
  );
  world.db.update('VM_metrics', vm.metrics, {
    ...(resumed ? {} : { start_time: now }),
    memory_actual: vm.memory_dynamic_max,
    VCPUs_number: vm.VCPUs_at_startup,
    VCPUs_flags: flags,
    hvm: domain_type === 'hvm',
    current_domain_type: domain_type,
    last_updated: now,
  });
  attachDevices(world, ref, true);
  makeConsoles(world, ref);
  refreshHost(world, host);
  refreshMachine(world, ref);
  await agentReports(world, ref);
}

/** A machine leaves its host: halted without its devices, suspended with them (facts 5.1). */
export function leave(world: World, ref: Vm, power_state: 'Halted' | 'Suspended'): void {
  const { resident_on, metrics, guest_metrics } = world.db.need('VM', ref);
  world.db.update('VM', ref, {
    power_state,
    resident_on: none,
    scheduled_to_be_resident_on: none,
    domid: -1n,
    memory_target: 0n,
    requires_reboot: false,
  });
  if (world.db.get('VM_metrics', metrics) !== undefined)
    world.db.update('VM_metrics', metrics, {
      memory_actual: 0n,
      VCPUs_number: 0n,
      VCPUs_flags: {},
      current_domain_type: 'unspecified',
      hvm: false,
      last_updated: world.clock.text(),
    });
  if (world.db.get('VM_guest_metrics', guest_metrics) !== undefined)
    world.db.update('VM_guest_metrics', guest_metrics, { live: false });
  if (power_state === 'Halted') attachDevices(world, ref, false);
  removeConsoles(world, ref);
  refreshMachine(world, ref);
  refreshHost(world, resident_on);
}

/** A machine's own guest starts again on the same host. */
export async function rebootGuest(world: World, ref: Vm): Promise<void> {
  const vm = world.db.need('VM', ref);
  world.db.update('VM', ref, { domid: world.ids.domain(), requires_reboot: false });
  world.db.update('VM_metrics', vm.metrics, { start_time: world.clock.text(), last_updated: world.clock.text() });
  makeConsoles(world, ref);
  await agentReports(world, ref);
  refreshMachine(world, ref);
}
