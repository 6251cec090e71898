import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse, refuseIf } from '../failure.js';
import { blank, construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { clashOf, runningOn } from './clash.js';
import { deviceName, deviceNumber, freeBlockDevices } from './device-name.js';
import { during, spend } from './during.js';
import { type VbdOperation, vbdObstacle } from './vbd-rule.js';

type Vbd = Ref<'VBD'>;
type Device = Records['VBD'];
type Vm = Ref<'VM'>;

/** A number from 0 to 254, or a name that stands for one, and not in use; `autodetect` takes the first that is free. */
function freeDevice(world: World, vm: Vm, wanted: string): string {
  const free = freeBlockDevices(world, vm);
  if (wanted === 'autodetect') return free[0] ?? refuse('INVALID_DEVICE', wanted);
  const number = deviceNumber(wanted);
  if (number === undefined) refuse('INVALID_DEVICE', wanted);
  return free.includes(String(number)) ? wanted : refuse('DEVICE_ALREADY_EXISTS', wanted);
}

const systemTypes: ReadonlySet<string> = new Set(['cbt_metadata', 'ha_statefile', 'redo_log', 'metadata', 'rrd']);

/** What a block device shows must fit what it is: VDI_READONLY [vdi], VDI_INCOMPATIBLE_TYPE [vdi, type] (facts 5.4). */
function assertShows(world: World, { type, mode, VDI }: Device): void {
  const vdi = world.db.need('VDI', VDI);
  if (systemTypes.has(vdi.type)) refuse('VDI_INCOMPATIBLE_TYPE', VDI, vdi.type);
  if (type === 'CD' && world.db.get('SR', vdi.SR)?.content_type !== 'iso')
    refuse('VDI_INCOMPATIBLE_TYPE', VDI, vdi.type);
  if (mode === 'RW' && vdi.read_only) refuse('VDI_READONLY', VDI);
}

/** No new devices while a machine moves. */
function assertStays(world: World, ref: Vm): void {
  const moves = runningOn(world.db.need('VM', ref)).filter(([, operation]) =>
    /^(pool_migrate|migrate_send)$/.test(operation),
  );
  refuseIf(clashOf('VM', ref, moves));
}

/** XenAPI VBD.create: makes the record and its metrics, never plugs (facts 5.4). */
function create({ world }: Call, given: AnyRecord): Vbd {
  const made = construct('VBD', given) as unknown as Device;
  world.db.need('VM', made.VM);
  if (made.type === 'CD' && made.mode !== 'RO') refuse('VBD_CDS_MUST_BE_READONLY');
  if (made.type !== 'CD' && made.empty) refuse('VBD_NOT_REMOVABLE_MEDIA', 'in constructor');
  if (!made.empty) assertShows(world, made);
  assertStays(world, made.VM);
  const userdevice = freeDevice(world, made.VM, made.userdevice);
  const [ref, metrics] = [world.ids.ref() as Vbd, world.ids.ref() as Ref<'VBD_metrics'>];
  world.db.insert('VBD_metrics', metrics, blank('VBD_metrics', { uuid: world.ids.uuid() }));
  const VDI = made.empty ? (NULL_REF as Ref<'VDI'>) : made.VDI;
  const own = { uuid: world.ids.uuid(), userdevice, metrics, VDI, device: '', currently_attached: false };
  world.db.insert('VBD', ref, { ...made, ...own });
  refreshMachine(world, made.VM);
  return ref;
}

/** Does something to a block device when nothing stands against it, and writes what comes of it. */
const onVbd =
  <A extends readonly unknown[]>(
    operation: VbdOperation,
    patch: (world: World, vbd: Device, ...args: A) => Partial<Device>,
    assertPossible: (world: World, vbd: Device, ...args: A) => void = () => undefined,
  ) =>
  (call: Call, ref: Vbd, ...args: A): Promise<void> => {
    const { world } = call;
    const obstacle = () => vbdObstacle(world, ref, operation);
    assertPossible(world, world.db.need('VBD', ref), ...args);
    return during(call, { of: 'VBD', ref, operation, obstacle }, async () => {
      await spend(call);
      const vbd = world.db.need('VBD', ref);
      world.db.update('VBD', ref, patch(world, vbd, ...args));
      refresh(world, 'VDI', vbd.VDI);
      refreshMachine(world, vbd.VM);
    });
  };

const attached = (world: World, vbd: Device): Partial<Device> => ({
  currently_attached: true,
  device: deviceName(world.db.need('VM', vbd.VM), vbd),
});
const detached = (): Partial<Device> => ({ currently_attached: false });

/** A drive takes what is in a library or in the host's own drive, on a repository that its machine's host has plugged. */
function assertReadable(world: World, { VM, type, empty }: Device, VDI: Ref<'VDI'>): void {
  const { SR, type: kind } = world.db.need('VDI', VDI);
  if (type !== 'CD' || !empty) return;
  const sr = world.db.need('SR', SR);
  if (sr.content_type !== 'iso') refuse('VDI_INCOMPATIBLE_TYPE', VDI, kind);
  const { resident_on } = world.db.need('VM', VM);
  const plugged = sr.PBDs.map((pbd) => world.db.need('PBD', pbd)).some(
    (pbd) => pbd.currently_attached && (resident_on === NULL_REF || pbd.host === resident_on),
  );
  if (!plugged) refuse('SR_HAS_NO_PBDS', SR);
}

/** A device that a machine still holds, asleep or awake, stays (facts 5.4). */
function destroy({ world }: Call, ref: Vbd): void {
  const { currently_attached, uuid, VM, metrics, VDI } = world.db.need('VBD', ref);
  if (currently_attached) {
    const vm = world.db.need('VM', VM).uuid;
    refuse('OPERATION_NOT_ALLOWED', `VBD '${uuid}' still attached to '${vm}'`);
  }
  world.db.remove('VBD', ref);
  world.db.remove('VBD_metrics', metrics);
  refresh(world, 'VDI', VDI);
  refreshMachine(world, VM);
}

/** XenAPI VBD.set_userdevice: a place that is free, or its own; a device in use takes it when it is next attached. */
function setUserdevice({ world }: Call, ref: Vbd, wanted: string): void {
  const { VM, userdevice, device, currently_attached } = world.db.need('VBD', ref);
  const number = deviceNumber(wanted);
  const own = number !== undefined && [userdevice, device].some((name) => deviceNumber(name) === number);
  const place = own ? wanted : freeDevice(world, VM, wanted);
  world.db.update('VBD', ref, { userdevice: place, device: currently_attached ? device : '' });
}

/** XenAPI VBD.set_mode: drives only read, and who writes needs an image that can be written. */
function setMode({ world }: Call, ref: Vbd, mode: Device['mode']): void {
  const vbd = world.db.need('VBD', ref);
  if (vbd.currently_attached) refuse('OPERATION_NOT_ALLOWED', 'The mode of a device in use cannot be changed');
  if (vbd.type === 'CD' && mode !== 'RO') refuse('VBD_CDS_MUST_BE_READONLY');
  if (!vbd.empty) assertShows(world, { ...vbd, mode });
  world.db.update('VBD', ref, { mode });
}

/** The messages of class VBD (facts 5.4). */
export const vbdHandlers: HandlerTable = {
  'VBD.create': create,
  'VBD.destroy': destroy,
  'VBD.plug': onVbd('plug', attached),
  'VBD.unplug': onVbd('unplug', detached),
  'VBD.unplug_force': onVbd('unplug_force', detached),
  'VBD.insert': onVbd('insert', (_world, _vbd, VDI: Ref<'VDI'>) => ({ VDI, empty: false }), assertReadable),
  'VBD.eject': onVbd('eject', () => ({ VDI: NULL_REF as Ref<'VDI'>, empty: true })),
  'VBD.set_userdevice': setUserdevice,
  'VBD.set_mode': setMode,
  'VBD.assert_attachable': ({ world }: Call, ref: Vbd) => refuseIf(vbdObstacle(world, ref, 'attach')),
};
