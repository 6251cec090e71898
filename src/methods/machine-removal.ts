import { XenApiError } from '../xenapi/error.js';
import type { CallValue } from '../xenapi/protocol.js';

type Send = (message: string, ...args: readonly CallValue[]) => Promise<unknown>;
type Wire = Readonly<Record<string, unknown>>;

const isMarked = (vbd: Wire): boolean => {
  const config = vbd['other_config'];
  return typeof config === 'object' && config !== null && Object.hasOwn(config, 'owner');
};

/** The images that go with a machine: of its disks, writable, not to be shared, and shown to no other machine. */
async function ownImages(send: Send, vm: string, marked: boolean): Promise<readonly string[]> {
  const own: string[] = [];
  for (const vbd of (await send('VM.get_VBDs', vm)) as readonly string[]) {
    const device = (await send('VBD.get_record', vbd)) as Wire;
    const { type, empty, VDI } = device;
    if (type !== 'Disk' || empty === true || (marked && !isMarked(device))) continue;
    const image = (await send('VDI.get_record', String(VDI))) as Wire;
    const users = Array.isArray(image['VBDs']) ? image['VBDs'].length : 0;
    if (image['read_only'] !== true && image['sharable'] !== true && users <= 1) own.push(String(VDI));
  }
  return own;
}

/**
 * Takes a machine away with the disks that are its own, the machine first: should that fail, nothing is lost. `marked`:
 * only with disks that were made with it (XenAPI VBD.other_config `owner`). Throws the first failure after all disks
 * have been tried.
 */
export async function removeMachine(send: Send, vm: string, marked: boolean): Promise<void> {
  const images = await ownImages(send, vm, marked);
  if ((await send('VM.get_power_state', vm)) !== 'Halted') await send('VM.hard_shutdown', vm);
  await send('VM.destroy', vm);
  let failure: unknown;
  for (const image of images) {
    try {
      await send('VDI.destroy', image);
    } catch (reason) {
      if (!(reason instanceof XenApiError && reason.code === 'HANDLE_INVALID')) failure ??= reason;
    }
  }
  if (failure !== undefined) throw failure;
}
