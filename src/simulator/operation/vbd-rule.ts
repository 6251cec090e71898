import { enumValues } from '../../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, runningOn } from './clash.js';
import { guestRefuses, machineLeaving, notRunning } from './hotplug.js';

export type VbdOperation = (typeof enumValues.vbd_operations)[number];

interface Site {
  readonly world: World;
  readonly ref: Ref<'VBD'>;
  readonly vbd: Records['VBD'];
  readonly operation: VbdOperation;
}
type Check = (site: Site) => XenApiFailure | undefined;

const setOf = (...operations: VbdOperation[]): ReadonlySet<string> => new Set(operations);
const plugging = setOf('plug', 'unplug', 'unplug_force');
const unplugging = setOf('unplug', 'unplug_force');
const pausing = setOf('pause', 'unpause');
const changing = setOf('insert', 'eject');
const taking = setOf('attach', 'plug', 'insert');

const clash: Check = ({ ref, vbd, operation }) => {
  const running = runningOn(vbd).filter(([, current]) => !(pausing.has(current) && pausing.has(operation)));
  return clashOf('VBD', ref, running.slice(0, 1));
};

const fixed: Check = ({ ref, vbd, operation }) =>
  unplugging.has(operation) && !vbd.unpluggable ? new XenApiFailure('VBD_NOT_UNPLUGGABLE', ref) : undefined;

/** Drives change their medium, disks do not; an empty one takes, a full one gives. */
const medium: Check = ({ ref, vbd, operation }) => {
  if (!changing.has(operation)) return undefined;
  if (vbd.type !== 'CD') return new XenApiFailure('VBD_NOT_REMOVABLE_MEDIA', ref);
  if (operation === 'eject' && vbd.empty) return new XenApiFailure('VBD_IS_EMPTY', ref);
  return operation === 'insert' && !vbd.empty ? new XenApiFailure('VBD_NOT_EMPTY', ref) : undefined;
};

const state: Check = ({ world, ref, vbd, operation }) => {
  const paused = world.db.need('VM', vbd.VM).power_state === 'Paused';
  if (!plugging.has(operation) && (!pausing.has(operation) || paused)) return undefined;
  const failure = notRunning(world, vbd.VM);
  if (failure !== undefined) return failure;
  if (operation === 'plug' && vbd.currently_attached) return new XenApiFailure('DEVICE_ALREADY_ATTACHED', ref);
  const gone = unplugging.has(operation) && !vbd.currently_attached;
  return gone ? new XenApiFailure('DEVICE_ALREADY_DETACHED', ref) : undefined;
};

const leaving: Check = ({ world, vbd, operation }) =>
  operation === 'plug' || operation === 'unplug' ? machineLeaving(world, vbd.VM) : undefined;

const guest: Check = ({ world, vbd, operation }) => {
  if (!plugging.has(operation)) return undefined;
  const failure = guestRefuses(world, vbd.VM, 'VBD');
  if (failure !== undefined || vbd.type !== 'CD' || world.db.need('VM', vbd.VM).domain_type !== 'hvm') return failure;
  return new XenApiFailure('OPERATION_NOT_ALLOWED', 'Drives of HVM guests are not plugged: insert and eject media');
};

const suspended: Check = ({ world, vbd, operation }) =>
  changing.has(operation) && world.db.need('VM', vbd.VM).power_state === 'Suspended'
    ? new XenApiFailure('VM_BAD_POWER_STATE', vbd.VM, 'halted, running', 'suspended')
    : undefined;

const plugEmpty: Check = ({ ref, vbd, operation }) =>
  operation === 'plug' && vbd.empty ? new XenApiFailure('VBD_IS_EMPTY', ref) : undefined;

/** Operations on the image itself, but for copies, go first. */
const imageBusy: Check = ({ world, vbd, operation }) => {
  const vdi = world.db.get('VDI', vbd.VDI);
  if (vdi === undefined) return undefined;
  if (!vdi.managed) return new XenApiFailure('VDI_NOT_MANAGED', vbd.VDI);
  const running = runningOn(vdi).filter(([, current]) => current !== 'copy' && current !== 'mirror');
  return taking.has(operation) ? clashOf('VDI', vbd.VDI, running.slice(0, 1)) : undefined;
};

/** Who writes wants an image for itself, unless it can be shared; machines at rest do not count (facts 5.4). */
const shared: Check = ({ world, ref, vbd, operation }) => {
  const vdi = world.db.get('VDI', vbd.VDI);
  if (vdi === undefined || vbd.currently_attached || !taking.has(operation)) return undefined;
  const others = vdi.VBDs.filter((each) => each !== ref).map((each) => world.db.need('VBD', each));
  const active = others.filter(
    (each) =>
      (each.currently_attached || runningOn(each).length > 0) &&
      world.db.need('VM', each.VM).power_state !== 'Suspended',
  );
  const writes = active.some((each) => each.mode === 'RW') || (vbd.mode === 'RW' && active.length > 0);
  if (writes && !vdi.sharable) return new XenApiFailure('VDI_IN_USE', vbd.VDI);
  return vbd.mode === 'RW' && vdi.read_only ? new XenApiFailure('VDI_READONLY', vbd.VDI) : undefined;
};

/** The checks in the order in which the first failure wins; `shared` looks at all machines and is left to who acts. */
const listed: readonly Check[] = [clash, fixed, medium, state, leaving, guest, suspended, plugEmpty, imageBusy];

function first(checks: readonly Check[], world: World, ref: Ref<'VBD'>, operation: VbdOperation) {
  const site = { world, ref, vbd: world.db.need('VBD', ref), operation };
  for (const check of checks) {
    const failure = check(site);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** What stands against an operation on a block device now; undefined when nothing does (facts 5.4). */
export const vbdObstacle = (world: World, ref: Ref<'VBD'>, operation: VbdOperation): XenApiFailure | undefined =>
  first([...listed, shared], world, ref, operation);

/** VBD.allowed_operations: what nothing stands against, but for who else has the image. */
export const vbdAllowed = (world: World, ref: Ref<'VBD'>): VbdOperation[] =>
  enumValues.vbd_operations.filter((operation) => first(listed, world, ref, operation) === undefined);
