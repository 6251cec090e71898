import { enumValues } from '../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import { XenApiFailure } from './failure.js';
import type { World } from './world.js';

export type VmOperation = (typeof enumValues.vm_operations)[number];
type Vm = Records['VM'];
type PowerState = Vm['power_state'];

const any: readonly PowerState[] = ['Halted', 'Paused', 'Running', 'Suspended'];
const live: readonly PowerState[] = ['Running', 'Paused', 'Suspended'];
const halted: readonly PowerState[] = ['Halted'];
const running: readonly PowerState[] = ['Running'];
const atRest: readonly PowerState[] = ['Halted', 'Suspended'];

/** The states from which each operation is possible (facts 5.1); csvm and the quiesced snapshot never are. */
const powerStates: Readonly<Record<VmOperation, readonly PowerState[]>> = {
  start: halted,
  start_on: halted,
  pause: running,
  unpause: ['Paused'],
  clean_shutdown: running,
  clean_reboot: running,
  hard_shutdown: live,
  hard_reboot: ['Running', 'Paused'],
  suspend: running,
  resume: ['Suspended'],
  resume_on: ['Suspended'],
  shutdown: live,
  clone: halted,
  copy: halted,
  snapshot: any,
  checkpoint: live,
  snapshot_with_quiesce: [],
  revert: any,
  reverting: any,
  provision: halted,
  destroy: atRest,
  export: atRest,
  create_template: atRest,
  import: any,
  metadata_export: any,
  pool_migrate: running,
  migrate_send: ['Halted', 'Suspended', 'Running'],
  make_into_template: halted,
  changing_shadow_memory: halted,
  changing_NVRAM: halted,
  create_vtpm: halted,
  changing_VCPUs: halted,
  changing_static_range: halted,
  changing_memory_limits: halted,
  changing_dynamic_range: ['Halted', 'Running'],
  changing_VCPUs_live: running,
  changing_memory_live: running,
  awaiting_memory_live: running,
  changing_shadow_memory_live: running,
  data_source_op: running,
  send_sysrq: running,
  send_trigger: running,
  call_plugin: running,
  get_boot_record: live,
  power_state_reset: any,
  update_allowed_operations: any,
  assert_operation_valid: any,
  query_services: any,
  csvm: [],
};

/** Operations that are possible and yet never listed (facts 5.1). */
const neverListed: ReadonlySet<VmOperation> = new Set<VmOperation>([
  'create_template',
  'power_state_reset',
  'csvm',
  'get_boot_record',
  'send_sysrq',
  'send_trigger',
  'query_services',
  'shutdown',
  'call_plugin',
  'changing_memory_live',
  'awaiting_memory_live',
  'changing_memory_limits',
  'changing_shadow_memory_live',
  'changing_VCPUs',
  'assert_operation_valid',
  'data_source_op',
  'update_allowed_operations',
  'import',
  'reverting',
]);

type OperationSet = ReadonlySet<VmOperation>;
const setOf = (...operations: VmOperation[]): OperationSet => new Set(operations);

/** What may be done to a template that is no snapshot; the last two not to a default one. */
const forTemplates = setOf(
  'clone',
  'copy',
  'export',
  'metadata_export',
  'provision',
  'changing_dynamic_range',
  'changing_static_range',
  'changing_memory_limits',
  'changing_shadow_memory',
  'changing_VCPUs',
  'changing_NVRAM',
  'update_allowed_operations',
  'assert_operation_valid',
);
const forOwnTemplates = setOf('destroy', 'migrate_send');
const forSnapshots = setOf(
  'revert',
  'clone',
  'copy',
  'export',
  'destroy',
  'hard_shutdown',
  'metadata_export',
  'update_allowed_operations',
  'assert_operation_valid',
);
const forControlDomains = setOf(
  'data_source_op',
  'changing_memory_live',
  'awaiting_memory_live',
  'metadata_export',
  'changing_dynamic_range',
  'changing_memory_limits',
  'changing_static_range',
  'changing_VCPUs',
  'update_allowed_operations',
  'assert_operation_valid',
);
const moving = setOf('suspend', 'checkpoint', 'pool_migrate', 'migrate_send');

/** What a guest's drivers must be able to do for an operation, by the key that its agent writes. */
const features: Partial<Record<VmOperation, string>> = {
  clean_shutdown: 'feature-poweroff',
  clean_reboot: 'feature-reboot',
  suspend: 'feature-suspend',
  checkpoint: 'feature-suspend',
  pool_migrate: 'feature-suspend',
  migrate_send: 'feature-suspend',
  changing_VCPUs_live: 'feature-vcpu-hotplug',
};

/** Operations that may run beside each other (facts 5.1, check 3). */
const together: readonly OperationSet[] = [setOf('clone', 'copy', 'export'), setOf('snapshot', 'checkpoint')];
const duringMigration = setOf('metadata_export', 'clean_shutdown', 'clean_reboot');

function compatible(current: VmOperation, wanted: VmOperation): boolean {
  if (wanted === 'get_boot_record' || current === 'get_boot_record') return true;
  if (wanted === 'hard_shutdown') return current !== 'hard_shutdown';
  if (wanted === 'hard_reboot') return current !== 'hard_shutdown' && current !== 'hard_reboot';
  if (current === 'migrate_send' && duringMigration.has(wanted)) return true;
  return together.some((set) => set.has(current) && set.has(wanted));
}

/** One check: what stands against the operation, if anything. */
type Check = (world: World, vm: Vm, operation: VmOperation, ref: string) => XenApiFailure | undefined;

const blocked: Check = (_world, vm, operation, ref) => {
  const text = (vm.blocked_operations as Readonly<Record<string, string>>)[operation];
  return text === undefined ? undefined : new XenApiFailure('OPERATION_BLOCKED', ref, text);
};

function statesFor(world: World, vm: Vm, operation: VmOperation): readonly PowerState[] {
  const states = powerStates[operation];
  if (operation !== 'clone' && operation !== 'copy') {
    const asRunning = operation === 'changing_static_range' || operation === 'changing_memory_limits';
    return vm.is_control_domain && (asRunning || operation === 'changing_VCPUs') ? [...states, 'Running'] : states;
  }
  const { other_config } = world.db.need('pool', world.pool());
  const suspended = vm.is_a_snapshot || other_config['allow_clone_suspended_vm'] === 'true';
  return suspended ? [...states, 'Suspended'] : states;
}

const powerState: Check = (world, vm, operation, ref) => {
  const states = statesFor(world, vm, operation);
  if (states.includes(vm.power_state)) return undefined;
  const expected = states.map((state) => state.toLowerCase()).join(', ');
  return new XenApiFailure('VM_BAD_POWER_STATE', ref, expected, vm.power_state.toLowerCase());
};

/** Several: their names and references in braces. */
const listed = (items: readonly string[]): string =>
  items.length === 1 ? (items[0] as string) : `{${items.join(',')}}`;

const clash: Check = (_world, vm, operation, ref) => {
  const current = Object.entries(vm.current_operations).filter(([, op]) => !compatible(op as VmOperation, operation));
  if (current.length === 0) return undefined;
  const operations = listed(current.map(([, op]) => op as string));
  return new XenApiFailure('OTHER_OPERATION_IN_PROGRESS', 'VM', ref, operations, listed(current.map(([task]) => task)));
};

const template: Check = (_world, vm, operation, ref) => {
  if (!vm.is_a_template || vm.is_a_snapshot || forTemplates.has(operation)) return undefined;
  if (!vm.is_default_template && forOwnTemplates.has(operation)) return undefined;
  return new XenApiFailure('VM_IS_TEMPLATE', ref, operation);
};

const snapshot: Check = (_world, vm, operation, ref) =>
  vm.is_a_snapshot && !forSnapshots.has(operation) ? new XenApiFailure('VM_IS_SNAPSHOT', ref, operation) : undefined;

const kind: Check = (_world, vm, operation) => {
  if (operation === 'provision' && !vm.is_a_template) return new XenApiFailure('PROVISION_ONLY_ALLOWED_ON_TEMPLATE');
  if (operation === 'revert' && !vm.is_a_snapshot) return new XenApiFailure('REVERT_ONLY_ALLOWED_ON_SNAPSHOT');
  return undefined;
};

const isOn = (text: string | undefined): boolean => text === 'true' || text === '1';

const immobile: Check = (_world, vm, operation, ref) => {
  if (!moving.has(operation) || vm.power_state === 'Halted') return undefined;
  const pinned = isOn(vm.platform['nomigrate']) || isOn(vm.platform['nested-virt']);
  return pinned ? new XenApiFailure('VM_IS_IMMOBILE', ref) : undefined;
};

const controlDomain: Check = (_world, vm, operation) =>
  vm.is_control_domain && !forControlDomains.has(operation)
    ? new XenApiFailure('OPERATION_NOT_ALLOWED', 'Operations on domain 0 are not allowed')
    : undefined;

/** Whether a live machine's guest can do what an operation needs; paravirtual guests can do all (facts 5.1). */
export function hasFeature(world: World, vm: Vm, feature: string): boolean {
  if (vm.domain_type === 'pv' || vm.domain_type === 'pv_in_pvh') return true;
  const guest = world.db.get('VM_guest_metrics', vm.guest_metrics);
  return guest?.PV_drivers_detected === true && isOn(guest.other[feature]);
}

const guestFeature: Check = (world, vm, operation, ref) => {
  const feature = features[operation];
  if (feature === undefined || (vm.power_state !== 'Running' && vm.power_state !== 'Paused')) return undefined;
  return hasFeature(world, vm, feature) ? undefined : new XenApiFailure('VM_LACKS_FEATURE', ref);
};

const devices: Check = (world, vm, operation, ref) => {
  if (!moving.has(operation) && operation !== 'snapshot') return undefined;
  if (vm.VUSBs.length > 0 && vm.power_state !== 'Halted') return new XenApiFailure('VM_HAS_VUSBS', ref);
  if (operation === 'snapshot') return undefined;
  const resets = vm.VBDs.some((vbd) => {
    const image = world.db.get('VBD', vbd)?.VDI;
    return image !== undefined && world.db.get('VDI', image)?.on_boot === 'reset';
  });
  if (resets) return new XenApiFailure('VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION');
  if (vm.attached_PCIs.length > 0) return new XenApiFailure('VM_HAS_PCI_ATTACHED', ref);
  return vm.VGPUs.length > 0 && vm.power_state !== 'Halted' ? new XenApiFailure('VM_HAS_VGPU', ref) : undefined;
};

const intoTemplate: Check = (_world, vm, operation, ref) => {
  if (operation !== 'make_into_template') return undefined;
  if (vm.appliance !== NULL_REF) return new XenApiFailure('VM_IS_PART_OF_AN_APPLIANCE', ref, vm.appliance);
  if (vm.snapshot_schedule === NULL_REF) return undefined;
  return new XenApiFailure('VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE', ref, vm.snapshot_schedule);
};

const trustedModule: Check = (_world, vm, operation) =>
  operation === 'create_vtpm' && vm.VTPMs.length > 0 ? new XenApiFailure('VTPM_MAX_AMOUNT_REACHED', '1') : undefined;

/** The checks in the order in which the first failure wins (facts 5.1). */
const checks: readonly Check[] = [
  blocked,
  powerState,
  clash,
  template,
  snapshot,
  kind,
  immobile,
  controlDomain,
  guestFeature,
  devices,
  intoTemplate,
  trustedModule,
];

/** What stands against an operation on a machine now; undefined when nothing does. */
export function vmObstacle(world: World, ref: Ref<'VM'>, operation: VmOperation): XenApiFailure | undefined {
  const vm = world.db.need('VM', ref);
  for (const check of checks) {
    const failure = check(world, vm, operation, ref);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

const listable = enumValues.vm_operations.filter((operation) => !neverListed.has(operation));

/** VM.allowed_operations: what passes all checks, but for what is never listed. */
export const vmAllowed = (world: World, ref: Ref<'VM'>): VmOperation[] =>
  listable.filter((operation) => vmObstacle(world, ref, operation) === undefined);
