import type { Records, Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';

type Vm = Ref<'VM'>;

/** Operations of a machine during which its devices stay as they are (facts 5.4). */
const leaving: ReadonlySet<string> = new Set(['clean_shutdown', 'hard_shutdown', 'suspend', 'pause']);

/** Devices come and go only while the machine runs: VM_BAD_POWER_STATE [vm, running, actual] (facts 5.4). */
export function notRunning(world: World, ref: Vm): XenApiFailure | undefined {
  const state = world.db.need('VM', ref).power_state;
  return state === 'Running' ? undefined : new XenApiFailure('VM_BAD_POWER_STATE', ref, 'running', state.toLowerCase());
}

/** OPERATION_NOT_ALLOWED [text] while the machine is about to stop, whatever it does then. */
export function machineLeaving(world: World, ref: Vm): XenApiFailure | undefined {
  const operation = Object.values(world.db.need('VM', ref).current_operations).find((each) => leaving.has(each));
  if (operation === undefined) return undefined;
  return new XenApiFailure('OPERATION_NOT_ALLOWED', `The operation ${operation} is running on the VM ${ref}`);
}

/** What the agent of a machine claims to be able to do with a kind of device. */
const claims = { VBD: 'can_use_hotplug_vbd', VIF: 'can_use_hotplug_vif' } as const;

/** A machine with emulated devices needs drivers: VM_MISSING_PV_DRIVERS [vm]; its agent may say no (facts 5.4). */
export function guestRefuses(world: World, ref: Vm, device: keyof typeof claims): XenApiFailure | undefined {
  const vm: Records['VM'] = world.db.need('VM', ref);
  if (vm.domain_type !== 'hvm' || vm.power_state !== 'Running') return undefined;
  const guest = world.db.get('VM_guest_metrics', vm.guest_metrics);
  const claim = guest?.[claims[device]];
  if (claim === 'yes') return undefined;
  if (claim === 'no')
    return new XenApiFailure('OPERATION_NOT_ALLOWED', `VM states it does not support ${device} hotplug`);
  return guest?.PV_drivers_detected === true ? undefined : new XenApiFailure('VM_MISSING_PV_DRIVERS', ref);
}
