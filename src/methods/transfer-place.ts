import { XenApiError } from '../xenapi/error.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { imageCodes } from './disk-image.js';
import { invalid } from './input.js';
import type { Referred } from './reference.js';
import { Refusal } from './return-code.js';
import type { Steps } from './steps.js';
import { coordinatorOf } from './storage-connection.js';

/** A host that serves a transfer, and its address. */
export interface Place {
  readonly host: Ref<'host'>;
  readonly address: string;
}

type Network = Referred<'network'> | undefined;

/** The address of a host on a network: that of a port with one, which is up. Without a network, that by which the pool knows it. */
function addressOf(view: View, host: Ref<'host'>, network: Network): string | undefined {
  if (!network) return view.get('host', host)?.address;
  const pifs = [...view.refs('PIF')].map((ref) => view.get('PIF', ref)!);
  const on = (pif: Records['PIF']): boolean => pif.host === host && pif.network === network.ref;
  return pifs.find((pif) => on(pif) && pif.currently_attached && pif.IP !== '')?.IP;
}

/** A host that is connected to the image's repository, the coordinator before others, and its address on the network. */
export function placeOf(view: View, { record }: Referred<'VDI'>, network?: Network): Place {
  const plugged = (view.get('SR', record.SR)?.PBDs ?? []).map((ref) => view.get('PBD', ref));
  const hosts = plugged.filter((pbd) => pbd?.currently_attached).map((pbd) => pbd!.host);
  if (hosts.length === 0) throw new Refusal(imageCodes.InvalidState, 'no host is connected to the repository');
  const coordinator = coordinatorOf(view);
  for (const host of [...hosts.filter((ref) => ref === coordinator), ...hosts]) {
    const address = addressOf(view, host, network);
    if (address) return { host, address };
  }
  return invalid('VirtualSwitch: no host that is connected to the repository has an address on that network');
}

/** The coordinator, which serves what is in the pool's database. */
export function coordinatorPlace(view: View, network?: Network): Place {
  const host = coordinatorOf(view);
  const address = addressOf(view, host, network) ?? invalid('VirtualSwitch: the coordinator has no address there');
  return { host, address };
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** Whether a transfer is encrypted. Where the pool is reached on a port of its own, so are its hosts, and by its scheme alone. */
export function isEncrypted(wanted: boolean, pool: string): boolean {
  const { protocol, port } = new URL(pool);
  return port === '' ? wanted : protocol === 'https:';
}

/** The address at which a handler is met (decisions.md 41). It holds no session: clients log in as who they are. */
export function uriAt({ address }: Place, path: string, encrypted: boolean, pool: string): string {
  const { port } = new URL(pool);
  return `${encrypted ? 'https' : 'http'}://${bracketed(address)}${port === '' ? '' : `:${port}`}/${path}`;
}

/** The host's certificate in PEM; undefined where the user may not ask for it. */
export async function certificateOf(steps: Steps, host: Ref<'host'>): Promise<string | undefined> {
  try {
    return String(await steps.call('host.get_server_certificate', host));
  } catch (reason) {
    if (reason instanceof XenApiError && reason.code === 'RBAC_PERMISSION_DENIED') return undefined;
    throw reason;
  }
}

/** The default of TimeoutInMinutes: a day. */
export const defaultMinutes = 1440;
