import { describe, expect, test } from 'vitest';
import type { MethodDeclaration } from '../../src/cim/class.js';
import { cimv2, schemas } from './demo-engine.js';

const schema = schemas.get(cimv2)!;

/** `type name` of each parameter, `[]` behind an array's, `>` before one that only comes out, `<>` before one that goes both ways. */
const signature = ({ parameters }: MethodDeclaration): string[] =>
  [...parameters].map(({ name, type, isArray, referenceClass, qualifiers }) => {
    const [goesIn, comesOut] = [qualifiers.get('In')?.value !== false, qualifiers.get('Out')?.value === true];
    const text = `${type === 'reference' ? referenceClass : type} ${name}${isArray ? '[]' : ''}`;
    return `${comesOut ? (goesIn ? '<>' : '>') : ''}${text}`;
  });

const system = 'Xen_VirtualSystemManagementService';
const storage = 'Xen_StoragePoolManagementService';
const snapshot = 'Xen_VirtualSystemSnapshotService';
const job = '>CIM_ConcreteJob Job';
const metadata = 'Xen_DiskImage MetadataDiskImage';

describe('the methods of services beyond the standard ones', () => {
  test.each<[string, string, string[]]>([
    [
      system,
      'AddResourceSetting',
      [
        'CIM_ComputerSystem AffectedSystem',
        'string ResourceSetting',
        '>CIM_ResourceAllocationSettingData ResultingResourceSetting',
        job,
      ],
    ],
    [
      system,
      'CopySystem',
      [
        'string SystemSettings',
        'CIM_ResourcePool StoragePool',
        'CIM_VirtualSystemSettingData ReferenceConfiguration',
        '>CIM_ComputerSystem ResultingSystem',
        job,
      ],
    ],
    [
      system,
      'ConvertToXenTemplate',
      ['Xen_ComputerSystem System', '>Xen_ComputerSystemTemplate ResultingTemplate', job],
    ],
    [
      system,
      'ConvertFromXenTemplate',
      ['Xen_ComputerSystemTemplate Template', '>Xen_ComputerSystem ResultingSystem', job],
    ],
    [system, 'FindPossibleHostsToRunOn', ['Xen_ComputerSystem System', '>Xen_HostComputerSystem PossibleHosts[]', job]],
    [storage, 'CreateDiskImage', ['string ResourceSetting', '>Xen_DiskImage ResultingDiskImage', job]],
    [storage, 'DeleteDiskImage', ['Xen_DiskImage DiskImage', job]],
    [
      storage,
      'ConnectToDiskImage',
      [
        'Xen_DiskImage DiskImage',
        'Xen_VirtualSwitch VirtualSwitch',
        'string NetworkConfiguration[]',
        'string Protocol',
        'boolean UseSSL',
        'boolean ReadOnly',
        'uint32 TimeoutInMinutes',
        '>Xen_ConnectToDiskImageJob Job',
      ],
    ],
    [storage, 'DisconnectFromDiskImage', ['string ConnectionHandle', '>Xen_DisconnectFromDiskImageJob Job']],
    [
      storage,
      'CreateStoragePool',
      ['string ElementName', 'string Settings', 'uint32 ResourceType', '>CIM_ResourcePool Pool', job],
    ],
    [storage, 'DetachStoragePool', ['Xen_StoragePool Pool', job]],
    [
      storage,
      'DiscoveriSCSITargetInfo',
      ['string TargetHost', 'string Port', 'string TargetIQN', '>string TargetInfo'],
    ],
    [
      snapshot,
      'StartSnapshotForestExport',
      [
        'Xen_ComputerSystem System',
        'Xen_VirtualSwitch VirtualSwitch',
        'boolean UseSSL',
        'string NetworkConfiguration[]',
        'uint32 TimeoutInMinutes',
        '>Xen_StartSnapshotForestExportJob Job',
      ],
    ],
    [snapshot, 'EndSnapshotForestExport', ['string ExportConnectionHandle', '>Xen_EndSnapshotForestExportJob Job']],
    [snapshot, 'PrepareSnapshotForestImport', [metadata, '>string ImportContext']],
    [snapshot, 'CleanupSnapshotForestImport', [metadata, 'string DiskImageMap', job]],
    [
      snapshot,
      'CreateNextDiskInImportSequence',
      [
        '<>string ImportContext',
        'Xen_StoragePool StoragePool',
        '<>string DiskImageMap',
        '>Xen_DiskImage NewDiskImage',
        '>string OldDiskID',
      ],
    ],
    [
      snapshot,
      'FinalizeSnapshotForestImport',
      [metadata, 'Xen_StoragePool StoragePool', 'string DiskImageMap', '>Xen_ComputerSystem VirtualSystem', job],
    ],
    [
      'Xen_MetricService',
      'GetPerformanceMetricsForSystem',
      [
        'CIM_ComputerSystem System',
        'datetime StartTime',
        'datetime EndTime',
        'uint32 TimeDuration',
        'uint32 ResolutionInterval',
        '>string Metrics',
      ],
    ],
  ])('%s.%s', (cim, name, expected) => {
    const method = schema.class(cim)!.methods.get(name)!;
    expect(method).toMatchObject({ returnType: 'uint32', classOrigin: cim });
    expect(signature(method)).toEqual(expected);
    const [codes, texts] = ['ValueMap', 'Values'].map((q) => method.qualifiers.get(q)!.value as string[]);
    expect(codes).toHaveLength(texts!.length);
    expect(codes).toContain('4096');
  });

  test('settings are embedded instances', () => {
    for (const [cim, name, parameter] of [
      [system, 'AddResourceSetting', 'ResourceSetting'],
      [system, 'CopySystem', 'SystemSettings'],
      [storage, 'CreateDiskImage', 'ResourceSetting'],
      [storage, 'CreateStoragePool', 'Settings'],
    ] as const) {
      const { qualifiers } = schema.class(cim)!.methods.get(name)!.parameters.get(parameter)!;
      expect(qualifiers.get('EmbeddedInstance')?.value).toMatch(/^CIM_/);
    }
  });

  test('an import says with a code of its own that there are no more disks', () => {
    const { qualifiers } = schema.class(snapshot)!.methods.get('CreateNextDiskInImportSequence')!;
    const codes = qualifiers.get('ValueMap')!.value as string[];
    expect((qualifiers.get('Values')!.value as string[])[codes.indexOf('32768')]).toBe('No more Disks to be Imported');
  });
});
