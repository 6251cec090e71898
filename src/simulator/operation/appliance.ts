import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, Handler, HandlerTable, World } from '../world.js';
import { refresh } from './allowed.js';
import { type ApplianceOperation, applianceObstacle } from './appliance-rule.js';
import { during } from './during.js';
import { vmPowerHandlers } from './vm-power.js';

type Appliance = Ref<'VM_appliance'>;
type Vm = Ref<'VM'>;
type Step = (call: Call, vm: Vm) => Promise<void>;

const message =
  (name: string, ...args: readonly unknown[]): Step =>
  (call, vm) =>
    (vmPowerHandlers[name] as Handler as (call: Call, ...args: readonly unknown[]) => Promise<void>)(call, vm, ...args);

/** Machines of an appliance by their `order`: the same number at the same time. */
function groups({ db }: World, appliance: Appliance, ascending: boolean): Vm[][] {
  const found = new Map<bigint, Vm[]>();
  for (const vm of db.need('VM_appliance', appliance).VMs) {
    const { order } = db.need('VM', vm);
    found.set(order, [...(found.get(order) ?? []), vm]);
  }
  const sorted = [...found].toSorted(([a], [b]) => Number(a - b)).map(([, vms]) => vms);
  return ascending ? sorted : sorted.toReversed();
}

/** States in which a machine of the appliance has nothing to do. */
const done: Readonly<Record<ApplianceOperation, readonly string[]>> = {
  start: ['Running', 'Paused'],
  clean_shutdown: ['Halted'],
  hard_shutdown: ['Halted'],
  shutdown: ['Halted'],
};

/** Does the same to all machines, group after group: OPERATION_PARTIALLY_FAILED [operation, vm...] for those that failed (facts 5.3). */
function run(call: Call, ref: Appliance, operation: ApplianceOperation, step: Step): Promise<void> {
  const { world } = call;
  const obstacle = () => applianceObstacle(world, ref, operation);
  return during(call, { of: 'VM_appliance', ref, operation, obstacle }, async () => {
    const failed: Vm[] = [];
    for (const vms of groups(world, ref, operation === 'start')) {
      const idle = vms.filter((vm) => !done[operation].includes(world.db.need('VM', vm).power_state));
      const results = await Promise.allSettled(idle.map((vm) => step(call, vm)));
      failed.push(...idle.filter((_vm, i) => results[i]?.status === 'rejected'));
      await world.clock.pass('VM_appliance.delay');
    }
    if (failed.length > 0) refuse('OPERATION_PARTIALLY_FAILED', operation, ...failed);
  });
}

function create({ world }: Call, given: AnyRecord): Appliance {
  const ref = world.ids.ref() as Appliance;
  world.db.insert('VM_appliance', ref, { ...construct('VM_appliance', given), uuid: world.ids.uuid() });
  refresh(world, 'VM_appliance', ref);
  return ref;
}

/** An appliance goes, its machines stay. */
function destroy({ world }: Call, ref: Appliance): void {
  for (const vm of world.db.need('VM_appliance', ref).VMs)
    world.db.update('VM', vm, { appliance: NULL_REF as Appliance });
  world.db.remove('VM_appliance', ref);
}

/** The messages of class VM_appliance (facts 5.3). */
export const applianceHandlers: HandlerTable = {
  'VM_appliance.create': create,
  'VM_appliance.destroy': destroy,
  'VM_appliance.start': (call: Call, ref: Appliance, paused: boolean) =>
    run(call, ref, 'start', message('VM.start', paused, false)),
  'VM_appliance.clean_shutdown': (call: Call, ref: Appliance) =>
    run(call, ref, 'clean_shutdown', message('VM.clean_shutdown')),
  'VM_appliance.hard_shutdown': (call: Call, ref: Appliance) =>
    run(call, ref, 'hard_shutdown', message('VM.hard_shutdown')),
  'VM_appliance.shutdown': (call: Call, ref: Appliance) => run(call, ref, 'shutdown', message('VM.shutdown')),
};
