import { enumValues } from '../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import { XenApiFailure } from './failure.js';
import {
  compatible,
  features,
  forControlDomains,
  forOwnTemplates,
  forSnapshots,
  forTemplates,
  moving,
  neverListed,
  type PowerState,
  powerStates,
  type VmOperation,
} from './vm-operation.js';
import type { World } from './world.js';

type Vm = Records['VM'];

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
