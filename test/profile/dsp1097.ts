import type { ProfileSpec } from './walk.js';

const configuration = ['InstanceID', 'ElementName', 'VirtualSystemIdentifier', 'VirtualSystemType'];

export const dsp1097: ProfileSpec = {
  document: 'DSP1097',
  registeredName: 'Virtual Ethernet Switch',
  version: '1.0.0',
  references: ['Profile Registration', 'Ethernet Port Resource Virtualization', 'Computer System', 'Virtual System'],
  central: ['Xen_VirtualSwitch'],
  required: [
    'CreationClassName',
    'Name',
    'ElementName',
    'Dedicated',
    'EnabledState',
    'RequestedState',
    'OperationalStatus',
    'HealthState',
  ],
  ties: [
    {
      filter: { AssocClass: 'CIM_HostedDependency', ResultClass: 'Xen_HostComputerSystem', Role: 'Dependent' },
      required: ['Name'],
    },
    {
      filter: {
        AssocClass: 'CIM_SettingsDefineState',
        ResultClass: 'CIM_VirtualEthernetSwitchSettingData',
        Role: 'ManagedElement',
        ResultRole: 'SettingData',
      },
      count: 1,
      required: [...configuration, 'EVBMode', 'AssociatedResourcePool'],
      onward: [
        {
          filter: { AssocClass: 'CIM_ElementSettingData', Role: 'ManagedElement', ResultRole: 'SettingData' },
          count: 1,
          pair: ['IsDefault', 'IsNext', 'IsCurrent'],
        },
        {
          filter: {
            AssocClass: 'CIM_VirtualSystemSettingDataComponent',
            ResultClass: 'CIM_EthernetPortAllocationSettingData',
            Role: 'GroupComponent',
            ResultRole: 'PartComponent',
          },
          count: 'some',
          required: ['InstanceID', 'ResourceType', 'Address', 'Connection'],
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_SystemDevice',
        ResultClass: 'CIM_EthernetPort',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      count: 'some',
      required: ['DeviceID', 'PermanentAddress', 'EnabledState', 'RequestedState', 'LinkTechnology'],
      onward: [
        {
          filter: {
            AssocClass: 'CIM_SettingsDefineState',
            ResultClass: 'CIM_EthernetPortAllocationSettingData',
            Role: 'ManagedElement',
          },
          count: 1,
          required: ['InstanceID', 'ResourceType'],
        },
        {
          filter: {
            AssocClass: 'CIM_DeviceSAPImplementation',
            ResultClass: 'CIM_LANEndpoint',
            Role: 'Antecedent',
            ResultRole: 'Dependent',
          },
          count: 1,
          required: ['Name', 'MACAddress'],
          onward: [
            {
              filter: { AssocClass: 'CIM_ActiveConnection', ResultClass: 'CIM_LANEndpoint', Role: 'Dependent' },
              count: 1,
              required: ['Name', 'MACAddress'],
            },
          ],
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_HostedService',
        ResultClass: 'CIM_TransparentBridgingService',
        Role: 'Antecedent',
        ResultRole: 'Dependent',
      },
      count: 1,
      required: ['Name', 'SystemName', 'AgingTime', 'EnabledState'],
    },
    {
      filter: {
        AssocClass: 'CIM_HostedResourcePool',
        ResultClass: 'CIM_ResourcePool',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      count: 1,
      required: ['InstanceID', 'PoolID'],
    },
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: 'CIM_AllocationCapabilities',
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      count: 1,
      required: ['InstanceID', 'ResourceType'],
    },
    {
      filter: {
        AssocClass: 'CIM_ServiceAffectsElement',
        ResultClass: 'CIM_VirtualSystemManagementService',
        Role: 'AffectedElement',
        ResultRole: 'AffectingElement',
      },
      count: 1,
      required: ['Name', 'SystemName'],
      pair: ['ElementEffects'],
      onward: [
        {
          filter: {
            AssocClass: 'CIM_ElementCapabilities',
            ResultClass: 'CIM_VirtualSystemManagementCapabilities',
            Role: 'ManagedElement',
          },
          count: 1,
          required: ['InstanceID', 'VirtualSystemTypesSupported'],
        },
      ],
    },
  ],
};
