import type { ProfileSpec } from './walk.js';

const isHost = ({ className }: { readonly className: string }): boolean => className === 'Xen_HostComputerSystem';

export const dsp1052: ProfileSpec = {
  document: 'DSP1052',
  registeredName: 'Computer System',
  version: '1.0.2',
  references: ['Profile Registration'],
  central: ['Xen_HostComputerSystem', 'Xen_ComputerSystem'],
  required: [
    'CreationClassName',
    'Name',
    'ElementName',
    'NameFormat',
    'Dedicated',
    'OtherIdentifyingInfo',
    'IdentifyingDescriptions',
    'EnabledState',
    'RequestedState',
    'OperationalStatus',
    'HealthState',
  ],
  ties: [
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: 'CIM_EnabledLogicalElementCapabilities',
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      required: ['InstanceID', 'ElementNameEditSupported', 'RequestedStatesSupported'],
    },
    {
      filter: {
        AssocClass: 'CIM_SystemDevice',
        ResultClass: 'CIM_Processor',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      required: ['DeviceID', 'EnabledState', 'HealthState', 'OperationalStatus'],
    },
    {
      filter: {
        AssocClass: 'CIM_SystemDevice',
        ResultClass: 'CIM_Memory',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      count: 1,
      required: ['DeviceID', 'NumberOfBlocks', 'BlockSize'],
    },
    {
      filter: {
        AssocClass: 'CIM_RunningOS',
        ResultClass: 'CIM_OperatingSystem',
        Role: 'Dependent',
        ResultRole: 'Antecedent',
      },
      of: isHost,
      count: 1,
      required: ['Name', 'ElementName', 'OSType', 'Version', 'EnabledState'],
    },
    {
      filter: { AssocClass: 'CIM_InstalledOS', Role: 'GroupComponent', ResultRole: 'PartComponent' },
      count: 'some',
      required: ['Name', 'ElementName', 'OSType'],
      pair: ['PrimaryOS'],
    },
    {
      filter: { AssocClass: 'CIM_ComputerSystemPackage', Role: 'Dependent', ResultRole: 'Antecedent' },
      of: isHost,
      required: ['Tag', 'Manufacturer', 'Model'],
    },
    {
      filter: {
        AssocClass: 'CIM_HostedAccessPoint',
        ResultClass: 'CIM_IPProtocolEndpoint',
        Role: 'Antecedent',
        ResultRole: 'Dependent',
      },
      of: isHost,
      required: ['Name', 'ProtocolIFType'],
    },
  ],
};
