import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import type { Call, HandlerTable, World } from '../world.js';
import { during, spend } from './during.js';
import { cloneImage, removeImage, snapshotImage } from './image.js';
import { makeMemoryImage } from './memory-image.js';
import { writeMetadata } from './snapshot-metadata.js';
import { imageWork } from './vdi.js';
import { disksOf, duplicate } from './vm-duplicate.js';
import { onVm } from './vm-power.js';
import { tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Vdi = Ref<'VDI'>;
const none = NULL_REF as Ref<never>;

/** A machine as it is now; it becomes the machine's parent (facts 5.3). */
function capture(world: World, vm: Vm, name_label: string, disks: readonly Vdi[], memory: Partial<Records['VM']>): Vm {
  const of = world.db.need('VM', vm);
  const image = (vdi: Vdi) => (disks.includes(vdi) ? snapshotImage(world, vdi) : undefined);
  const own = {
    name_label,
    power_state: 'Halted',
    suspend_VDI: none,
    is_a_snapshot: true,
    is_a_template: true,
    snapshot_of: vm,
    snapshot_time: world.clock.text(),
    snapshot_info: { 'power-state-at-snapshot': of.power_state, 'disk-snapshot-type': 'crash_consistent' },
    snapshot_metadata: writeMetadata(of),
    transportable_snapshot_id: '',
    appliance: none,
    protection_policy: none,
    snapshot_schedule: none,
    ha_always_run: false,
    ...memory,
  } as const;
  const made = duplicate(world, vm, own, { image, sameAddresses: true, withMemory: false });
  world.db.update('VM', vm, { parent: made });
  return made;
}

/** XenAPI VM.snapshot: of the disks that are not left out; each repository must be able to (facts 5.3). */
function snapshot(call: Call, vm: Vm, name: string, left: readonly Vdi[]): Promise<Vm> {
  const { world } = call;
  const disks = disksOf(world, world.db.need('VM', vm)).filter((vdi) => !left.includes(vdi));
  const body = async (): Promise<Vm> => {
    await spend(call, true);
    const made = capture(world, vm, name, disks, {});
    tellOf(world, vm, 'VM_SNAPSHOTTED', `was snapshotted as '${name}'`);
    return made;
  };
  const works = disks.map((vdi) => imageWork(world, vdi, 'snapshot'));
  return onVm(call, vm, 'snapshot', () => during(call, works, body));
}

/** The memory of a live machine, or another image of a sleeping one's. */
const memoryOf = (world: World, vm: Vm): Vdi => {
  const { power_state, suspend_VDI } = world.db.need('VM', vm);
  return power_state === 'Suspended' ? cloneImage(world, suspend_VDI) : makeMemoryImage(world, vm);
};

/** A running machine sleeps while its memory is written (facts 5.1). */
async function asleep(call: Call, vm: Vm, body: () => Promise<void>): Promise<void> {
  const { db, ids } = call.world;
  const runs = db.need('VM', vm).power_state === 'Running';
  if (runs) db.update('VM', vm, { power_state: 'Suspended' });
  try {
    await body();
  } finally {
    if (runs) db.update('VM', vm, { power_state: 'Running', domid: ids.domain() });
  }
}

/** XenAPI VM.checkpoint: a snapshot with the machine's memory; the machine sleeps for that long (facts 5.1). */
function checkpoint(call: Call, vm: Vm, name: string): Promise<Vm> {
  const { world } = call;
  const disks = disksOf(world, world.db.need('VM', vm));
  const body = async (): Promise<Vm> => {
    const before = world.db.need('VM', vm).power_state;
    const suspend_VDI = memoryOf(world, vm);
    try {
      await asleep(call, vm, () => spend(call, true));
      const info = { 'power-state-at-snapshot': before, 'disk-snapshot-type': 'crash_consistent' };
      const memory = { power_state: 'Suspended', suspend_VDI, snapshot_info: info } as const;
      const made = capture(world, vm, name, disks, memory);
      tellOf(world, vm, 'VM_CHECKPOINTED', `was checkpointed as '${name}'`);
      return made;
    } catch (error) {
      removeImage(world, suspend_VDI);
      throw error;
    }
  };
  const works = disks.map((vdi) => imageWork(world, vdi, 'snapshot'));
  return onVm(call, vm, 'checkpoint', () => during(call, works, body));
}

/** The messages that take snapshots (facts 5.3). */
export const vmSnapshotHandlers: HandlerTable = {
  'VM.snapshot': snapshot,
  'VM.checkpoint': checkpoint,
};
