import { enumValues } from '../../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, runningOn } from './clash.js';

export type ApplianceOperation = (typeof enumValues.vm_appliance_operation)[number];
type State = Records['VM']['power_state'];

interface Rule {
  readonly fits: (state: State) => boolean;
  readonly otherwise: string;
}

const notHalted: Rule = { fits: (state) => state !== 'Halted', otherwise: 'All VMs of this appliance are halted.' };

/** An operation makes sense while one of the machines is in a state for it. */
const rules: Readonly<Record<ApplianceOperation, Rule>> = {
  start: { fits: (state) => state === 'Halted', otherwise: 'No VM of this appliance is halted.' },
  clean_shutdown: { fits: (state) => state === 'Running', otherwise: 'No VM of this appliance is running.' },
  hard_shutdown: notHalted,
  shutdown: notHalted,
};

/** What stands against an operation on an appliance now: one at a time, no machines, none in the state (facts 5.3). */
export function applianceObstacle(
  world: World,
  ref: Ref<'VM_appliance'>,
  operation: ApplianceOperation,
): XenApiFailure | undefined {
  const appliance = world.db.need('VM_appliance', ref);
  const clash = clashOf('VM_appliance', ref, runningOn(appliance));
  if (clash !== undefined) return clash;
  if (appliance.VMs.length === 0) return new XenApiFailure('OPERATION_NOT_ALLOWED', 'Appliance has no VMs.');
  const { fits, otherwise } = rules[operation];
  const some = appliance.VMs.some((vm) => fits(world.db.need('VM', vm).power_state));
  return some ? undefined : new XenApiFailure('OPERATION_NOT_ALLOWED', otherwise);
}

/** VM_appliance.allowed_operations: what nothing stands against. */
export const applianceAllowed = (world: World, ref: Ref<'VM_appliance'>): ApplianceOperation[] =>
  enumValues.vm_appliance_operation.filter((operation) => applianceObstacle(world, ref, operation) === undefined);
