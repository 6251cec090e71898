import type { Records } from '../xenapi/records.js';
import { bitsOf, familyOf, isLinkLocal, splitPrefix } from './address.js';

type Vif = Records['VIF'];
type Pif = Records['PIF'];

/** The two kinds of IP addresses. */
export type Family = 'ipv4' | 'ipv6';

/** How a port can have come by an address, in the words of CIM_IPProtocolEndpoint.AddressOrigin. */
export const origins = [
  'Unknown',
  'Static',
  'DHCP',
  'DHCPv6',
  'IPv6AutoConfig',
  'IPv4 Link Local',
  'Link Local',
] as const;
type Origin = (typeof origins)[number];

/** An address of a port, as far as it is known; the name is its slot, such as `ipv4/0`. */
export interface Address {
  readonly name: string;
  readonly family: Family;
  readonly address: string;
  readonly bits: number | undefined;
  readonly origin: Origin;
}

const ownOrigin = (address: string, family: Family): Origin => {
  if (!isLinkLocal(address)) return 'Unknown';
  return family === 'ipv4' ? 'IPv4 Link Local' : 'Link Local';
};

/** What XenAPI told the machine to use: the entry of the port's static addresses. */
const given = (vif: Vif, family: Family, address: string): string | undefined =>
  vif[`${family}_configuration_mode`] === 'Static'
    ? vif[`${family}_addresses`].find((text) => splitPrefix(text).address === address)
    : undefined;

function toldAddress(vif: Vif, name: string, address: string): readonly Address[] {
  const family = familyOf(address);
  if (!family) return [];
  const fixed = given(vif, family, address);
  const bits = fixed === undefined ? undefined : splitPrefix(fixed).bits;
  return [{ name, family, address, bits, origin: fixed === undefined ? ownOrigin(address, family) : 'Static' }];
}

interface Guest {
  readonly vm: Records['VM'] | undefined;
  readonly guest: Records['VM_guest_metrics'] | undefined;
}

/**
 * The addresses that the agent in a machine tells for a port: `<device>/ipv4/<n>` and `<device>/ipv6/<n>`, and
 * `<device>/ip` of agents that tell no others (XenAPI VM_guest_metrics.networks).
 */
export function guestAddresses(vif: Vif, { guest }: Guest): readonly Address[] {
  const networks = guest?.networks ?? {};
  const prefix = `${vif.device}/`;
  const keys = Object.keys(networks).filter((key) => key.startsWith(prefix) && /^\d+\/ipv[46]\/\d+$/.test(key));
  const found = keys.sort().flatMap((key) => toldAddress(vif, key.slice(prefix.length), networks[key]!));
  const plain = networks[`${prefix}ip`];
  if (plain === undefined || found.some(({ address }) => address === plain)) return found;
  return [...toldAddress(vif, 'ip', plain), ...found];
}

const origins4 = { DHCP: 'DHCP', Static: 'Static', None: 'Unknown' } as const;
const origins6 = { DHCP: 'DHCPv6', Static: 'Static', Autoconf: 'IPv6AutoConfig', None: 'Unknown' } as const;

/** The addresses of a host's port: one IPv4 address at most, and the IPv6 addresses. */
export function hostAddresses({
  IP,
  netmask,
  ip_configuration_mode,
  IPv6,
  ipv6_configuration_mode,
}: Pif): readonly Address[] {
  const own: Address[] = [];
  if (familyOf(IP) === 'ipv4') {
    const origin = origins4[ip_configuration_mode] ?? 'Unknown';
    own.push({ name: 'ipv4/0', family: 'ipv4', address: IP, bits: bitsOf(netmask), origin });
  }
  for (const [i, text] of IPv6.entries()) {
    const { address, bits } = splitPrefix(text);
    if (familyOf(address) !== 'ipv6') continue;
    const origin = isLinkLocal(address) ? 'Link Local' : (origins6[ipv6_configuration_mode] ?? 'Unknown');
    own.push({ name: `ipv6/${i}`, family: 'ipv6', address, bits, origin });
  }
  return own;
}
