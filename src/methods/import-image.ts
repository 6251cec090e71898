import type { Records } from '../xenapi/records.js';

/** The key of other_config of an image that was made to be filled with a disk of a snapshot forest; the value is the disk. */
export const awaitedKey = 'xen-cim-bridge.import';

/** Whether an image is still to be filled: it was made for that, and no machine shows it yet. */
export const isAwaited = ({ other_config, VBDs }: Records['VDI']): boolean =>
  VBDs.length === 0 && Object.hasOwn(other_config, awaitedKey);
