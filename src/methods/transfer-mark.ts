import type { Records } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { imageCodes } from './disk-image.js';
import { invalid } from './input.js';
import type { Referred } from './reference.js';
import { Refusal } from './return-code.js';
import type { Steps } from './steps.js';

/*
 * Images are transferred by the hosts' own HTTP handlers. What the bridge adds is a mark on the image, under which
 * nobody else is given it to write, until it is withdrawn or its time is over. Marks are in the pool, and so outlive the
 * bridge.
 */

/** The key of other_config that marks a transfer, before its handle; the value is `<ro|rw> <end> [<uuid of the machine>]`. */
const keyPrefix = 'xen-cim-bridge.transfer.';

const handleForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface Transfer {
  readonly handle: string;
  readonly writes: boolean;
  /** Unix seconds; 0 for never. */
  readonly ends: number;
  /** The machine that is exported with all its images; undefined for an image alone. */
  readonly machine?: string;
}

const now = (): number => Math.floor(Date.now() / 1000);

/** When a transfer ends that may take so many minutes; Unix seconds, 0 for never. */
export const endAfter = (minutes: number): number => (minutes === 0 ? 0 : now() + minutes * 60);

export const isOver = ({ ends }: Transfer): boolean => ends !== 0 && ends <= now();

/** The transfers that an image is marked with. */
export const transfersOf = ({ other_config }: Records['VDI']): readonly Transfer[] =>
  Object.entries(other_config).flatMap(([key, value]) => {
    if (!key.startsWith(keyPrefix)) return [];
    const [mode, ends, machine] = value.split(' ');
    const handle = key.slice(keyPrefix.length);
    return [{ handle, writes: mode === 'rw', ends: Number(ends) || 0, ...(machine && { machine }) }];
  });

/** Refuses an image that machines or other transfers use otherwise: readers may be many, a writer is alone. */
export function assertFree(view: View, { record }: Referred<'VDI'>, writes: boolean): void {
  const attached = record.VBDs.map((ref) => view.get('VBD', ref)).filter((vbd) => vbd?.currently_attached);
  if (attached.some((vbd) => writes || vbd?.mode === 'RW'))
    throw new Refusal(imageCodes.InUse, `${record.name_label} is attached to a machine`);
  if (transfersOf(record).some((each) => !isOver(each) && (writes || each.writes)))
    throw new Refusal(imageCodes.InUse, `${record.name_label} is being transferred; disconnect from it first`);
  if (writes && record.read_only) invalid(`the image ${record.name_label} can only be read: set ReadOnly`);
}

/** Marks an image, until a later step fails or somebody withdraws it; marks that are over go. */
export async function mark(steps: Steps, image: Referred<'VDI'>, transfer: Transfer): Promise<void> {
  const { handle, writes, ends, machine } = transfer;
  const present = { ref: image.ref, record: steps.view.get('VDI', image.ref) ?? image.record };
  assertFree(steps.view, present, writes);
  await withdraw(steps, present, isOver);
  const value = [writes ? 'rw' : 'ro', ends, ...(machine ? [machine] : [])].join(' ');
  await steps.call('VDI.add_to_other_config', image.ref, keyPrefix + handle, value);
  steps.undo('the mark of the transfer', 'VDI.remove_from_other_config', image.ref, keyPrefix + handle);
}

/** Takes the marks of some of an image's transfers away; they come back when a later step fails. */
export async function withdraw(
  steps: Steps,
  image: Referred<'VDI'>,
  which: (each: Transfer) => boolean,
): Promise<void> {
  for (const { handle } of transfersOf(image.record).filter(which)) {
    const key = keyPrefix + handle;
    await steps.call('VDI.remove_from_other_config', image.ref, key);
    steps.undo('the mark of the transfer', 'VDI.add_to_other_config', image.ref, key, image.record.other_config[key]!);
  }
}

export interface Marked extends Referred<'VDI'> {
  readonly transfer: Transfer;
}

/** The images that are marked with a handle; none for a text that is no handle. */
export function markedWith(view: View, handle: string): readonly Marked[] {
  if (!handleForm.test(handle)) return [];
  return [...view.refs('VDI')].flatMap((ref) => {
    const record = view.get('VDI', ref)!;
    const transfer = transfersOf(record).find((each) => each.handle === handle);
    return transfer ? [{ ref, record, transfer }] : [];
  });
}
