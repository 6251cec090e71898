import type { ProfileSpec, Tie } from './walk.js';

/** A service that the host has, with its capabilities and what it manages. Services are hosted by the coordinator. */
const service = (kind: string, capabilities: string, affected: string, required: readonly string[]): Tie => ({
  filter: { AssocClass: 'CIM_HostedService', ResultClass: kind, Role: 'Antecedent', ResultRole: 'Dependent' },
  count: 'some',
  required: ['SystemName', 'Name', 'CreationClassName', 'ElementName', 'EnabledState', 'RequestedState', 'Started'],
  onward: [
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: capabilities,
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      count: 1,
      required: ['InstanceID', 'ElementName', ...required],
    },
    {
      filter: {
        AssocClass: 'CIM_ServiceAffectsElement',
        ResultClass: affected,
        Role: 'AffectingElement',
        ResultRole: 'AffectedElement',
      },
      pair: ['ElementEffects'],
    },
  ],
});

const snapshot = ['InstanceID', 'ElementName', 'VirtualSystemIdentifier', 'VirtualSystemType'];

export const dsp1042: ProfileSpec = {
  document: 'DSP1042',
  registeredName: 'System Virtualization',
  version: '1.0.0',
  references: [
    'Profile Registration',
    'Resource Allocation',
    'Allocation Capabilities',
    'Processor Resource Virtualization',
    'Memory Resource Virtualization',
    'Storage Resource Virtualization',
    'Ethernet Port Resource Virtualization',
    'Computer System',
    'Base Metrics',
    'Virtual System',
    'Generic Device Resource Virtualization',
    'KVM Redirection',
    'Virtual System Migration',
    'Virtual Ethernet Switch',
    'Job Control',
  ],
  central: ['Xen_HostComputerSystem'],
  required: [
    'Name',
    'CreationClassName',
    'ElementName',
    'NameFormat',
    'Dedicated',
    'EnabledState',
    'RequestedState',
    'OperationalStatus',
    'HealthState',
  ],
  ties: [
    {
      filter: {
        AssocClass: 'CIM_HostedDependency',
        ResultClass: 'Xen_ComputerSystem',
        Role: 'Antecedent',
        ResultRole: 'Dependent',
      },
      required: ['Name', 'EnabledState', 'RequestedState'],
      onward: [
        {
          filter: {
            AssocClass: 'CIM_SettingsDefineState',
            ResultClass: 'CIM_VirtualSystemSettingData',
            Role: 'ManagedElement',
            ResultRole: 'SettingData',
          },
          count: 1,
          required: snapshot,
        },
        {
          filter: {
            AssocClass: 'CIM_ElementCapabilities',
            ResultClass: 'CIM_VirtualSystemSnapshotCapabilities',
            Role: 'ManagedElement',
            ResultRole: 'Capabilities',
          },
          count: 1,
          required: ['InstanceID', 'ElementName', 'SnapshotTypesEnabled', 'GuestOSNotificationEnabled'],
        },
        {
          filter: {
            AssocClass: 'CIM_SnapshotOfVirtualSystem',
            ResultClass: 'CIM_VirtualSystemSettingData',
            Role: 'Antecedent',
            ResultRole: 'Dependent',
          },
          count: 'some',
          required: snapshot,
        },
        {
          filter: {
            AssocClass: 'CIM_MostCurrentSnapshotInBranch',
            ResultClass: 'CIM_VirtualSystemSettingData',
            Role: 'Antecedent',
            ResultRole: 'Dependent',
          },
          count: 'some',
          required: snapshot,
        },
        {
          filter: {
            AssocClass: 'CIM_LastAppliedSnapshot',
            ResultClass: 'CIM_VirtualSystemSettingData',
            Role: 'Dependent',
            ResultRole: 'Antecedent',
          },
          count: 'some',
          required: snapshot,
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_HostedResourcePool',
        ResultClass: 'CIM_ResourcePool',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      required: ['InstanceID', 'PoolID', 'Primordial', 'ResourceType'],
    },
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: 'CIM_VirtualSystemManagementCapabilities',
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      count: 1,
    },
    service('CIM_VirtualSystemManagementService', 'CIM_VirtualSystemManagementCapabilities', 'CIM_ComputerSystem', [
      'VirtualSystemTypesSupported',
      'SynchronousMethodsSupported',
      'AsynchronousMethodsSupported',
      'IndicationsSupported',
    ]),
    service('CIM_VirtualSystemSnapshotService', 'CIM_VirtualSystemSnapshotServiceCapabilities', 'CIM_ComputerSystem', [
      'SnapshotTypesSupported',
      'SynchronousMethodsSupported',
      'AynchronousMethodsSupported',
    ]),
    service('CIM_ResourcePoolConfigurationService', 'CIM_ResourcePoolConfigurationCapabilities', 'CIM_ResourcePool', [
      'SynchronousMethodsSupported',
      'AsynchronousMethodsSupported',
    ]),
  ],
};
