import type { Records, Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { memoryOverhead } from '../memory.js';
import { freeMemory } from '../placement.js';
import type { VmOperation } from '../vm-operation.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshHost } from './allowed.js';
import { spend } from './during.js';
import { onVm } from './vm-power.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];
type Memory = Pick<Machine, 'memory_static_min' | 'memory_dynamic_min' | 'memory_dynamic_max' | 'memory_static_max'>;

const KIB = 1024n;
const MIB = 1n << 20n;

const isOn = (text: string | undefined): boolean => text === 'true' || text === '1';

/** Why a machine's memory cannot vary, if so (facts 5.3). */
function pinned(world: World, vm: Machine): string | undefined {
  const { restrictions } = world.db.need('pool', world.pool());
  if (isOn(restrictions['restrict_dmc'])) return 'DMC unavailable';
  if (vm.is_control_domain) return 'control domain';
  return isOn(vm.platform['nested-virt']) ? 'nested virt' : undefined;
}

/** MEMORY_CONSTRAINT_VIOLATION_ORDER [], MEMORY_CONSTRAINT_VIOLATION_MAXPIN [reason] (facts 5.3). */
function assertOrdered(world: World, vm: Machine): void {
  const { memory_static_min: a, memory_dynamic_min: b, memory_dynamic_max: c, memory_static_max: d } = vm;
  const reason = pinned(world, vm);
  if (!(0n <= a && a <= b && b <= c && c <= d)) refuse('MEMORY_CONSTRAINT_VIOLATION_ORDER');
  if (reason !== undefined && (b !== d || c !== d)) refuse('MEMORY_CONSTRAINT_VIOLATION_MAXPIN', reason);
}

/** A running machine grows into what its host has left: HOST_NOT_ENOUGH_FREE_MEMORY, here in KiB (facts 5.3). */
function assertFits(world: World, now: Machine, wanted: Machine): void {
  const growth = wanted.memory_dynamic_min - now.memory_dynamic_min;
  if (now.power_state !== 'Running' || growth <= 0n) return;
  const free = freeMemory(world, now.resident_on);
  if (growth > free) refuse('HOST_NOT_ENOUGH_FREE_MEMORY', String(growth / KIB), String(free / KIB));
}

/** A running machine's balloon goes where it is told. */
function inflate(world: World, { metrics, memory_dynamic_max }: Machine): void {
  if (world.db.get('VM_metrics', metrics) !== undefined)
    world.db.update('VM_metrics', metrics, { memory_actual: memory_dynamic_max, last_updated: world.clock.text() });
}

/** Writes memory limits together, when they are in order. */
function write(call: Call, ref: Vm, operation: VmOperation, change: Partial<Memory>): Promise<void> {
  const { world } = call;
  return onVm(call, ref, operation, async () => {
    const check = (): Machine => {
      const now = world.db.need('VM', ref);
      const wanted = { ...now, ...change };
      assertOrdered(world, wanted);
      assertFits(world, now, wanted);
      return wanted;
    };
    check();
    await spend(call);
    const wanted = check();
    const live = wanted.power_state === 'Running';
    const target = live ? { memory_target: wanted.memory_dynamic_max } : {};
    world.db.update('VM', ref, { ...change, ...target, memory_overhead: memoryOverhead(wanted) });
    if (live) inflate(world, wanted);
    refreshHost(world, wanted.resident_on);
  });
}

const setter =
  (operation: VmOperation, field: keyof Memory) =>
  (call: Call, vm: Vm, value: bigint): Promise<void> =>
    write(call, vm, operation, { [field]: value });

const setDynamic = (call: Call, vm: Vm, min: bigint, max: bigint): Promise<void> =>
  write(call, vm, 'changing_dynamic_range', { memory_dynamic_min: min, memory_dynamic_max: max });

/** XenAPI VM.set_HVM_shadow_multiplier and its live form: at least 1. */
const setShadow =
  (operation: 'changing_shadow_memory' | 'changing_shadow_memory_live') =>
  (call: Call, ref: Vm, HVM_shadow_multiplier: number): Promise<void> => {
    if (!(HVM_shadow_multiplier >= 1)) refuse('INVALID_VALUE', 'HVM_shadow_multiplier', String(HVM_shadow_multiplier));
    return onVm(call, ref, operation, () => {
      const wanted = { ...call.world.db.need('VM', ref), HVM_shadow_multiplier };
      call.world.db.update('VM', ref, { HVM_shadow_multiplier, memory_overhead: memoryOverhead(wanted) });
      refreshHost(call.world, wanted.resident_on);
    });
  };

/** XenAPI VM.maximise_memory: the greatest static_max that fits with its overhead into so many bytes, in whole MiB. */
function maximise({ world }: Call, ref: Vm, total: bigint): bigint {
  const vm = world.db.need('VM', ref);
  let size = (total / MIB) * MIB;
  while (size > 0n && size + memoryOverhead({ ...vm, memory_static_max: size }) > total) size -= MIB;
  return size;
}

/** The messages about a machine's memory (facts 5.3). */
export const vmMemoryHandlers: HandlerTable = {
  'VM.set_memory_static_max': setter('changing_static_range', 'memory_static_max'),
  'VM.set_memory_static_min': setter('changing_static_range', 'memory_static_min'),
  'VM.set_memory_dynamic_max': setter('changing_dynamic_range', 'memory_dynamic_max'),
  'VM.set_memory_dynamic_min': setter('changing_dynamic_range', 'memory_dynamic_min'),
  'VM.set_memory_dynamic_range': setDynamic,
  'VM.set_memory_static_range': (call: Call, vm: Vm, min: bigint, max: bigint) =>
    write(call, vm, 'changing_static_range', { memory_static_min: min, memory_static_max: max }),
  'VM.set_memory_limits': (call: Call, vm: Vm, staticMin: bigint, staticMax: bigint, min: bigint, max: bigint) =>
    write(call, vm, 'changing_memory_limits', {
      memory_static_min: staticMin,
      memory_static_max: staticMax,
      memory_dynamic_min: min,
      memory_dynamic_max: max,
    }),
  'VM.set_memory': (call: Call, vm: Vm, value: bigint) =>
    write(call, vm, 'changing_memory_limits', {
      memory_static_max: value,
      memory_dynamic_max: value,
      memory_dynamic_min: value,
    }),
  'VM.set_memory_target_live': (call: Call, vm: Vm, target: bigint) => setDynamic(call, vm, target, target),
  'VM.wait_memory_target_live': (call: Call, vm: Vm) => onVm(call, vm, 'awaiting_memory_live', () => undefined),
  'VM.set_HVM_shadow_multiplier': setShadow('changing_shadow_memory'),
  'VM.set_shadow_multiplier_live': setShadow('changing_shadow_memory_live'),
  'VM.compute_memory_overhead': ({ world }: Call, vm: Vm) => memoryOverhead(world.db.need('VM', vm)),
  'VM.maximise_memory': maximise,
};
