import type { Machine } from './resource.js';
import type { Steps } from './steps.js';

/** Plugs a device that was just made into a machine that runs, where XenAPI allows it; without that it is there at the next start. */
export async function plugIfLive(steps: Steps, of: 'VBD' | 'VIF', ref: string, { record }: Machine): Promise<void> {
  if (record?.power_state !== 'Running') return;
  const allowed = await steps.ask(`${of}.get_allowed_operations`, ref);
  if (!Array.isArray(allowed) || !allowed.includes('plug')) return;
  await steps.call(`${of}.plug`, ref);
  steps.undo(`the plugged ${of}`, `${of}.unplug`, ref);
}

/** Unplugs a device that a machine holds. */
export async function unplugIfHeld(steps: Steps, of: 'VBD' | 'VIF', ref: string, held: boolean): Promise<void> {
  if (!held) return;
  await steps.call(`${of}.unplug`, ref);
  steps.undo(`the unplugged ${of}`, `${of}.plug`, ref);
}
