import { association } from '../provider/association.js';
import { filled, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { isSystem, system } from './system.js';
import { buildOf, numbersOf, smallBuild } from './version.js';

type Host = Records['host'];

/** A piece of software on a host. */
interface Software {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly kinds: readonly Kind[];
  readonly maker?: string | undefined;
  readonly build?: string | undefined;
  readonly date?: string | undefined;
  readonly about?: string;
}

const kinds = ['Operating System', 'Software Bundle', 'Middleware', 'Firmware/BIOS', 'BIOS/FCode', 'Other'] as const;
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

interface Measured {
  readonly metrics: Records['host_metrics'] | undefined;
}

/** Software is as well as the host that runs it; of one that does not answer nothing is known. */
const softwareState = states((_host: Host, { metrics }: Measured) => (metrics?.live === false ? 'away' : 'there'), {
  there: { HealthState: label('OK'), OperationalStatus: [label('OK')], Status: 'OK' },
  away: { HealthState: label('Unknown'), OperationalStatus: [label('Lost Communication')], Status: 'Lost Comm' },
});

/** The numbers of a version, as CIM_SoftwareIdentity has them apart. */
export interface Numbers {
  readonly VersionString: string | null;
  readonly MajorVersion: bigint | null;
  readonly MinorVersion: bigint | null;
  readonly RevisionNumber: bigint | null;
  readonly BuildNumber: bigint | null;
  readonly LargeBuildNumber: bigint | null;
  readonly IsLargeBuildNumber: boolean;
}

function numbers(version: string, told: string | undefined): Numbers {
  const [MajorVersion, MinorVersion, RevisionNumber] = numbersOf(version);
  const build = buildOf(version, told);
  const large = build !== null && build > smallBuild;
  return {
    VersionString: version === '' ? null : version,
    MajorVersion,
    MinorVersion,
    RevisionNumber,
    BuildNumber: large ? null : build,
    LargeBuildNumber: large ? build : null,
    IsLargeBuildNumber: large,
  };
}

/** The properties that show a version, which `version` and `build` tell. */
function versionProperties<X extends readonly unknown[]>(
  version: (...subject: X) => string,
  build: (...subject: X) => string | undefined = () => undefined,
) {
  const show = <K extends keyof Numbers>(name: K) => ({
    calc: (...subject: X): Numbers[K] => numbers(version(...subject), build(...subject))[name],
  });
  return {
    VersionString: show('VersionString'),
    MajorVersion: show('MajorVersion'),
    MinorVersion: show('MinorVersion'),
    RevisionNumber: show('RevisionNumber'),
    BuildNumber: show('BuildNumber'),
    LargeBuildNumber: show('LargeBuildNumber'),
    IsLargeBuildNumber: show('IsLargeBuildNumber'),
  };
}

export const hostSoftware = element('Xen_HostSoftwareIdentity', 'host', {
  reads: { metrics: ['metrics'] },
  parts: softwareOf,
  key: { form: 'member', owner: 'self', suffix: 'part' },
  properties: {
    ...versionProperties(
      (_host: Host, _reads: unknown, { version }: Software) => version,
      (_host, _reads, { build }) => build,
    ),
    Name: { calc: (_host, _reads, { title }) => title },
    ElementName: { calc: (_host, _reads, { title, version }) => `${title} ${version}` },
    Description: { calc: (_host, _reads, { about }) => about },
    Caption: { value: 'Software of a Xen host' },
    Manufacturer: { calc: (_host, _reads, { maker }) => maker || null },
    ReleaseDate: { calc: (_host, _reads, { date }) => date },
    Classifications: { calc: (_host, _reads, { kinds }) => kinds.map(label), labels: kinds },
    IdentityInfoType: { calc: (_host, _reads, { build }) => (build ? ['Xen:BuildNumber'] : null) },
    IdentityInfoValue: { calc: (_host, _reads, { build }) => (build ? [build] : null) },
    HealthState: softwareState('HealthState'),
    OperationalStatus: softwareState('OperationalStatus'),
    Status: softwareState('Status'),
  },
});

type Vm = Records['VM'];
interface Guest {
  readonly guest: Records['VM_guest_metrics'] | undefined;
}

/** `<major>.<minor>.<micro>-<build>` of the drivers in a machine, as far as they are told. */
export function toolsVersion(_vm: Vm, { guest }: Guest): string {
  const { major, minor, micro, build } = guest?.PV_drivers_version ?? {};
  const dotted = [major, minor, micro].filter((part) => part !== undefined && part !== '-1').join('.');
  return build && build !== '-1' && dotted !== '' ? `${dotted}-${build}` : dotted;
}

/** What shows whether the drivers in a machine are those that the pool would install. */
const toolsState = states((_vm: Vm, { guest }: Guest) => (guest?.PV_drivers_up_to_date ? 'current' : 'behind'), {
  current: { HealthState: label('OK'), OperationalStatus: [label('OK')], Status: 'OK', StatusDescriptions: null },
  behind: {
    HealthState: label('Degraded/Warning'),
    OperationalStatus: [label('Degraded')],
    Status: 'Degraded',
    StatusDescriptions: ['The drivers in the machine are not up to date'],
  },
});

export const guestTools = element('Xen_GuestToolsIdentity', 'VM', {
  reads: { guest: ['guest_metrics'] },
  where: (vm, reads) => isSystem(vm) && toolsVersion(vm, reads) !== '',
  key: { form: 'member', owner: 'self', suffix: { text: 'GuestTools' } },
  properties: {
    ...versionProperties(toolsVersion),
    Name: { value: 'Guest tools' },
    ElementName: { calc: (vm, reads) => `Guest tools ${toolsVersion(vm, reads)}` },
    Caption: { value: 'Guest tools of a Xen virtual machine' },
    Classifications: { value: [label('Driver')] },
    HealthState: toolsState('HealthState'),
    OperationalStatus: toolsState('OperationalStatus'),
    Status: toolsState('Status'),
    StatusDescriptions: toolsState('StatusDescriptions'),
  },
});

export const poolUpdate = element('Xen_UpdateIdentity', 'pool_update', {
  key: { form: 'setting' },
  properties: {
    ...versionProperties(({ version }: Records['pool_update']) => version),
    Name: 'name_label',
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    Description: { field: 'name_description', as: filled },
    Caption: { value: 'Update of Xen hosts' },
    Classifications: { value: [label('Support/Service Pack')] },
    InstallationSize: 'installation_size',
    AfterApplyGuidance: 'after_apply_guidance',
    HealthState: { value: label('OK') },
    OperationalStatus: { value: [label('OK')] },
    Status: { value: 'OK' },
  },
});

const installed = { ElementSoftwareStatus: { value: [label('Current'), label('Installed')] } } as const;

export const softwareAssociations = [
  association('Xen_InstalledSoftwareIdentity', ['InstalledSoftware', hostSoftware], ['System', host], []),
  association('Xen_InstalledSoftwareIdentity', ['InstalledSoftware', guestTools], ['System', system], []),
  association('Xen_InstalledSoftwareIdentity', ['InstalledSoftware', poolUpdate], ['System', host], ['hosts']),
  association('Xen_ElementSoftwareIdentity', ['Antecedent', hostSoftware], ['Dependent', host], [], {
    properties: installed,
  }),
  association('Xen_ElementSoftwareIdentity', ['Antecedent', guestTools], ['Dependent', system], [], {
    properties: installed,
  }),
  association('Xen_ElementSoftwareIdentity', ['Antecedent', poolUpdate], ['Dependent', host], ['hosts'], {
    properties: { ElementSoftwareStatus: { value: [label('Installed')] } },
  }),
];
