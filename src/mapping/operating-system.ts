import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { enabledColumns, stopped, unreachable, working } from './condition.js';
import { bootTime, host } from './host.js';
import { systemType, systemTypes, type Told } from './operating-system-type.js';
import { isSystem, system } from './system.js';

type Vm = Records['VM'];
interface Guest {
  readonly guest: Records['VM_guest_metrics'] | undefined;
}

const nothing: Told = {};
const told = ({ guest }: Guest): Told => guest?.os_version ?? nothing;

/** The name of the system; agents of Windows write folder and disk after it. */
const nameOf = (said: Told): string | undefined => said['name']?.split('|')[0] || said['distro'];

/** `<major>.<minor>` as far as they are told. */
const versionOf = ({ major, minor }: Told): string | null => (major ? (minor ? `${major}.${minor}` : major) : null);

const unseen = { ...unreachable, OperationalStatus: [label('No Contact')], Status: 'No Contact' };

/** What each state of the system in a machine shows. */
const shown = {
  Running: working,
  Paused: { ...stopped, EnabledState: label('Quiesce'), OperationalStatus: [label('Dormant')] },
  Suspended: { ...stopped, EnabledState: label('Enabled but Offline') },
  Halted: stopped,
  Silent: { ...unseen, EnabledState: label('Enabled') },
  Unknown: unseen,
};

function stateOf({ power_state }: Vm, { guest }: Guest): keyof typeof shown {
  if (power_state === 'Running' && guest?.live === false) return 'Silent';
  return power_state in shown ? power_state : 'Unknown';
}

/** What shows whether the system in a machine runs, and whether its agent still reports. */
const guestState = states(stateOf, shown);

export const guestOperatingSystem = element('Xen_GuestOperatingSystem', 'VM', {
  reads: { guest: ['guest_metrics'], metrics: ['metrics'] },
  where: (vm, reads) => isSystem(vm) && (nameOf(told(reads)) ?? told(reads)['uname'] ?? '') !== '',
  key: { form: 'operatingSystem', systemClass: 'Xen_ComputerSystem' },
  properties: {
    Caption: { value: 'Operating system of a Xen virtual machine' },
    ElementName: { calc: (_vm, reads) => nameOf(told(reads)) ?? told(reads)['uname'] },
    OSType: { calc: (_vm, reads) => systemType(told(reads)), labels: systemTypes },
    OtherTypeDescription: {
      calc: (_vm, reads) => (systemType(told(reads)) === label('Other') ? nameOf(told(reads)) : null),
    },
    Version: { calc: (_vm, reads) => versionOf(told(reads)) },
    KernelVersion: { calc: (_vm, reads) => told(reads)['uname'] || null },
    LastBootUpTime: { calc: (vm, { metrics }) => (vm.power_state === 'Halted' ? null : metrics?.start_time) },
    ...enabledColumns(guestState),
  },
});

type Host = Records['host'];
interface Measured {
  readonly metrics: Records['host_metrics'] | undefined;
}

/** What shows whether the system of a host runs; a host that takes no machines runs its own system nevertheless. */
export const hostSystemState = states(
  (_host: Host, { metrics }: Measured) => (metrics?.live === false ? 'away' : 'running'),
  {
    running: working,
    away: unreachable,
  },
);

/** The product that a host runs and its version, as far as they are told; else the name of the host. */
const productOf = ({ software_version: said, name_label }: Host): string =>
  [said['product_brand'], said['product_version_text'] ?? said['product_version']].filter(Boolean).join(' ') ||
  name_label;

export const hostOperatingSystem = element('Xen_HostOperatingSystem', 'host', {
  reads: { metrics: ['metrics'], control: ['control_domain'] },
  key: { form: 'operatingSystem', systemClass: 'Xen_HostComputerSystem' },
  properties: {
    Caption: { value: 'Operating system of a Xen host' },
    ElementName: { calc: productOf },
    OSType: {
      calc: (_host, { control }) => label(control?.domarch === 'x64' ? 'Linux 64-Bit' : 'LINUX'),
      labels: ['Linux 64-Bit', 'LINUX'],
    },
    Version: { calc: ({ software_version: said }) => said['product_version'] },
    KernelVersion: { calc: ({ software_version: said }) => said['linux'] },
    LastBootUpTime: { calc: bootTime },
    ...enabledColumns(hostSystemState),
  },
});

const primary = { PrimaryOS: { value: true } } as const;

export const operatingSystemAssociations = [
  association('Xen_RunningOS', ['Antecedent', guestOperatingSystem], ['Dependent', system], [], {
    pair: ({ record }) => record.power_state === 'Running' || record.power_state === 'Paused',
  }),
  association('Xen_RunningOS', ['Antecedent', hostOperatingSystem], ['Dependent', host], [], {
    pair: ({ reads }) => reads.metrics?.live !== false,
  }),
  association('Xen_InstalledOS', ['PartComponent', guestOperatingSystem], ['GroupComponent', system], [], {
    properties: primary,
  }),
  association('Xen_InstalledOS', ['PartComponent', hostOperatingSystem], ['GroupComponent', host], [], {
    properties: primary,
  }),
];
