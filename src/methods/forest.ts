import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';

/*
 * The images of a machine and of its snapshots, as they are exported and made again. Both sides work out by themselves
 * which image is exported as what it differs in from which other: the one from the pool's records, the other from the
 * description that was exported with them.
 */

/** An image of the forest. */
export interface ForestImage {
  readonly uuid: string;
  /** Bytes. */
  readonly size: bigint;
  /** Where it lies, by whatever tells repositories apart. */
  readonly repository: string;
  /** Whether it shares blocks with others (XenAPI VDI.sm_config `vhd-parent`). */
  readonly shares: boolean;
  readonly isSnapshot: boolean;
}

/** A machine, or one of its snapshots, with the images in its slots. */
export interface Stand<I extends ForestImage = ForestImage> {
  readonly uuid: string;
  readonly isSnapshot: boolean;
  /** When the snapshot was taken, in a form that sorts. */
  readonly time: string;
  readonly images: readonly (readonly [slot: string, image: I])[];
}

/** An image, and the one that came before it, where it is transferred as what it differs in from that. */
export interface Grown<I> {
  readonly image: I;
  readonly base?: I;
}

const older = (a: Stand, b: Stand): number => {
  if (a.isSnapshot !== b.isSnapshot) return a.isSnapshot ? -1 : 1;
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.uuid < b.uuid ? -1 : 1;
};

const bySlot = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  Number(a) - Number(b) || (a < b ? -1 : 1);

/** Whether an image can be told by its difference from another: both are states of one disk, as far as can be seen. */
const grows = (image: ForestImage, base: ForestImage | undefined): boolean =>
  base !== undefined &&
  image.shares &&
  base.shares &&
  base.isSnapshot &&
  image.repository === base.repository &&
  image.size === base.size;

/** Every image once: slot by slot, the oldest first and the machine's own last. */
export function forestOf<I extends ForestImage>(stands: readonly Stand<I>[]): readonly Grown<I>[] {
  const slots = new Map<string, I[]>();
  const seen = new Set<string>();
  for (const [slot, image] of [...stands].sort(older).flatMap(({ images }) => images)) {
    if (seen.has(image.uuid)) continue;
    seen.add(image.uuid);
    const line = slots.get(slot);
    if (line) line.push(image);
    else slots.set(slot, [image]);
  }
  return [...slots].sort(bySlot).flatMap(([, line]) =>
    line.map((image, i) => {
      const base = line[i - 1];
      return { image, ...(base && grows(image, base) && { base }) };
    }),
  );
}

/** The slot of a machine's saved memory, which is no state of any other image. */
export const memorySlot = (machine: string): string => `memory of ${machine}`;

/** An image of the pool. */
export interface PoolImage extends ForestImage {
  readonly ref: Ref<'VDI'>;
  readonly record: Records['VDI'];
}

function imageAt(view: View, ref: Ref<'VDI'>): PoolImage | undefined {
  const record = view.get('VDI', ref);
  if (!record) return undefined;
  const { uuid, virtual_size: size, SR: repository, is_a_snapshot: isSnapshot, sm_config } = record;
  return { ref, record, uuid, size, repository, isSnapshot, shares: Object.hasOwn(sm_config, 'vhd-parent') };
}

function standAt(view: View, machine: Records['VM']): Stand<PoolImage> {
  const devices = machine.VBDs.map((ref) => view.get('VBD', ref)).filter((vbd) => vbd?.type === 'Disk' && !vbd.empty);
  const places = devices.map((vbd) => [vbd!.userdevice, vbd!.VDI] as const);
  const memory = machine.suspend_VDI === NULL_REF ? [] : [[memorySlot(machine.uuid), machine.suspend_VDI] as const];
  const images = [...places, ...memory].flatMap(([slot, ref]) => {
    const image = imageAt(view, ref);
    return image ? [[slot, image] as const] : [];
  });
  const { uuid, is_a_snapshot: isSnapshot, snapshot_time: time } = machine;
  return { uuid, isSnapshot, time, images };
}

/** The images of a machine of the pool and of all its snapshots. */
export function forestAt(view: View, machine: Records['VM']): readonly Grown<PoolImage>[] {
  const snapshots = machine.snapshots.map((ref) => view.get('VM', ref)).filter((vm) => vm !== undefined);
  return forestOf([machine, ...snapshots].map((vm) => standAt(view, vm)));
}
