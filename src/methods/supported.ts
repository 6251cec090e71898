import { methods } from './table.js';

/** `now`: it is done when it returns. `later`: it is a job. `either`: done, or a job where that takes longer than the server's patience. */
type Way = 'now' | 'later' | 'either';

/** A code of a capability, as the Values of its property name it, and the method that it stands for. */
type Code = readonly [value: string, method: string, way: Way];

interface Capability {
  readonly service: string;
  readonly codes: readonly Code[];
}

/** Of CIM_VirtualSystemManagementCapabilities. */
const management: readonly Code[] = [
  ['DefineSystemSupported', 'DefineSystem', 'either'],
  ['DestroySystemSupported', 'DestroySystem', 'either'],
  ['ModifyResourceSettingsSupported', 'ModifyResourceSettings', 'either'],
  ['ModifySystemSettingsSupported', 'ModifySystemSettings', 'either'],
  ['RemoveResourcesSupported', 'RemoveResourceSettings', 'either'],
  ['AddResourcesSupported', 'AddResourceSettings', 'either'],
];

const named = (suffix: string, ...names: readonly (readonly [method: string, way: Way])[]): readonly Code[] =>
  names.map(([method, way]) => [method + suffix, method, way]);

/** The classes of capabilities that list methods by codes, and whose methods these are (decisions.md 33). */
export const capabilities = {
  Xen_VirtualSystemManagementCapabilities: {
    service: 'Xen_VirtualSystemManagementService',
    codes: [...management, ['AddResourceSettingSupported', 'AddResourceSetting', 'either']],
  },
  Xen_VirtualSwitchManagementCapabilities: { service: 'Xen_VirtualSwitchManagementService', codes: management },
  Xen_VirtualSystemSnapshotServiceCapabilities: {
    service: 'Xen_VirtualSystemSnapshotService',
    codes: named('Supported', ['CreateSnapshot', 'either'], ['DestroySnapshot', 'either'], ['ApplySnapshot', 'either']),
  },
  Xen_VirtualSystemMigrationCapabilities: {
    service: 'Xen_VirtualSystemMigrationService',
    codes: named(
      'Supported',
      ['MigrateVirtualSystemToHost', 'later'],
      ['MigrateVirtualSystemToSystem', 'later'],
      ['CheckVirtualSystemIsMigratableToHost', 'now'],
      ['CheckVirtualSystemIsMigratableToSystem', 'now'],
    ),
  },
  Xen_StoragePoolManagementCapabilities: {
    service: 'Xen_StoragePoolManagementService',
    codes: [
      ...named(
        ' is supported',
        ['CreateResourcePool', 'either'],
        ['DeleteResourcePool', 'either'],
        ['AddResourcesToResourcePool', 'either'],
        ['RemoveResourcesFromResourcePool', 'either'],
        ['ChangeParentResourcePool', 'later'],
        ['CreateStoragePool', 'either'],
        ['DetachStoragePool', 'now'],
        ['CreateDiskImage', 'now'],
        ['DeleteDiskImage', 'now'],
        ['DiscoveriSCSITargetInfo', 'now'],
        ['ConnectToDiskImage', 'later'],
        ['DisconnectFromDiskImage', 'later'],
      ),
      ['CreateChild ResourcePool is supported', 'CreateChildResourcePool', 'either'],
      ['CIM_ChangeParentResourcePool is supported', 'ChangeParentResourcePool', 'now'],
    ],
  },
  Xen_MetricsServiceCapabilities: {
    service: 'Xen_MetricService',
    codes: named(
      '',
      ['ControlMetrics', 'now'],
      ['ControlMetricsByClass', 'now'],
      ['ShowMetrics', 'now'],
      ['ShowMetricsByClass', 'now'],
      ['GetMetricValues', 'now'],
      ['ControlSampleTimes', 'now'],
    ),
  },
} as const satisfies Readonly<Record<string, Capability>>;

export type CapabilityClass = keyof typeof capabilities;

/** The Values of the methods that work, in the order of the table: those that can be done at once, and as a job. */
export interface Supported {
  readonly synchronous: readonly string[];
  readonly asynchronous: readonly string[];
}

/** What of a service works: methods that are carried out and do not merely decline. */
export function supported(cim: CapabilityClass): Supported {
  const { service, codes }: Capability = capabilities[cim];
  const works = codes.filter(
    ([, method]) => methods[service]?.[method]?.declines === undefined && methods[service]?.[method],
  );
  const those = (without: Way): readonly string[] =>
    works.filter(([, , way]) => way !== without).map(([value]) => value);
  return { synchronous: those('later'), asynchronous: those('now') };
}
