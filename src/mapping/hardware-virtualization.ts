import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { defaultCharacteristics } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';

type Host = Records['host'];

const flagsOf = ({ cpu_info }: Host): readonly string[] => (cpu_info['flags'] ?? '').split(/\s+/);
const runsHvm = ({ capabilities }: Host): boolean => capabilities.some((text) => text.startsWith('hvm-'));

const byVendor: Readonly<Record<string, string>> = {
  GenuineIntel: 'VMX',
  CentaurHauls: 'VMX',
  '  Shanghai  ': 'VMX',
  AuthenticAMD: 'SVM',
  HygonGenuine: 'SVM',
};
const extensions = ['VMX', 'SVM', 'None', 'Unknown'] as const;

/**
 * The processor's extension that hardware virtual machines run by. The control domain may not see its flag, so that
 * the hypervisor's word that it runs such machines (host.capabilities) counts as well.
 */
export function extensionOf(record: Host): (typeof extensions)[number] {
  const flags = flagsOf(record);
  if (flags.includes('vmx')) return 'VMX';
  if (flags.includes('svm')) return 'SVM';
  if (record.capabilities.length === 0) return 'Unknown';
  const vendor = record.cpu_info['vendor'] ?? '';
  return runsHvm(record) ? ((byVendor[vendor] ?? 'Unknown') as (typeof extensions)[number]) : 'None';
}

const pagings = ['EPT', 'NPT'] as const;

/** Nested page tables by the processor's flags; where there is no flag, nothing is known. */
export function pagingOf(record: Host): (typeof pagings)[number] | undefined {
  const flags = flagsOf(record);
  return pagings.find((text) => flags.includes(text.toLowerCase()));
}

const guests = ['PV', 'HVM'] as const;

/** The kinds of machines that the hypervisor says it runs (`xen-3.0-x86_64`, `hvm-3.0-x86_64`). */
const guestsOf = ({ capabilities }: Host): readonly (typeof guests)[number][] =>
  guests.filter((_kind, i) => capabilities.some((text) => text.startsWith(i === 0 ? 'xen-' : 'hvm-')));

const truth: Readonly<Record<string, boolean>> = { true: true, false: false };
const count =
  (key: string) =>
  ({ cpu_info }: Host): string | undefined =>
    cpu_info[key];

const policies = { any: 'Any', best_effort: 'Best Effort', default_policy: 'Default' } as const;

export const hardwareVirtualization = element('Xen_HostHardwareVirtualizationCapabilities', 'host', {
  key: { form: 'member', owner: 'self', suffix: { text: 'HardwareVirtualizationCapabilities' } },
  properties: {
    ElementName: 'name_label',
    Caption: { value: 'Hardware virtualization of a Xen host' },
    ProcessorExtension: { calc: (record) => label(extensionOf(record)), labels: extensions },
    NestedPaging: {
      calc: (record) => {
        const paging = pagingOf(record);
        return paging === undefined ? null : label(paging);
      },
      labels: pagings,
    },
    IOMMU: { calc: ({ chipset_info: { iommu = '' } }) => truth[iommu] },
    GuestTypes: { calc: (record) => guestsOf(record).map(label), labels: guests },
    HypervisorCapabilities: 'capabilities',
    VirtualHardwareVersions: { calc: ({ virtual_hardware_platform_versions: versions }) => versions ?? null },
    NumberOfProcessors: { calc: count('cpu_count') },
    NumberOfSockets: { calc: count('socket_count') },
    ThreadsPerCore: { calc: count('threads_per_core') },
    ProcessorFlags: {
      calc: (record) => {
        const flags = flagsOf(record).filter(Boolean);
        return flags.length > 0 ? flags : null;
      },
    },
    NUMAAffinityPolicy: {
      calc: ({ numa_affinity_policy: policy }) => (policy in policies ? label(policies[policy]) : null),
      labels: Object.values(policies),
    },
    SchedulerPolicy: { calc: ({ sched_policy }) => sched_policy || null },
  },
});

export const hardwareVirtualizationAssociations = [
  association(
    'Xen_HostHasHardwareVirtualizationCapabilities',
    ['ManagedElement', host],
    ['Capabilities', hardwareVirtualization],
    [],
    { properties: defaultCharacteristics },
  ),
];
