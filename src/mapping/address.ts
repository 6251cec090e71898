import { isIP } from 'node:net';

/** The family of an address; undefined for what is none. */
export const familyOf = (address: string): 'ipv4' | 'ipv6' | undefined =>
  ({ 4: 'ipv4', 6: 'ipv6', 0: undefined })[isIP(address) as 0 | 4 | 6] as 'ipv4' | 'ipv6' | undefined;

/** `<address>/<bits>` or `<address>` in two; bits undefined where they are not told. */
export function splitPrefix(text: string): { readonly address: string; readonly bits: number | undefined } {
  const [address = '', bits] = text.split('/');
  return { address, bits: bits !== undefined && /^\d{1,3}$/.test(bits) ? Number(bits) : undefined };
}

/** The IPv4 mask of so many bits. */
export function maskOf(bits: number): string | undefined {
  if (bits < 0 || bits > 32) return undefined;
  return [0, 1, 2, 3].map((byte) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - 8 * byte)))).join('.');
}

/** How many leading bits an IPv4 mask has; undefined for what is no mask. */
export function bitsOf(mask: string): number | undefined {
  if (isIP(mask) !== 4) return undefined;
  const bits = mask
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined;
}

/** The first 16 bits of an IPv6 address; undefined where it begins with `::`. */
const firstGroup = (address: string): number | undefined =>
  address.startsWith(':') ? undefined : Number.parseInt(address.split(':')[0]!, 16);

/** The kind of an IPv6 address by its prefix (RFC 4291 2.4), in the words of CIM_IPProtocolEndpoint.IPv6AddressType. */
export function scopeOf(address: string): (typeof scopes)[number] | undefined {
  if (address === '::') return 'Unspecified';
  if (address === '::1') return 'Loopback';
  if (/^::ffff:.*\./i.test(address)) return 'Embedded IPv4 Address';
  const group = firstGroup(address);
  if (group === undefined) return undefined;
  if ((group & 0xff00) === 0xff00) return 'Multicast';
  if ((group & 0xffc0) === 0xfe80) return 'Link Local Unicast';
  if ((group & 0xffc0) === 0xfec0) return 'Site Local Unicast';
  return (group & 0xe000) === 0x2000 ? 'Global Unicast' : undefined;
}

export const scopes = [
  'Unspecified',
  'Loopback',
  'Multicast',
  'Link Local Unicast',
  'Global Unicast',
  'Embedded IPv4 Address',
  'Site Local Unicast',
] as const;

/** Whether the address is one that a system makes up for itself. */
export const isLinkLocal = (address: string): boolean =>
  familyOf(address) === 'ipv4' ? address.startsWith('169.254.') : scopeOf(address) === 'Link Local Unicast';
