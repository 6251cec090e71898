import type { Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import { hasFeature } from '../vm-lifecycle.js';
import type { World } from '../world.js';

/** Plugging needs a running machine: VM_BAD_POWER_STATE [vm, running, actual] (facts 5.4). */
export function notRunning(world: World, vm: Ref<'VM'>): XenApiFailure | undefined {
  const state = world.db.need('VM', vm).power_state;
  return state === 'Running' ? undefined : new XenApiFailure('VM_BAD_POWER_STATE', vm, 'running', state.toLowerCase());
}

/** Without drivers an emulated machine's devices stay as they are. */
export const lacksDrivers = (world: World, ref: Ref<'VM'>): boolean => {
  const vm = world.db.need('VM', ref);
  return vm.domain_type === 'hvm' && !hasFeature(world, vm, 'feature-suspend');
};
