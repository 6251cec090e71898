import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { refuse } from '../failure.js';
import type { World } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';
import { isPlugged } from './repository-rule.js';

type Image = Records['VDI'];
type Vdi = Ref<'VDI'>;
type Sr = Ref<'SR'>;

const MIB = 1n << 20n;

/** What a clone, a snapshot or a thin new image takes at first. */
const header = 8n * MIB;
const thinHeader = 2n * MIB;

/** A repository that nothing is plugged of can do nothing: SR_HAS_NO_PBDS [sr] (facts 5.4). */
export function assertPlugged(world: World, sr: Sr): void {
  world.db.need('SR', sr);
  if (!isPlugged(world, sr)) refuse('SR_HAS_NO_PBDS', sr);
}

/** A fault of the storage manager: SR_BACKEND_FAILURE_<n> ["", reason, detail] (facts 0.3). */
export const storageFails = (number: number, reason: string, detail = ''): never =>
  refuse(`SR_BACKEND_FAILURE_${number}`, '', reason, detail);

const positive = (value: bigint): bigint => (value < 0n ? 0n : value);

/** Counts bytes to a repository, or back, as they were found. */
export function count(world: World, ref: Sr, used: bigint, allocated: bigint): void {
  const sr = world.db.get('SR', ref);
  if (sr === undefined) return;
  world.db.update('SR', ref, {
    physical_utilisation: positive(sr.physical_utilisation + used),
    virtual_allocation: positive(sr.virtual_allocation + allocated),
  });
}

/** Counts bytes to a repository, or back; a full one fails as the storage manager does (facts 0.3). */
export function account(world: World, ref: Sr, used: bigint, allocated: bigint): void {
  const sr = world.db.get('SR', ref);
  if (sr !== undefined && used > 0n && sr.physical_utilisation + used > sr.physical_size)
    storageFails(44, 'There is insufficient space');
  count(world, ref, used, allocated);
}

const isThick = (world: World, sr: Sr): boolean => world.db.need('SR', sr).type.startsWith('lvm');

/** Storage managers round sizes up: LVM to 4 MiB, VHD to 2 MiB (facts 5.4). */
export function rounded(world: World, sr: Sr, size: bigint): bigint {
  const step = isThick(world, sr) ? 4n * MIB : 2n * MIB;
  return ((size + step - 1n) / step) * step;
}

/** Bytes that a new image takes: all at once on LVM, next to nothing in a file. */
export const spaceOf = (world: World, sr: Sr, virtualSize: bigint): bigint =>
  isThick(world, sr) ? virtualSize : thinHeader;

const limits = { least: 1n, most: 2_093_051n * MIB };

/** Storage managers make images of 1 MiB to 2 TiB: SR_BACKEND_FAILURE_79. */
export function assertSize(size: bigint): void {
  if (size < limits.least || size > limits.most)
    storageFails(79, 'VDI Invalid size [opterr=VDI size must be between 1 MB and 2093051 MB]');
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

/** Kinds of repository that keep an image as a VHD file, or as the difference from another one. */
const kindsOfVhd: ReadonlySet<string> = new Set(['ext', 'lvm', 'lvmoiscsi', 'lvmohba', 'nfs', 'smb']);

/**
 * What two images say that hold their difference from a third from now on (XenAPI VDI.sm_config); of that the pool has no
 * record.
 */
function branched(world: World, vdi: Vdi): Image['sm_config'] {
  const { SR, sm_config } = world.db.need('VDI', vdi);
  return kindsOfVhd.has(world.db.need('SR', SR).type) ? { ...sm_config, 'vhd-parent': world.ids.uuid() } : sm_config;
}

/** A writable image that shares its blocks with another, which may be a snapshot. */
export function cloneImage(world: World, vdi: Vdi, changes: Partial<Image> = {}): Vdi {
  const sm_config = branched(world, vdi);
  const made = duplicateImage(world, vdi, { sm_config, physical_utilisation: header, ...changes });
  world.db.update('VDI', vdi, { sm_config });
  return made;
}

function duplicateImage(world: World, vdi: Vdi, changes: Partial<Image>): Vdi {
  const made = addImage(world, {
    ...world.db.need('VDI', vdi),
    is_a_snapshot: false,
    snapshot_of: NULL_REF as Vdi,
    snapshot_time: EPOCH,
    cbt_enabled: false,
    ...changes,
  });
  world.contents.copy(vdi, made);
  return made;
}

/** An image as it is now. */
export const snapshotImage = (world: World, vdi: Vdi, changes: Partial<Image> = {}): Vdi =>
  cloneImage(world, vdi, {
    is_a_snapshot: true,
    snapshot_of: vdi,
    snapshot_time: world.clock.text(),
    cbt_enabled: world.db.need('VDI', vdi).cbt_enabled,
    ...changes,
  });

/** A whole image of its own on a repository. */
export function copyImage(world: World, vdi: Vdi, sr: Sr): Vdi {
  assertPlugged(world, sr);
  const { virtual_size, physical_utilisation } = world.db.need('VDI', vdi);
  const size = rounded(world, sr, virtual_size);
  const space = isThick(world, sr) ? size : physical_utilisation;
  return duplicateImage(world, vdi, {
    SR: sr,
    virtual_size: size,
    physical_utilisation: space,
    sharable: false,
    sm_config: {},
  });
}

/** Takes an image's record away, with the block devices that show it, and out of machines that keep their memory there. */
export function dropImage(world: World, ref: Vdi): void {
  const vdi = world.db.get('VDI', ref);
  if (vdi === undefined) return;
  const machines = vdi.VBDs.map((vbd) => world.db.need('VBD', vbd).VM);
  for (const vbd of vdi.VBDs) {
    world.db.remove('VBD_metrics', world.db.need('VBD', vbd).metrics);
    world.db.remove('VBD', vbd);
  }
  for (const [vm, { suspend_VDI }] of world.db.entries('VM'))
    if (suspend_VDI === ref) world.db.update('VM', vm, { suspend_VDI: NULL_REF as Vdi });
  world.db.remove('VDI', ref);
  for (const vm of machines) refreshMachine(world, vm);
}

/** Takes an image away for good (facts 5.4). */
export function removeImage(world: World, ref: Vdi): void {
  const vdi = world.db.get('VDI', ref);
  if (vdi === undefined) return;
  dropImage(world, ref);
  world.contents.drop(ref);
  account(world, vdi.SR, -vdi.physical_utilisation, -vdi.virtual_size);
}
