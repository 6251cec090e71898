import type { Label } from '../provider/codec.js';
import { label } from '../provider/codec.js';

/** What a system says of itself (XenAPI VM_guest_metrics.os_version): `distro`, `name`, `uname`, each where it is told. */
export type Told = Readonly<Record<string, string>>;

/** A kind of system: by its distribution or its name, and what it is called by the width of its addresses. */
interface Kind {
  readonly distro?: RegExp;
  readonly name?: RegExp;
  readonly narrow: string;
  readonly wide: string;
  /** Where the width is not known; the narrow one unless said, which names no width. */
  readonly either?: string;
}

const one = (distro: RegExp, narrow: string, wide: string, either?: string): Kind => ({
  distro,
  narrow,
  wide,
  ...(either !== undefined && { either }),
});
const windows = (name: RegExp, text: string): Kind => ({ name, narrow: text, wide: text });

/** The first that fits counts. */
const kinds: readonly Kind[] = [
  one(/^debian$/, 'Debian', 'Debian 64-Bit'),
  one(/^ubuntu$/, 'Ubuntu', 'Ubuntu 64-Bit'),
  one(/^(?:rhel|redhat)$/, 'RedHat Enterprise Linux', 'RedHat Enterprise Linux 64-Bit'),
  one(/^centos$/, 'CentOS 32-bit', 'CentOS 64-bit', 'LINUX'),
  one(/^(?:oracle|ol)$/, 'Oracle Linux 32-bit', 'Oracle Linux 64-bit', 'LINUX'),
  one(/^sles$/, 'SLES', 'SLES 64-Bit'),
  one(/^(?:suse|opensuse.*)$/, 'SUSE', 'SUSE 64-Bit'),
  one(/^freebsd$/, 'FreeBSD', 'FreeBSD 64-Bit'),
  windows(/Server 2008 R2/, 'Microsoft Windows Server 2008 R2'),
  windows(/Server 2008/, 'Microsoft Windows Server 2008'),
  windows(/Server 2011/, 'Microsoft Windows Server 2011'),
  windows(/Server 2012 R2/, 'Microsoft Windows Server 2012 R2'),
  windows(/Server 2012/, 'Microsoft Windows Server 2012'),
  windows(/Server 2016/, 'Microsoft Windows Server 2016'),
  windows(/Windows 7\b/, 'Microsoft Windows 7'),
  windows(/Windows 8\.1/, 'Microsoft Windows 8.1'),
  windows(/Windows 8\b/, 'Microsoft Windows 8'),
  windows(/Windows 10\b/, 'Microsoft Windows 10'),
  { distro: /^windows$/, narrow: 'Other', wide: 'Other' },
  { name: /Windows/, narrow: 'Other', wide: 'Other' },
  { name: /linux/i, narrow: 'LINUX', wide: 'Linux 64-Bit' },
  { distro: /./, narrow: 'LINUX', wide: 'Linux 64-Bit' },
];

/** Every label that `systemType` can give. */
export const systemTypes: readonly string[] = [
  ...new Set(['Unknown', ...kinds.flatMap(({ narrow, wide, either }) => [narrow, wide, either ?? narrow])]),
];

const fits = ({ distro, name }: Kind, said: Told): boolean =>
  (distro === undefined || distro.test((said['distro'] ?? '').toLowerCase())) &&
  (name === undefined || name.test(said['name'] ?? ''));

/** The OSType of a system by what it tells of itself; the width is told by the kernel's name alone. */
export function systemType(said: Told): Label {
  const kind = kinds.find((one) => fits(one, said));
  if (!kind) return label('Unknown');
  const kernel = said['uname'] ?? '';
  if (/amd64|x86[_-]64/i.test(kernel)) return label(kind.wide);
  return label(/i[3-6]86/i.test(kernel) ? kind.narrow : (kind.either ?? kind.narrow));
}
