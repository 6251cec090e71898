import { setting } from './resource.js';
import type { ProfileSpec } from './walk.js';

const configuration = ['InstanceID', 'ElementName', 'VirtualSystemIdentifier', 'VirtualSystemType'];

export const dsp1057: ProfileSpec = {
  document: 'DSP1057',
  registeredName: 'Virtual System',
  version: '1.0.0',
  references: [
    'Profile Registration',
    'Resource Allocation',
    'Allocation Capabilities',
    'Processor Resource Virtualization',
    'Memory Resource Virtualization',
    'Storage Resource Virtualization',
    'Ethernet Port Resource Virtualization',
    'Generic Device Resource Virtualization',
    'Computer System',
    'KVM Redirection',
  ],
  central: ['Xen_ComputerSystem'],
  required: [
    'CreationClassName',
    'Name',
    'NameFormat',
    'ElementName',
    'Caption',
    'Dedicated',
    'EnabledState',
    'RequestedState',
    'OperationalStatus',
    'HealthState',
    'OtherIdentifyingInfo',
    'IdentifyingDescriptions',
  ],
  ties: [
    {
      filter: {
        AssocClass: 'CIM_SettingsDefineState',
        ResultClass: 'CIM_VirtualSystemSettingData',
        Role: 'ManagedElement',
        ResultRole: 'SettingData',
      },
      count: 1,
      required: [...configuration, 'AutomaticStartupAction', 'AutomaticShutdownAction', 'AutomaticRecoveryAction'],
      onward: [
        {
          filter: { AssocClass: 'CIM_ElementSettingData', Role: 'ManagedElement', ResultRole: 'SettingData' },
          count: 1,
          required: configuration,
          pair: ['IsDefault', 'IsNext', 'IsCurrent'],
        },
        {
          filter: {
            AssocClass: 'CIM_VirtualSystemSettingDataComponent',
            ResultClass: 'CIM_ResourceAllocationSettingData',
            Role: 'GroupComponent',
            ResultRole: 'PartComponent',
          },
          required: setting,
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: 'Xen_ComputerSystemCapabilities',
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      count: 1,
      required: [
        'InstanceID',
        'ElementName',
        'ElementNameEditSupported',
        'MaxElementNameLen',
        'RequestedStatesSupported',
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_SystemDevice',
        ResultClass: 'CIM_LogicalDevice',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      required: ['DeviceID', 'SystemName', 'SystemCreationClassName', 'CreationClassName', 'EnabledState'],
      onward: [
        {
          filter: {
            AssocClass: 'CIM_SettingsDefineState',
            ResultClass: 'CIM_ResourceAllocationSettingData',
            Role: 'ManagedElement',
            ResultRole: 'SettingData',
          },
          count: 1,
          required: setting,
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_HostedDependency',
        ResultClass: 'Xen_HostComputerSystem',
        Role: 'Dependent',
        ResultRole: 'Antecedent',
      },
      count: 1,
      required: ['Name', 'ElementName'],
    },
    {
      filter: {
        AssocClass: 'CIM_ServiceAffectsElement',
        ResultClass: 'CIM_VirtualSystemManagementService',
        Role: 'AffectedElement',
        ResultRole: 'AffectingElement',
      },
      count: 1,
    },
  ],
};
