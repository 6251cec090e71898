import type { Ref } from '../xenapi/records.js';
import type { World } from './world.js';

/** Where the hosts of a pool can be reached, and the switch of each. */
export interface Site {
  /** The URL of a host, with the pool's port. */
  readonly urlOf: (host: Ref<'host'>) => string;
  /** Starts to listen at a host's address. */
  readonly open: (host: Ref<'host'>) => Promise<void>;
  /** Nobody answers at a host's address any more. */
  readonly close: (host: Ref<'host'>) => Promise<void>;
}

const running = new Set<World>();

/** Pools in this process can reach each other from now on. */
export const enlist = (world: World): void => void running.add(world);
export const dismiss = (world: World): void => void running.delete(world);

const coordinatorUrl = (world: World): URL => new URL(world.site.urlOf(world.coordinator()));

/**
 * The other pool of this process whose coordinator is reached by a URL, an address with a port, or an address alone:
 * of several at one address the last that was started.
 */
export function peerAt(text: string, self: World): World | undefined {
  const url = URL.parse(/^https?:/.test(text) ? text : `http://${text}`);
  if (url === null) return undefined;
  const named = [...running].filter((world) => {
    const own = coordinatorUrl(world);
    return own.hostname === url.hostname && (url.port === '' || own.port === url.port);
  });
  return named.findLast((world) => world !== self);
}

/** Whether a URL is that of this pool's coordinator. */
export function isSelf(text: string, self: World): boolean {
  const url = URL.parse(text);
  const own = coordinatorUrl(self);
  return url !== null && url.hostname === own.hostname && url.port === own.port;
}
