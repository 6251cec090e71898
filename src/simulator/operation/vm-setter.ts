import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import type { VmOperation } from '../vm-operation.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { onVm } from './vm-power.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];

/** VM_BAD_POWER_STATE [vm, expected, actual]. */
function assertState(world: World, ref: Vm, ...states: readonly Machine['power_state'][]): void {
  const { power_state } = world.db.need('VM', ref);
  if (states.includes(power_state)) return;
  refuse('VM_BAD_POWER_STATE', ref, states.map((each) => each.toLowerCase()).join(', '), power_state.toLowerCase());
}

/** Writes a field while the machine is halted. */
const whileHalted =
  <V>(patch: (value: V) => Partial<Machine>) =>
  ({ world }: Call, ref: Vm, value: V): void => {
    assertState(world, ref, 'Halted');
    world.db.update('VM', ref, patch(value));
    refreshMachine(world, ref);
  };

/** Writes fields under an operation's name. */
const during =
  <A extends readonly unknown[]>(operation: VmOperation, patch: (vm: Machine, ...args: A) => Partial<Machine>) =>
  (call: Call, ref: Vm, ...args: A): Promise<void> =>
    onVm(call, ref, operation, () => call.world.db.update('VM', ref, patch(call.world.db.need('VM', ref), ...args)));

/** Writes a count that is never below 0: VALUE_NOT_SUPPORTED [field, value, reason]. */
const count =
  (field: 'order' | 'start_delay' | 'shutdown_delay') =>
  ({ world }: Call, ref: Vm, value: bigint): void => {
    world.db.need('VM', ref);
    if (value < 0n) refuse('VALUE_NOT_SUPPORTED', field, String(value), 'the value must not be below 0');
    world.db.update('VM', ref, { [field]: value });
  };

const domainOf = (policy: string): Machine['domain_type'] => (policy === '' ? 'pv' : 'hvm');

/** Keys that firmware may be given, and the texts that it can hold (facts 5.3). */
const biosKeys: ReadonlySet<string> = new Set([
  'bios-vendor',
  'bios-version',
  'system-manufacturer',
  'system-product-name',
  'system-version',
  'system-serial-number',
  'enclosure-asset-tag',
  'baseboard-manufacturer',
  'baseboard-product-name',
  'baseboard-version',
  'baseboard-serial-number',
  'baseboard-asset-tag',
  'baseboard-location-in-chassis',
]);

/** XenAPI VM.set_bios_strings: once, while halted: VM_BIOS_STRINGS_ALREADY_SET [] (facts 5.3). */
function setBios({ world }: Call, ref: Vm, bios_strings: Readonly<Record<string, string>>): void {
  if (Object.keys(world.db.need('VM', ref).bios_strings).length > 0) refuse('VM_BIOS_STRINGS_ALREADY_SET');
  assertState(world, ref, 'Halted');
  for (const [key, value] of Object.entries(bios_strings)) {
    if (!biosKeys.has(key)) refuse('INVALID_VALUE', key, 'Unknown key');
    if (!/^[\x20-\x7e]{1,512}$/.test(value)) refuse('INVALID_VALUE', key, value);
  }
  world.db.update('VM', ref, { bios_strings });
}

/** XenAPI VM.copy_bios_strings: those of a host. */
function copyBios(call: Call, ref: Vm, host: Ref<'host'>): void {
  const given = Object.entries(call.world.db.need('host', host).bios_strings);
  setBios(call, ref, Object.fromEntries(given.filter(([key, value]) => biosKeys.has(key) && value !== '')));
}

/** XenAPI VM.set_appliance: templates and control domains are in none. */
function setAppliance({ world }: Call, ref: Vm, appliance: Ref<'VM_appliance'>): void {
  const vm = world.db.need('VM', ref);
  if (appliance !== NULL_REF) {
    world.db.need('VM_appliance', appliance);
    if (vm.is_control_domain) refuse('OPERATION_NOT_ALLOWED', 'Control domains cannot be assigned to appliances.');
    if (vm.is_a_template) refuse('OPERATION_NOT_ALLOWED', 'Templates cannot be assigned to appliances.');
    if (vm.snapshot_schedule !== NULL_REF) refuse('VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE', ref, vm.snapshot_schedule);
  }
  world.db.update('VM', ref, { appliance });
  refreshMachine(world, ref);
  for (const each of [vm.appliance, appliance]) refresh(world, 'VM_appliance', each);
}

/** HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED [sr], ..._NETWORK_NOT_SHARED [network]: it could run on any host (XenAPI VM.assert_agile). */
export function assertAgile({ db }: World, ref: Vm): void {
  const { VBDs, VIFs } = db.need('VM', ref);
  for (const vbd of VBDs.map((each) => db.need('VBD', each)).filter(({ empty }) => !empty)) {
    const { SR } = db.need('VDI', vbd.VDI);
    if (!db.need('SR', SR).shared) refuse('HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED', SR);
  }
  for (const { network } of VIFs.map((each) => db.need('VIF', each))) {
    const hosts = new Set(db.need('network', network).PIFs.map((pif) => db.need('PIF', pif).host));
    if (hosts.size < db.count('host')) refuse('HA_CONSTRAINT_VIOLATION_NETWORK_NOT_SHARED', network);
  }
}

const priorities: ReadonlySet<string> = new Set(['', 'best-effort', 'restart']);

/** XenAPI VM.set_ha_restart_priority: a machine that is to be restarted can run on any host. */
function setPriority({ world }: Call, ref: Vm, ha_restart_priority: string): void {
  world.db.need('VM', ref);
  if (!priorities.has(ha_restart_priority)) refuse('INVALID_VALUE', 'ha_restart_priority', ha_restart_priority);
  if (ha_restart_priority === 'restart' && world.db.need('pool', world.pool()).ha_enabled) assertAgile(world, ref);
  world.db.update('VM', ref, { ha_restart_priority });
}

/** Messages that write a field of a machine by rules of their own (facts 5.3). */
export const vmSetterHandlers: HandlerTable = {
  'VM.set_HVM_boot_policy': whileHalted((HVM_boot_policy: string) => ({
    HVM_boot_policy,
    domain_type: domainOf(HVM_boot_policy),
  })),
  'VM.set_domain_type': whileHalted((domain_type: Machine['domain_type']) => ({
    domain_type,
    HVM_boot_policy: domain_type === 'hvm' ? 'BIOS order' : '',
  })),
  'VM.set_has_vendor_device': whileHalted((has_vendor_device: boolean) => ({ has_vendor_device })),
  'VM.set_NVRAM': during('changing_NVRAM', (_vm, NVRAM: Machine['NVRAM']) => ({ NVRAM })),
  'VM.add_to_NVRAM': during('changing_NVRAM', ({ NVRAM }, key: string, value: string) => ({
    NVRAM: { ...NVRAM, [key]: value },
  })),
  'VM.remove_from_NVRAM': during('changing_NVRAM', ({ NVRAM }, key: string) => ({
    NVRAM: Object.fromEntries(Object.entries(NVRAM).filter(([each]) => each !== key)),
  })),
  'VM.set_order': count('order'),
  'VM.set_start_delay': count('start_delay'),
  'VM.set_shutdown_delay': count('shutdown_delay'),
  'VM.set_bios_strings': setBios,
  'VM.copy_bios_strings': copyBios,
  'VM.set_appliance': setAppliance,
  'VM.set_ha_restart_priority': setPriority,
  'VM.assert_agile': ({ world }: Call, ref: Vm) => assertAgile(world, ref),
};
