import type { Records } from '../xenapi/records.js';

type Host = Records['host'];

/** A piece of software on a host. */
export interface Software {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
  readonly maker?: string | undefined;
  readonly build?: string | undefined;
  readonly date?: string | undefined;
  readonly about?: string;
}

/** The kinds of software there are, in the words of CIM_SoftwareIdentity.Classifications. */
export const kinds = ['Operating System', 'Software Bundle', 'Middleware', 'Firmware/BIOS', 'BIOS/FCode'] as const;
type Kind = (typeof kinds)[number];

/** A day as XenAPI writes it, with or without hyphens and a time, as an ISO date. */
function dateOf(text: string | undefined): string | undefined {
  const found = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):(\d\d):(\d\d))?/.exec(text ?? '');
  if (!found) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = found;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}

/** A supplemental pack: the key is `<originator>:<name>`, the value `<text>, version <v>[, build <b>][, homogeneous]`. */
function packOf(key: string, value: string): readonly Software[] {
  const found = key.includes(':') ? /^(.*), version ([^,]+)(?:, build ([^,]+))?(?:, homogeneous)?$/s.exec(value) : null;
  if (!found) return [];
  const [, about = '', version = '', build] = found;
  const maker = key.slice(0, key.indexOf(':'));
  return [{ name: `pack/${key}`, title: about || key, version, kinds: ['Software Bundle'], maker, build, about }];
}

const project = 'Xen Project';

/** What a host says that it runs, in a fixed order; what it does not tell the version of is left out. */
export function softwareOf({ software_version: said, bios_strings: bios }: Host): readonly Software[] {
  const product = said['product_version_text'] ?? said['product_version'] ?? '';
  const found: Software[] = [
    {
      name: 'product',
      title: said['product_brand'] ?? said['platform_name'] ?? 'Host software',
      version: said['product_version'] ?? '',
      kinds: ['Operating System', 'Software Bundle'],
      build: said['build_number'],
      date: dateOf(said['date']),
      about: `${said['product_brand'] ?? ''} ${product}`.trim(),
    },
    {
      name: 'hypervisor',
      title: 'Xen hypervisor',
      version: said['xen'] ?? '',
      kinds: ['Operating System'],
      maker: project,
    },
    {
      name: 'toolstack',
      title: 'XAPI toolstack',
      version: said['xapi_build'] ?? said['xapi'] ?? '',
      kinds: ['Middleware'],
      maker: project,
    },
    {
      name: 'kernel',
      title: 'Linux kernel of the control domain',
      version: said['linux'] ?? '',
      kinds: ['Operating System'],
    },
    {
      name: 'firmware',
      title: 'System firmware',
      version: bios['bios-version'] ?? '',
      kinds: ['Firmware/BIOS', 'BIOS/FCode'],
      maker: bios['bios-vendor'],
    },
    ...Object.keys(said).flatMap((key) => packOf(key, said[key]!)),
  ];
  return found.filter(({ version }) => version !== '' && version !== '(unknown)');
}
