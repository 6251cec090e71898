import { describe, expect, test } from 'vitest';
import { extensionOf, pagingOf } from '../../src/mapping/hardware-virtualization.js';
import type { Records } from '../../src/xenapi/records.js';
import { demoEngine } from './demo-engine.js';

const demo = await demoEngine();
const host = demo.records('host').find(({ name_label }) => name_label === 'xen-alpha')!;
const shown = () =>
  demo.list('Xen_HostHardwareVirtualizationCapabilities').find(({ ElementName }) => ElementName === 'xen-alpha')!;

const hvm = ['xen-3.0-x86_64', 'hvm-3.0-x86_64'];
const made = (vendor: string, flags: string, capabilities: readonly string[]) =>
  ({ cpu_info: { vendor, flags }, capabilities }) as unknown as Records['host'];

test.each([
  ['the flag of Intel', made('GenuineIntel', 'fpu vmx ept', hvm), 'VMX', 'EPT'],
  ['the flag of AMD', made('AuthenticAMD', 'svm npt nx', hvm), 'SVM', 'NPT'],
  ['machines that the hypervisor runs', made('GenuineIntel', 'fpu hypervisor', hvm), 'VMX', undefined],
  ['the same at AMD', made('AuthenticAMD', 'fpu', hvm), 'SVM', undefined],
  ['the same at Hygon', made('HygonGenuine', '', hvm), 'SVM', undefined],
  ['the same at a maker nobody knows', made('SomethingElse', '', hvm), 'Unknown', undefined],
  ['a hypervisor that runs none', made('GenuineIntel', 'fpu', ['xen-3.0-x86_64']), 'None', undefined],
  ['a hypervisor that tells nothing', made('GenuineIntel', 'fpu', []), 'Unknown', undefined],
  ['a flag that only begins so', made('GenuineIntel', 'vmx_something ept_ad', []), 'Unknown', undefined],
] as const)('the extension by %s', (_what, record, extension, paging) => {
  expect([extensionOf(record), pagingOf(record)]).toEqual([extension, paging]);
});

describe('Xen_HostHardwareVirtualizationCapabilities', () => {
  test('shows what the host tells', () => {
    expect(shown()).toMatchObject({
      InstanceID: `Xen:${host.uuid}/HardwareVirtualizationCapabilities`,
      ProcessorExtension: 3,
      NestedPaging: null,
      IOMMU: true,
      GuestTypes: [2, 3],
      NumberOfProcessors: 16,
      NumberOfSockets: 2,
      ThreadsPerCore: 2,
      VirtualHardwareVersions: [0, 1, 2],
      SchedulerPolicy: 'credit',
    });
    expect(shown()['ProcessorFlags']).toContain('sse4_2');
  });

  test('is NULL where it does not tell', () => {
    const cpu_info = { vendor: 'GenuineIntel', cpu_count: '16', socket_count: '2', flags: '' };
    const fields = { cpu_info, chipset_info: {}, numa_affinity_policy: '' as 'any', sched_policy: '' };
    demo.change('host', host.uuid, fields);
    expect(shown()).toMatchObject({
      IOMMU: null,
      ThreadsPerCore: null,
      ProcessorFlags: null,
      NUMAAffinityPolicy: null,
      SchedulerPolicy: null,
    });
    demo.change('host', host.uuid, { chipset_info: { iommu: 'false' }, numa_affinity_policy: 'best_effort' });
    expect(shown()).toMatchObject({ IOMMU: false, NUMAAffinityPolicy: 3 });
    demo.change('host', host.uuid, host);
  });

  test('is tied to its host as it stands (CIM_ElementCapabilities.Characteristics)', () => {
    const one = demo.one('Xen_HostHardwareVirtualizationCapabilities', 'ElementName', 'xen-alpha');
    const association = 'Xen_HostHasHardwareVirtualizationCapabilities';
    expect(demo.tied(one, association)).toEqual([`Xen_HostComputerSystem ${host.uuid}`]);
    expect(demo.list(association).map(({ Characteristics }) => Characteristics)).toEqual([[2], [2], [2]]);
  });
});
