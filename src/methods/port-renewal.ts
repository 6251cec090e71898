import type { CallValue } from '../xenapi/protocol.js';
import type { Records } from '../xenapi/records.js';
import type { Send } from './undo.js';

type Pif = Records['PIF'];

/** What a port of a host has that it does not get by being made: plain data, so that it outlives the bridge. */
export interface PortState {
  readonly addresses: readonly string[];
  readonly addresses6: readonly string[];
  readonly other_config: Readonly<Record<string, string>>;
  readonly attached: boolean;
}

const none = 'None';

export const portState = (pif: Pif): PortState => ({
  addresses: [pif.ip_configuration_mode, pif.IP, pif.netmask, pif.gateway, pif.DNS],
  addresses6: [pif.ipv6_configuration_mode ?? none, pif.IPv6?.[0] ?? '', pif.ipv6_gateway ?? '', pif.DNS],
  other_config: pif.other_config,
  attached: pif.currently_attached,
});

/** How the port is found that a VLAN or a bond has made. */
const ports: Readonly<Record<string, string>> = {
  'VLAN.create': 'VLAN.get_untagged_PIF',
  'Bond.create': 'Bond.get_master',
};

/** Makes a VLAN or a bond that was taken away once more, and gives its port what it had: addresses, keys, whether it was up. */
export async function renewPort(
  send: Send,
  message: string,
  args: readonly CallValue[],
  { addresses, addresses6, other_config, attached }: PortState,
): Promise<void> {
  const made = String(await send(message, ...args));
  const pif = String(await send(ports[message]!, made));
  if (Object.keys(other_config).length > 0) await send('PIF.set_other_config', pif, other_config);
  if (attached && (await send('PIF.get_currently_attached', pif)) !== true) await send('PIF.plug', pif);
  if (addresses[0] !== none) await send('PIF.reconfigure_ip', pif, ...addresses);
  if (addresses6[0] !== none) await send('PIF.reconfigure_ipv6', pif, ...addresses6);
}
