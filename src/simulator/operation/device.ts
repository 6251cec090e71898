import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import { blank, construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import { hasFeature } from '../vm-lifecycle.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { during, spend } from './during.js';
import { deviceNumber, freeBlockDevices, freeInterfaces } from './vm.js';

type Vbd = Ref<'VBD'>;
type Vif = Ref<'VIF'>;

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
  const [ref, metrics] = [world.ids.ref() as Vbd, world.ids.ref() as Ref<'VBD_metrics'>];
  world.db.insert('VBD_metrics', metrics, blank('VBD_metrics', { uuid: world.ids.uuid() }));
  const own = { uuid: world.ids.uuid(), userdevice: freeDevice(world, made.VM, made.userdevice), metrics };
  const VDI = made.empty ? (NULL_REF as Ref<'VDI'>) : made.VDI;
  world.db.insert('VBD', ref, { ...made, ...own, VDI, device: '', currently_attached: false });
  refreshMachine(world, made.VM);
  return ref;
}

/** Plugging needs a running machine: VM_BAD_POWER_STATE [vm, running, actual] (facts 5.4). */
function notRunning(world: World, vm: Ref<'VM'>): XenApiFailure | undefined {
  const state = world.db.need('VM', vm).power_state;
  return state === 'Running' ? undefined : new XenApiFailure('VM_BAD_POWER_STATE', vm, 'running', state.toLowerCase());
}

/** Without drivers an emulated machine's devices stay as they are. */
const lacksDrivers = (world: World, ref: Ref<'VM'>): boolean => {
  const vm = world.db.need('VM', ref);
  return vm.domain_type === 'hvm' && !hasFeature(world, vm, 'feature-suspend');
};

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

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** XenAPI VIF.create: makes the record, never plugs; no address makes one up (facts 5.4). */
function createVif({ world }: Call, given: AnyRecord): Vif {
  const made = construct('VIF', given) as unknown as Records['VIF'];
  world.db.need('VM', made.VM);
  world.db.need('network', made.network);
  if (!/^\d+$/.test(made.device)) throw new XenApiFailure('INVALID_DEVICE', made.device);
  if (!freeInterfaces(world, made.VM).includes(made.device))
    throw new XenApiFailure('DEVICE_ALREADY_EXISTS', made.device);
  const unicast = macPattern.test(made.MAC) && (Number.parseInt(made.MAC.slice(0, 2), 16) & 1) === 0;
  if (made.MAC !== '' && !unicast) throw new XenApiFailure('MAC_INVALID', made.MAC);
  const [ref, metrics] = [world.ids.ref() as Vif, world.ids.ref() as Ref<'VIF_metrics'>];
  world.db.insert('VIF_metrics', metrics, blank('VIF_metrics', { uuid: world.ids.uuid() }));
  const address = { MAC: made.MAC === '' ? world.ids.mac() : made.MAC, MAC_autogenerated: made.MAC === '' };
  world.db.insert('VIF', ref, { ...made, ...address, uuid: world.ids.uuid(), metrics, currently_attached: false });
  refreshMachine(world, made.VM);
  return ref;
}

function onVif(operation: 'plug' | 'unplug') {
  return (call: Call, ref: Vif): Promise<void> => {
    const { world } = call;
    const currently_attached = operation === 'plug';
    const obstacle = (): XenApiFailure | undefined => {
      const vif = world.db.need('VIF', ref);
      const state = notRunning(world, vif.VM);
      if (state !== undefined) return state;
      const code = currently_attached ? 'DEVICE_ALREADY_ATTACHED' : 'DEVICE_ALREADY_DETACHED';
      if (vif.currently_attached === currently_attached) return new XenApiFailure(code, ref);
      return lacksDrivers(world, vif.VM) ? new XenApiFailure('VM_MISSING_PV_DRIVERS', vif.VM) : undefined;
    };
    return during(call, { of: 'VIF', ref, operation, obstacle }, async () => {
      await spend(call);
      world.db.update('VIF', ref, { currently_attached });
    });
  };
}

function destroyVif({ world }: Call, ref: Vif): void {
  const { currently_attached, VM, metrics } = world.db.need('VIF', ref);
  if (currently_attached) throw new XenApiFailure('OPERATION_NOT_ALLOWED', 'VIF currently attached to a running VM');
  world.db.remove('VIF', ref);
  world.db.remove('VIF_metrics', metrics);
  refreshMachine(world, VM);
}

/** XenAPI VIF.move: an interface keeps its address on another network. */
function moveVif({ world }: Call, ref: Vif, network: Ref<'network'>): void {
  world.db.need('network', network);
  world.db.update('VIF', ref, { network });
}

const detached = (): Partial<Records['VBD']> => ({ currently_attached: false });
const medium = (world: World, _vbd: Records['VBD'], VDI: Ref<'VDI'>): Partial<Records['VBD']> => {
  world.db.need('VDI', VDI);
  return { VDI, empty: false };
};

/** The messages of classes VBD and VIF (facts 5.4). */
export const deviceHandlers: HandlerTable = {
  'VBD.create': createVbd,
  'VBD.destroy': destroyVbd,
  'VBD.plug': onVbd('plug', obstacleToPlug, attached),
  'VBD.unplug': onVbd('unplug', obstacleToUnplug, detached),
  'VBD.unplug_force': onVbd('unplug_force', obstacleToUnplug, detached),
  'VBD.insert': onVbd('insert', obstacleToInsert, medium),
  'VBD.eject': onVbd('eject', obstacleToEject, () => ({ VDI: NULL_REF as Ref<'VDI'>, empty: true })),
  'VIF.create': createVif,
  'VIF.destroy': destroyVif,
  'VIF.plug': onVif('plug'),
  'VIF.unplug': onVif('unplug'),
  'VIF.unplug_force': onVif('unplug'),
  'VIF.move': moveVif,
};
