import type { Records, Ref } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { refuseIf, XenApiFailure } from '../failure.js';
import { memoryOverhead } from '../memory.js';
import { bootObstacle, possibleHosts } from '../placement.js';
import { blank, construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { VmOperation } from '../vm-operation.js';
import type { Call, HandlerTable } from '../world.js';
import { refreshHost, refreshMachine } from './allowed.js';
import { freeBlockDevices, freeInterfaces } from './device-name.js';
import { onVm } from './vm-power.js';
import { setIsTemplate } from './vm-provision.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];

/** XenAPI VM.create: always halted, with metrics of its own; what is wrong with it shows when it starts (facts 5.3). */
function create({ world }: Call, given: AnyRecord): Vm {
  const ref = world.ids.ref() as Vm;
  const metrics = world.ids.ref() as Ref<'VM_metrics'>;
  const made = construct('VM', given) as unknown as Machine;
  const derived = made.HVM_boot_policy === '' ? 'pv' : 'hvm';
  const domain_type = made.domain_type === 'unspecified' ? derived : made.domain_type;
  world.db.insert(
    'VM_metrics',
    metrics,
    blank('VM_metrics', { uuid: world.ids.uuid(), install_time: world.clock.text() }),
  );
  world.db.insert('VM', ref, {
    ...made,
    uuid: world.ids.uuid(),
    power_state: 'Halted',
    is_default_template: false,
    is_a_snapshot: false,
    snapshot_time: EPOCH,
    domain_type,
    domid: -1n,
    memory_overhead: memoryOverhead({ ...made, domain_type }),
    metrics,
    other_config: { mac_seed: world.ids.uuid(), ...made.other_config },
  });
  refreshMachine(world, ref);
  return ref;
}

type Memory = Pick<Machine, 'memory_static_min' | 'memory_dynamic_min' | 'memory_dynamic_max' | 'memory_static_max'>;

/** Writes memory limits in their order, or MEMORY_CONSTRAINT_VIOLATION_ORDER [] (facts 5.3). */
function writeMemory(call: Call, ref: Vm, operation: VmOperation, change: Partial<Memory>): Promise<void> {
  return onVm(call, ref, operation, () => {
    const vm = { ...call.world.db.need('VM', ref), ...change };
    const { memory_static_min: a, memory_dynamic_min: b, memory_dynamic_max: c, memory_static_max: d } = vm;
    if (!(0n <= a && a <= b && b <= c && c <= d)) throw new XenApiFailure('MEMORY_CONSTRAINT_VIOLATION_ORDER');
    if (vm.is_control_domain && (b !== d || c !== d))
      throw new XenApiFailure('MEMORY_CONSTRAINT_VIOLATION_MAXPIN', 'control domains have fixed memory');
    const target = vm.power_state === 'Running' ? { memory_target: c } : {};
    call.world.db.update('VM', ref, { ...change, ...target, memory_overhead: memoryOverhead(vm) });
    refreshHost(call.world, vm.resident_on);
  });
}

const memorySetter =
  (operation: VmOperation, field: keyof Memory) =>
  (call: Call, vm: Vm, value: bigint): Promise<void> =>
    writeMemory(call, vm, operation, { [field]: value });

/** XenAPI VM.set_VCPUs_max and set_VCPUs_at_startup: 1 <= at_startup <= max, else INVALID_VALUE (facts 5.3). */
const processorSetter =
  (field: 'VCPUs_max' | 'VCPUs_at_startup') =>
  (call: Call, ref: Vm, value: bigint): Promise<void> =>
    onVm(call, ref, 'changing_VCPUs', () => {
      const changed: Pick<Machine, 'VCPUs_max' | 'VCPUs_at_startup'> = {
        ...call.world.db.need('VM', ref),
        [field]: value,
      };
      const { VCPUs_max, VCPUs_at_startup } = changed;
      if (VCPUs_at_startup < 1n || VCPUs_at_startup > VCPUs_max) {
        const text = 'VCPUs-at-startup must be from 1 to VCPUs-max';
        throw new XenApiFailure('INVALID_VALUE', text, String(value));
      }
      call.world.db.update('VM', ref, { [field]: value });
    });

function setProcessorsLive(call: Call, ref: Vm, value: bigint): Promise<void> {
  return onVm(call, ref, 'changing_VCPUs_live', () => {
    const { VCPUs_max, metrics } = call.world.db.need('VM', ref);
    if (value < 1n || value > VCPUs_max)
      throw new XenApiFailure('INVALID_VALUE', 'VCPU values must satisfy: 0 < VCPUs <= VCPUs_max', String(value));
    const flags = Object.fromEntries(
      Array.from({ length: Number(value) }, (_, number) => [String(number), ['online']]),
    );
    call.world.db.update('VM_metrics', metrics, { VCPUs_number: value, VCPUs_flags: flags });
    call.world.db.update('VM', ref, { VCPUs_at_startup: value });
  });
}

/** Only what can be made a template of becomes one; a template becomes a machine in any case (facts 5.3). */
function changeTemplate({ world }: Call, ref: Vm, value: boolean): void {
  if (value) refuseIf(vmObstacle(world, ref, 'make_into_template'));
  setIsTemplate(world, ref, value);
}

/** The messages of class VM that neither change power states nor make machines of machines. */
export const vmHandlers: HandlerTable = {
  'VM.create': create,
  'VM.update_allowed_operations': ({ world }: Call, vm: Vm) => {
    world.db.need('VM', vm);
    refreshMachine(world, vm);
  },
  'VM.assert_operation_valid': ({ world }: Call, vm: Vm, operation: VmOperation) =>
    refuseIf(vmObstacle(world, vm, operation)),
  'VM.assert_can_boot_here': ({ world }: Call, vm: Vm, host: Ref<'host'>) => refuseIf(bootObstacle(world, vm, host)),
  'VM.get_possible_hosts': ({ world }: Call, vm: Vm) => possibleHosts(world, vm),
  'VM.get_allowed_VBD_devices': ({ world }: Call, vm: Vm) => freeBlockDevices(world, vm),
  'VM.get_allowed_VIF_devices': ({ world }: Call, vm: Vm) => freeInterfaces(world, vm),
  'VM.compute_memory_overhead': ({ world }: Call, vm: Vm) => memoryOverhead(world.db.need('VM', vm)),
  'VM.get_cooperative': () => true,
  'VM.set_is_a_template': changeTemplate,
  'VM.set_VCPUs_max': processorSetter('VCPUs_max'),
  'VM.set_VCPUs_at_startup': processorSetter('VCPUs_at_startup'),
  'VM.set_VCPUs_number_live': setProcessorsLive,
  'VM.set_memory_static_max': memorySetter('changing_static_range', 'memory_static_max'),
  'VM.set_memory_static_min': memorySetter('changing_static_range', 'memory_static_min'),
  'VM.set_memory_dynamic_max': memorySetter('changing_dynamic_range', 'memory_dynamic_max'),
  'VM.set_memory_dynamic_min': memorySetter('changing_dynamic_range', 'memory_dynamic_min'),
  'VM.set_memory_dynamic_range': (call: Call, vm: Vm, min: bigint, max: bigint) =>
    writeMemory(call, vm, 'changing_dynamic_range', { memory_dynamic_min: min, memory_dynamic_max: max }),
  'VM.set_memory_static_range': (call: Call, vm: Vm, min: bigint, max: bigint) =>
    writeMemory(call, vm, 'changing_static_range', { memory_static_min: min, memory_static_max: max }),
  'VM.set_memory_limits': (call: Call, vm: Vm, staticMin: bigint, staticMax: bigint, min: bigint, max: bigint) =>
    writeMemory(call, vm, 'changing_memory_limits', {
      memory_static_min: staticMin,
      memory_static_max: staticMax,
      memory_dynamic_min: min,
      memory_dynamic_max: max,
    }),
  'VM.set_memory': (call: Call, vm: Vm, value: bigint) =>
    writeMemory(call, vm, 'changing_memory_limits', {
      memory_static_max: value,
      memory_dynamic_max: value,
      memory_dynamic_min: value,
    }),
};
