import type { CallValue } from '../xenapi/protocol.js';

type Send = (message: string, ...args: readonly CallValue[]) => Promise<unknown>;

/** Takes a repository away that was just made: from its hosts first, then from the storage; a library is forgotten. */
export async function removeRepository(send: Send, sr: string): Promise<void> {
  for (const pbd of (await send('SR.get_PBDs', sr)) as readonly string[]) await send('PBD.unplug', pbd);
  const holdsMedia = (await send('SR.get_content_type', sr)) === 'iso';
  await send(holdsMedia ? 'SR.forget' : 'SR.destroy', sr);
}
