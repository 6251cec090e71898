import { enumValues } from '../../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, runningOn } from './clash.js';
import { guestRefuses, machineLeaving, notRunning } from './hotplug.js';

export type VifOperation = (typeof enumValues.vif_operations)[number];

/** A network with interfaces somewhere, but none on the machine's host, cannot be had there. */
function outOfReach(world: World, ref: Ref<'VIF'>, { VM, network }: Records['VIF']): XenApiFailure | undefined {
  const { resident_on } = world.db.need('VM', VM);
  const pifs = world.db.get('network', network)?.PIFs ?? [];
  const here = pifs.some((pif) => world.db.get('PIF', pif)?.host === resident_on);
  return pifs.length === 0 || here ? undefined : new XenApiFailure('CANNOT_PLUG_VIF', ref);
}

/** What stands against an operation on a network device now; any operation on it blocks all others (facts 5.4). */
export function vifObstacle(world: World, ref: Ref<'VIF'>, operation: VifOperation): XenApiFailure | undefined {
  const vif = world.db.need('VIF', ref);
  const clash = clashOf('VIF', ref, runningOn(vif).slice(0, 1));
  if (clash !== undefined || operation === 'attach') return clash;
  const state = notRunning(world, vif.VM);
  if (state !== undefined) return state;
  const plug = operation === 'plug';
  if (plug === vif.currently_attached)
    return new XenApiFailure(plug ? 'DEVICE_ALREADY_ATTACHED' : 'DEVICE_ALREADY_DETACHED', ref);
  const refusal = machineLeaving(world, vif.VM) ?? guestRefuses(world, vif.VM, 'VIF');
  return refusal ?? (plug ? outOfReach(world, ref, vif) : undefined);
}

/** VIF.allowed_operations: what nothing stands against. */
export const vifAllowed = (world: World, ref: Ref<'VIF'>): VifOperation[] =>
  enumValues.vif_operations.filter((operation) => vifObstacle(world, ref, operation) === undefined);
