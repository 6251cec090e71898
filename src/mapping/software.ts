import { association } from '../provider/association.js';
import { filled, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { degraded, elementColumns, unreachable, well, working } from './condition.js';
import { host } from './host.js';
import { kinds, type Software, softwareOf } from './host-software.js';
import { isSystem, system } from './system.js';
import { versionProperties } from './version.js';

type Host = Records['host'];

interface Measured {
  readonly metrics: Records['host_metrics'] | undefined;
}

/** Software is as well as the host that runs it; of one that does not answer nothing is known. */
const softwareState = states((_host: Host, { metrics }: Measured) => (metrics?.live === false ? 'away' : 'there'), {
  there: working,
  away: unreachable,
});

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
    ...elementColumns(softwareState),
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
  current: { ...working, StatusDescriptions: null },
  behind: { ...degraded, StatusDescriptions: ['The drivers in the machine are not up to date'] },
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
    ...elementColumns(toolsState),
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
    ...well,
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
