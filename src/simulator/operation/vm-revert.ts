import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { failureOf, refuse } from '../failure.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshMachine } from './allowed.js';
import { spend, type Work } from './during.js';
import { cloneImage, removeImage } from './image.js';
import { dropMemoryImage } from './memory-image.js';
import { readMetadata } from './snapshot-metadata.js';
import { removeBlockDevices, removeInterfaces } from './vm-destroy.js';
import { copyImages, copyVbd, copyVif, disksOf, duplicate } from './vm-duplicate.js';
import { onVm } from './vm-power.js';
import { attachDevices, leave, tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Vdi = Ref<'VDI'>;
type Machine = Records['VM'];
const none = NULL_REF as Ref<never>;

/** Fields that a machine keeps when it goes back to a snapshot: who it is, where it stands, and what leads to it. */
const kept: readonly (keyof Machine)[] = [
  'uuid',
  'name_label',
  'power_state',
  'allowed_operations',
  'current_operations',
  'suspend_VDI',
  'parent',
  'children',
  'snapshots',
  'is_a_snapshot',
  'is_a_template',
  'is_default_template',
  'snapshot_of',
  'snapshot_time',
  'snapshot_info',
  'snapshot_metadata',
  'transportable_snapshot_id',
  'resident_on',
  'scheduled_to_be_resident_on',
  'domid',
  'metrics',
  'guest_metrics',
  'consoles',
  'crash_dumps',
  'VBDs',
  'VIFs',
  'VUSBs',
  'VTPMs',
  'VGPUs',
  'attached_PCIs',
  'blobs',
  'appliance',
  'protection_policy',
  'snapshot_schedule',
  'ha_always_run',
  'ha_restart_priority',
];

/** What a machine was when the snapshot was taken. */
function restored(snapshot: Machine): Partial<Machine> {
  const fields = Object.entries(snapshot).filter(([field]) => !(kept as readonly string[]).includes(field));
  const { name_label } = readMetadata(snapshot.snapshot_metadata);
  return { ...Object.fromEntries(fields), ...(name_label === undefined ? {} : { name_label }) };
}

/** Snapshots of an image become those of the one that takes its place (facts 5.3). */
function repoint({ db }: World, old: Vdi, now: Vdi): void {
  if (old === NULL_REF) return;
  for (const [ref, vdi] of db.entries('VDI')) if (vdi.snapshot_of === old) db.update('VDI', ref, { snapshot_of: now });
}

/** Block devices are made again with clones of the snapshot's images; disks that it did not hold stay, unattached. */
function replaceDisks(world: World, vm: Vm, snapshot: Machine, images: ReadonlyMap<Vdi, Vdi>): void {
  const before = disksOf(world, world.db.need('VM', vm));
  const sources = new Map([...images].map(([from, now]) => [world.db.need('VDI', from).snapshot_of, now]));
  removeBlockDevices(world, vm);
  for (const vdi of before) if (sources.has(vdi)) removeImage(world, vdi);
  for (const [old, now] of sources) repoint(world, old, now);
  for (const each of snapshot.VBDs) {
    const vbd = world.db.need('VBD', each);
    copyVbd(world, vbd, vm, images.get(vbd.VDI) ?? vbd.VDI);
  }
}

/** The machine is as the snapshot has it, in the snapshot's power state (facts 5.3). */
function putBack(world: World, vm: Vm, ref: Vm): void {
  const snapshot = world.db.need('VM', ref);
  const memory = snapshot.suspend_VDI === NULL_REF ? [] : [snapshot.suspend_VDI];
  const images = copyImages(world, [...disksOf(world, snapshot), ...memory], (vdi) => cloneImage(world, vdi));
  const { power_state } = world.db.need('VM', vm);
  if (power_state !== 'Halted') leave(world, vm, 'Halted');
  dropMemoryImage(world, vm);
  replaceDisks(world, vm, snapshot, images);
  removeInterfaces(world, vm);
  for (const vif of snapshot.VIFs) copyVif(world, world.db.need('VIF', vif), vm, true);
  const suspend_VDI = images.get(snapshot.suspend_VDI) ?? none;
  const state = { suspend_VDI, power_state: snapshot.power_state, parent: ref };
  world.db.update('VM', vm, { ...restored(snapshot), ...state });
  if (snapshot.power_state === 'Suspended') attachDevices(world, vm, true);
  refreshMachine(world, vm);
}

/** A machine that is gone is made again, and all its snapshots become those of the new one (facts 5.3). */
function makeAgain(world: World, ref: Vm): Vm {
  const snapshot = world.db.need('VM', ref);
  const told = readMetadata(snapshot.snapshot_metadata);
  const uuid = told.uuid === undefined || world.db.byUuid('VM', told.uuid) ? world.ids.uuid() : told.uuid;
  const own = {
    uuid,
    name_label: told.name_label ?? snapshot.name_label,
    power_state: snapshot.power_state,
    is_a_snapshot: false,
    is_a_template: false,
    snapshot_of: none,
    snapshot_info: {},
    snapshot_metadata: '',
    parent: ref,
  };
  const image = (vdi: Vdi) => cloneImage(world, vdi);
  const made = duplicate(world, ref, own, { image, sameAddresses: true, withMemory: true });
  for (const [each, { snapshot_of }] of world.db.entries('VM'))
    if (snapshot_of === snapshot.snapshot_of) world.db.update('VM', each, { snapshot_of: made });
  if (snapshot.power_state === 'Suspended') attachDevices(world, made, true);
  refreshMachine(world, made);
  return made;
}

/** XenAPI VM.revert, on a snapshot; not to be cancelled. What goes wrong on the way is VM_REVERT_FAILED [vm, snapshot]. */
function revert(call: Call, ref: Vm): Promise<void> {
  const { world } = call;
  const { snapshot_of: vm } = world.db.need('VM', ref);
  const exists = world.db.get('VM', vm) !== undefined;
  const work: Work = { of: 'VM', ref: vm, operation: 'reverting', obstacle: () => vmObstacle(world, vm, 'reverting') };
  const body = async (): Promise<void> => {
    await spend(call);
    try {
      if (exists) putBack(world, vm, ref);
      const machine = exists ? vm : makeAgain(world, ref);
      tellOf(world, machine, 'VM_SNAPSHOT_REVERTED', `was reverted to '${world.db.need('VM', ref).name_label}'`);
    } catch (error) {
      if (failureOf(error).code === 'HANDLE_INVALID') throw error;
      refuse('VM_REVERT_FAILED', vm, ref);
    }
  };
  return onVm(call, ref, 'revert', body, exists ? [work] : []);
}

/** The message that takes a machine back to a snapshot (facts 5.3). */
export const vmRevertHandlers: HandlerTable = { 'VM.revert': revert };
