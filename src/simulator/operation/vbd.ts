import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import { blank, construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { during, spend } from './during.js';
import { lacksDrivers, notRunning } from './plugging.js';
import { deviceNumber, freeBlockDevices } from './vm.js';

type Vbd = Ref<'VBD'>;

/** A number from 0 to 254, or a name that stands for one, and not in use; `autodetect` takes the first that is free. */
function freeDevice(world: World, vm: Ref<'VM'>, wanted: string): string {
  const free = freeBlockDevices(world, vm);
  if (wanted === 'autodetect') return free[0] as string;
  const number = deviceNumber(wanted);
  if (!/^\d{1,3}$/.test(number) || Number(number) > 254) throw new XenApiFailure('INVALID_DEVICE', wanted);
  if (!free.includes(number)) throw new XenApiFailure('DEVICE_ALREADY_EXISTS', wanted);
  return wanted;
}

/** XenAPI VBD.create: makes the record and its metrics, never plugs (facts 5.4). */
function createVbd({ world }: Call, given: AnyRecord): Vbd {
  const made = construct('VBD', given) as unknown as Records['VBD'];
  const vm = world.db.need('VM', made.VM);
  if (made.type === 'CD' && made.mode !== 'RO') throw new XenApiFailure('VBD_CDS_MUST_BE_READONLY');
  if (made.type !== 'CD' && made.empty) throw new XenApiFailure('VBD_NOT_REMOVABLE_MEDIA', 'in constructor');
  if (!made.empty) {
    const vdi = world.db.need('VDI', made.VDI);
    if (made.mode === 'RW' && vdi.read_only) throw new XenApiFailure('VDI_READONLY', made.VDI);
    if (made.type === 'CD' && world.db.get('SR', vdi.SR)?.content_type !== 'iso')
      throw new XenApiFailure('VDI_INCOMPATIBLE_TYPE', made.VDI, vdi.type);
  }
  if (Object.values(vm.current_operations).some((operation) => ['pool_migrate', 'migrate_send'].includes(operation)))
    throw new XenApiFailure('OTHER_OPERATION_IN_PROGRESS', 'VM', made.VM, 'pool_migrate', NULL_REF);
  const userdevice = freeDevice(world, made.VM, made.userdevice);
  const [ref, metrics] = [world.ids.ref() as Vbd, world.ids.ref() as Ref<'VBD_metrics'>];
  world.db.insert('VBD_metrics', metrics, blank('VBD_metrics', { uuid: world.ids.uuid() }));
  const own = { uuid: world.ids.uuid(), userdevice, metrics };
  const VDI = made.empty ? (NULL_REF as Ref<'VDI'>) : made.VDI;
  world.db.insert('VBD', ref, { ...made, ...own, VDI, device: '', currently_attached: false });
  refreshMachine(world, made.VM);
  return ref;
}

/** Who writes wants an image for itself, unless it can be shared (facts 5.4). */
function usedElsewhere(world: World, ref: Vbd): XenApiFailure | undefined {
  const { VDI, mode } = world.db.need('VBD', ref);
  const vdi = world.db.get('VDI', VDI);
  if (vdi === undefined || vdi.sharable) return undefined;
  const others = vdi.VBDs.filter((each) => each !== ref).map((each) => world.db.need('VBD', each));
  const attached = others.filter((each) => each.currently_attached);
  const clash = attached.some((each) => each.mode === 'RW' || mode === 'RW');
  return clash ? new XenApiFailure('VDI_IN_USE', VDI) : undefined;
}

type Obstacle = (world: World, ref: Vbd, vbd: Records['VBD']) => XenApiFailure | undefined;

function obstacleToPlug(world: World, ref: Vbd, vbd: Records['VBD']): XenApiFailure | undefined {
  const state = notRunning(world, vbd.VM);
  if (state !== undefined) return state;
  if (vbd.currently_attached) return new XenApiFailure('DEVICE_ALREADY_ATTACHED', ref);
  if (vbd.empty) return new XenApiFailure('VBD_IS_EMPTY', ref);
  if (vbd.type === 'CD' && world.db.need('VM', vbd.VM).domain_type === 'hvm')
    return new XenApiFailure('OPERATION_NOT_ALLOWED', 'VBDs of type CD of HVM guests cannot be hotplugged');
  return lacksDrivers(world, vbd.VM) ? new XenApiFailure('VM_MISSING_PV_DRIVERS', vbd.VM) : usedElsewhere(world, ref);
}

function obstacleToUnplug(world: World, ref: Vbd, vbd: Records['VBD']): XenApiFailure | undefined {
  const state = notRunning(world, vbd.VM);
  if (state !== undefined) return state;
  if (!vbd.currently_attached) return new XenApiFailure('DEVICE_ALREADY_DETACHED', ref);
  if (!vbd.unpluggable) return new XenApiFailure('VBD_NOT_UNPLUGGABLE', ref);
  if (vbd.type === 'CD' && world.db.need('VM', vbd.VM).domain_type === 'hvm')
    return new XenApiFailure('OPERATION_NOT_ALLOWED', 'VBDs of type CD of HVM guests cannot be unplugged; use eject');
  return lacksDrivers(world, vbd.VM) ? new XenApiFailure('VM_MISSING_PV_DRIVERS', vbd.VM) : undefined;
}

const suspended = (world: World, { VM }: Records['VBD']): XenApiFailure | undefined =>
  world.db.need('VM', VM).power_state === 'Suspended'
    ? new XenApiFailure('VM_BAD_POWER_STATE', VM, 'running, halted, paused', 'suspended')
    : undefined;

const obstacleToInsert: Obstacle = (world, ref, vbd) => {
  if (vbd.type === 'Disk') return new XenApiFailure('VBD_NOT_REMOVABLE_MEDIA', ref);
  return vbd.empty ? suspended(world, vbd) : new XenApiFailure('VBD_NOT_EMPTY', ref);
};

const obstacleToEject: Obstacle = (world, ref, vbd) => {
  if (vbd.type === 'Disk') return new XenApiFailure('VBD_NOT_REMOVABLE_MEDIA', ref);
  return vbd.empty ? new XenApiFailure('VBD_IS_EMPTY', ref) : suspended(world, vbd);
};

/** Does something to a block device when nothing stands against it, and writes what comes of it. */
const onVbd =
  <A extends readonly unknown[]>(
    operation: string,
    obstacle: Obstacle,
    patch: (world: World, vbd: Records['VBD'], ...args: A) => Partial<Records['VBD']>,
  ) =>
  (call: Call, ref: Vbd, ...args: A): Promise<void> => {
    const { world } = call;
    const against = (): XenApiFailure | undefined => obstacle(world, ref, world.db.need('VBD', ref));
    return during(call, { of: 'VBD', ref, operation, obstacle: against }, async () => {
      await spend(call);
      const vbd = world.db.need('VBD', ref);
      world.db.update('VBD', ref, patch(world, vbd, ...args));
      refresh(world, 'VDI', vbd.VDI);
      refreshMachine(world, vbd.VM);
    });
  };

const attached = (_world: World, { device, userdevice }: Records['VBD']): Partial<Records['VBD']> => ({
  currently_attached: true,
  device:
    device === '' && /^\d+$/.test(userdevice)
      ? `xvd${String.fromCharCode(97 + Number(userdevice))}`
      : device || userdevice,
});

/** A device that a machine still holds stays (facts 5.4). */
function destroyVbd({ world }: Call, ref: Vbd): void {
  const { currently_attached, uuid, VM, metrics, VDI } = world.db.need('VBD', ref);
  if (currently_attached) {
    const vm = world.db.need('VM', VM).uuid;
    throw new XenApiFailure('OPERATION_NOT_ALLOWED', `VBD '${uuid}' still attached to '${vm}'`);
  }
  world.db.remove('VBD', ref);
  world.db.remove('VBD_metrics', metrics);
  refresh(world, 'VDI', VDI);
  refreshMachine(world, VM);
}

const detached = (): Partial<Records['VBD']> => ({ currently_attached: false });
const medium = (world: World, _vbd: Records['VBD'], VDI: Ref<'VDI'>): Partial<Records['VBD']> => {
  world.db.need('VDI', VDI);
  return { VDI, empty: false };
};

/** The messages of class VBD (facts 5.4). */
export const vbdHandlers: HandlerTable = {
  'VBD.create': createVbd,
  'VBD.destroy': destroyVbd,
  'VBD.plug': onVbd('plug', obstacleToPlug, attached),
  'VBD.unplug': onVbd('unplug', obstacleToUnplug, detached),
  'VBD.unplug_force': onVbd('unplug_force', obstacleToUnplug, detached),
  'VBD.insert': onVbd('insert', obstacleToInsert, medium),
  'VBD.eject': onVbd('eject', obstacleToEject, () => ({ VDI: NULL_REF as Ref<'VDI'>, empty: true })),
};
