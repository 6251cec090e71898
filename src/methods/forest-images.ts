import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import type { DiskImageMap } from './import-context.js';
import { invalid } from './input.js';
import type { Referred } from './reference.js';

type Vdi = Ref<'VDI'>;

/** The images by the disks that they are for, as one call finds and changes them. */
export class ForestImages {
  readonly #view: View;
  readonly #refs = new Map<string, Vdi>();
  readonly #uuids: Map<string, string>;
  /** The images behind snapshots that this call has taken. */
  readonly #behind = new Map<Vdi, Vdi>();

  constructor(view: View, map: DiskImageMap) {
    this.#view = view;
    this.#uuids = new Map(map);
    for (const [disk, uuid] of map) {
      const ref =
        view.byUuid('VDI', uuid) ?? invalid(`DiskImageMap: the pool has no image ${uuid} for the disk ${disk}`);
      this.#refs.set(disk, ref);
    }
  }

  get map(): DiskImageMap {
    return this.#uuids;
  }

  of(disk: string): Vdi {
    return this.#refs.get(disk) ?? invalid(`DiskImageMap has no image for the disk ${disk}, which ImportContext names`);
  }

  put(disk: string, ref: Vdi, uuid: string): void {
    this.#refs.set(disk, ref);
    this.#uuids.set(disk, uuid);
  }

  /** A snapshot takes the place of the image that it was taken of. */
  snapped(disk: string, snapshot: Vdi, uuid: string): void {
    this.#behind.set(snapshot, this.of(disk));
    this.put(disk, snapshot, uuid);
  }

  /** The image that a later disk is to be written into: the one behind the snapshot, or that of the disk itself. */
  reused(disk: string, from: string): Vdi {
    const image = this.of(from);
    const behind = this.#behind.get(image) ?? this.#snapshotOf(image);
    const ref = behind ?? image;
    const uuid = this.#uuids.get(from)!;
    if (behind === undefined) {
      this.#refs.delete(from);
      this.#uuids.delete(from);
    }
    this.#refs.set(disk, ref);
    this.#uuids.set(disk, behind === undefined ? uuid : this.#view.get('VDI', ref)!.uuid);
    return ref;
  }

  #snapshotOf(ref: Vdi): Vdi | undefined {
    const record = this.#view.get('VDI', ref);
    if (!record?.is_a_snapshot) return undefined;
    if (this.#view.get('VDI', record.snapshot_of)) return record.snapshot_of;
    return invalid(`ImportContext: the image that the snapshot ${record.uuid} was taken of is gone`);
  }
}

/** The record of each image of a map, by disk. CIM_ERR_INVALID_PARAMETER where the pool has none. */
export function mappedImages(view: View, map: DiskImageMap): ReadonlyMap<string, Referred<'VDI'>> {
  const images = new ForestImages(view, map);
  return new Map(
    [...map.keys()].map((disk) => {
      const ref = images.of(disk);
      return [disk, { ref, record: view.get('VDI', ref) as Records['VDI'] }];
    }),
  );
}
