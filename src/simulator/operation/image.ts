import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { refresh } from './allowed.js';
import { isPlugged } from './repository-rule.js';

type Image = Records['VDI'];
type Vdi = Ref<'VDI'>;

const MIB = 1n << 20n;

/** What a clone or a snapshot takes at first. */
const header = 8n * MIB;

/** A repository that nothing is plugged of can do nothing: SR_HAS_NO_PBDS [sr] (facts 5.4). */
export function assertPlugged(world: World, sr: Ref<'SR'>): void {
  world.db.need('SR', sr);
  if (!isPlugged(world, sr)) throw new XenApiFailure('SR_HAS_NO_PBDS', sr);
}

/** Counts bytes to a repository, or back; a full one fails as the storage manager does (facts 0.3). */
export function account(world: World, ref: Ref<'SR'>, used: bigint, allocated: bigint): void {
  const sr = world.db.get('SR', ref);
  if (sr === undefined) return;
  const physical_utilisation = sr.physical_utilisation + used;
  if (used > 0n && physical_utilisation > sr.physical_size)
    throw new XenApiFailure('SR_BACKEND_FAILURE_44', '', 'There is insufficient space', '');
  world.db.update('SR', ref, {
    physical_utilisation: physical_utilisation < 0n ? 0n : physical_utilisation,
    virtual_allocation: sr.virtual_allocation + allocated < 0n ? 0n : sr.virtual_allocation + allocated,
  });
}

/** Storage managers round sizes up: LVM to 4 MiB, VHD to 2 MiB (facts 5.4). */
export function rounded(world: World, sr: Ref<'SR'>, size: bigint): bigint {
  const step = world.db.need('SR', sr).type.startsWith('lvm') ? 4n * MIB : 2n * MIB;
  return ((size + step - 1n) / step) * step;
}

/** Puts an image's record in, with a uuid of its own, and counts its bytes. */
export function addImage(world: World, record: Image): Vdi {
  account(world, record.SR, record.physical_utilisation, record.virtual_size);
  const ref = world.ids.ref() as Vdi;
  const uuid = world.ids.uuid();
  const own = { uuid, location: uuid, VBDs: [], crash_dumps: [], snapshots: [], current_operations: {} };
  world.db.insert('VDI', ref, { ...record, ...own });
  refresh(world, 'VDI', ref);
  return ref;
}

/** A writable image that shares its blocks with another, which may be a snapshot. */
export const cloneImage = (world: World, vdi: Vdi, changes: Partial<Image> = {}): Vdi =>
  addImage(world, {
    ...world.db.need('VDI', vdi),
    physical_utilisation: header,
    is_a_snapshot: false,
    snapshot_of: NULL_REF as Vdi,
    snapshot_time: EPOCH,
    ...changes,
  });

/** An image as it is now. */
export const snapshotImage = (world: World, vdi: Vdi, changes: Partial<Image> = {}): Vdi =>
  cloneImage(world, vdi, { is_a_snapshot: true, snapshot_of: vdi, snapshot_time: world.clock.text(), ...changes });

/** A whole image of its own on a repository. */
export function copyImage(world: World, vdi: Vdi, sr: Ref<'SR'>): Vdi {
  assertPlugged(world, sr);
  const { virtual_size, physical_utilisation } = world.db.need('VDI', vdi);
  return cloneImage(world, vdi, { SR: sr, virtual_size: rounded(world, sr, virtual_size), physical_utilisation });
}

/** Takes an image away, with the block devices that hold it, and out of machines that keep their memory there (facts 5.4). */
export function removeImage(world: World, ref: Vdi): void {
  const vdi = world.db.get('VDI', ref);
  if (vdi === undefined) return;
  for (const vbd of vdi.VBDs) world.db.remove('VBD', vbd);
  for (const [vm, { suspend_VDI }] of world.db.entries('VM'))
    if (suspend_VDI === ref) world.db.update('VM', vm, { suspend_VDI: NULL_REF as Vdi });
  world.db.remove('VDI', ref);
  account(world, vdi.SR, -vdi.physical_utilisation, -vdi.virtual_size);
}
