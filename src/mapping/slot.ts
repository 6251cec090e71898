/**
 * The slots of a machine that are free, as texts; worked out from what stands in them, without a call (decisions.md 28).
 * The slots are 0 to `last` (XenAPI VM.get_allowed_VBD_devices, VM.get_allowed_VIF_devices).
 */
function freeSlots(last: number): (used: readonly number[]) => string {
  const all = Array.from({ length: last + 1 }, (_, slot) => String(slot));
  const text = all.join(',');
  const starts: number[] = [];
  let at = 0;
  for (const slot of all) {
    starts.push(at);
    at += slot.length + 1;
  }
  starts.push(text.length + 1);
  return (used) => {
    const taken = [...new Set(used)].filter((slot) => slot >= 0 && slot <= last).sort((a, b) => a - b);
    const runs: string[] = [];
    let from = 0;
    for (const slot of [...taken, last + 1]) {
      if (slot > from) runs.push(text.slice(starts[from], starts[slot]! - 1));
      from = slot + 1;
    }
    return runs.join(',');
  };
}

const letters = /^(?:xvd|hd|sd)([a-z]+)$/;

/** The number of a block device by its position or its name (`xvda` is 0, `hdc` 2); -1 for what names no slot. */
export function blockSlot(device: string): number {
  if (/^\d+$/.test(device)) return Number(device);
  const name = letters.exec(device)?.[1];
  if (name === undefined) return -1;
  return [...name].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0) - 1;
}

interface Block {
  readonly device: string;
  readonly userdevice: string;
}

const freeBlocks = freeSlots(254);
const freeInterfaces = freeSlots(15);

export const freeBlockSlots = (blocks: readonly Block[]): string =>
  freeBlocks(blocks.flatMap(({ device, userdevice }) => [blockSlot(device), blockSlot(userdevice)]));

export const freeInterfaceSlots = (interfaces: readonly { readonly device: string }[]): string =>
  freeInterfaces(interfaces.map(({ device }) => blockSlot(device)));
