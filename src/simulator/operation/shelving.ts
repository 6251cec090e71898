import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { blank } from '../record.js';
import type { ShelvedImage } from '../shelf.js';
import { libraryFiles } from '../storage-array.js';
import type { World } from '../world.js';
import { refresh } from './allowed.js';
import { kindOf } from './backing.js';
import { count, dropImage, storageFails } from './image.js';

type Sr = Ref<'SR'>;
type Vdi = Ref<'VDI'>;
type Image = Records['VDI'];

/** Puts a repository on the shelf as it is forgotten: what lies on the storage stays there, and of one that never was plugged nothing is known (facts 5.4). */
export function shelve(world: World, ref: Sr): void {
  const { uuid, type, physical_size, PBDs, VDIs } = world.db.need('SR', ref);
  if (physical_size < 0n && type !== 'iso') return;
  const config = PBDs[0] === undefined ? {} : world.db.need('PBD', PBDs[0]).device_config;
  const images = VDIs.map((vdi) => ({ ref: vdi, record: world.db.need('VDI', vdi) }));
  world.shelf.put({ uuid, type, place: kindOf(world, type).place(config), physical_size, images });
}

/** Adds an image's record to a repository as its storage manager found it. */
function found(world: World, SR: Sr, record: Partial<Image>): Vdi {
  const ref = world.ids.ref() as Vdi;
  const made = blank('VDI', { uuid: world.ids.uuid(), managed: true, type: 'user', ...record, SR });
  world.db.insert('VDI', ref, made);
  count(world, SR, made['physical_utilisation'] as bigint, made['virtual_size'] as bigint);
  refresh(world, 'VDI', ref);
  return ref;
}

/** Adds a file of a library of media. */
const foundFile = (world: World, SR: Sr, name: string, size: bigint): Vdi =>
  found(world, SR, {
    name_label: name,
    location: name,
    virtual_size: size,
    physical_utilisation: size,
    read_only: true,
  });

/** The images of a repository come back under new references; what they held is still there. */
function restore(world: World, SR: Sr, images: readonly ShelvedImage[]): void {
  const made = new Map<Vdi, Vdi>();
  const gone = { VBDs: [], crash_dumps: [], snapshots: [], current_operations: {}, allowed_operations: [] };
  for (const { ref, record } of images) {
    const now = found(world, SR, { ...record, ...gone });
    world.contents.copy(ref, now);
    world.contents.drop(ref);
    made.set(ref, now);
  }
  for (const [ref, now] of made)
    for (const each of made.values())
      if (world.db.need('VDI', each).snapshot_of === ref) world.db.update('VDI', each, { snapshot_of: now });
}

/** A repository that is plugged for the first time shows what lies on its storage; one that is not there cannot be. */
export function attachRepository(world: World, ref: Sr, { device_config }: Records['PBD']): void {
  const { physical_size, type, uuid } = world.db.need('SR', ref);
  if (physical_size >= 0n) return;
  const kind = kindOf(world, type);
  const size = kind.size(device_config);
  const shelved = world.shelf.peek(uuid);
  if (type !== 'iso' && (shelved === undefined || shelved.place !== kind.place(device_config)))
    storageFails(47, 'The SR is not available [opterr=no such repository on the storage]');
  world.shelf.take(uuid);
  const physical = { physical_size: shelved?.physical_size ?? size, physical_utilisation: 0n, virtual_allocation: 0n };
  world.db.update('SR', ref, physical);
  if (shelved !== undefined) restore(world, ref, shelved.images);
  else for (const [name, bytes] of libraryFiles) foundFile(world, ref, name, bytes);
}

/** A medium whose file is gone leaves its drives empty; another image goes with its block devices (facts 5.4). */
function lost(world: World, ref: Vdi): void {
  const vdi = world.db.get('VDI', ref);
  if (vdi === undefined) return;
  for (const vbd of vdi.VBDs)
    if (world.db.need('VBD', vbd).type === 'CD') world.db.update('VBD', vbd, { VDI: NULL_REF as Vdi, empty: true });
  dropImage(world, ref);
  count(world, vdi.SR, -vdi.physical_utilisation, -vdi.virtual_size);
}

/** What a scan finds: files that have come, and files that have gone, since the last one. */
export function applyChanges(world: World, ref: Sr): void {
  const changes = world.shelf.scanned(ref);
  for (const { name, size } of changes.found) foundFile(world, ref, name, size);
  for (const vdi of changes.lost) lost(world, vdi as Vdi);
}
