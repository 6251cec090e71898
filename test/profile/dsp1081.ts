import type { ProfileSpec } from './walk.js';

const settings = ['InstanceID', 'ElementName', 'MigrationType', 'Priority', 'TransportType'];

export const dsp1081: ProfileSpec = {
  document: 'DSP1081',
  registeredName: 'Virtual System Migration',
  version: '1.0.0',
  references: ['Profile Registration', 'Job Control'],
  central: ['Xen_VirtualSystemMigrationService'],
  required: [
    'SystemCreationClassName',
    'SystemName',
    'CreationClassName',
    'Name',
    'ElementName',
    'EnabledState',
    'RequestedState',
    'Started',
    'OperationalStatus',
    'HealthState',
  ],
  ties: [
    {
      filter: { AssocClass: 'CIM_HostedService', Role: 'Dependent', ResultRole: 'Antecedent' },
      count: 1,
      required: ['Name'],
    },
    {
      filter: {
        AssocClass: 'CIM_ServiceAffectsElement',
        ResultClass: 'CIM_ComputerSystem',
        Role: 'AffectingElement',
        ResultRole: 'AffectedElement',
      },
      required: ['Name', 'EnabledState', 'OperatingStatus'],
      pair: ['ElementEffects'],
    },
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: 'CIM_VirtualSystemMigrationCapabilities',
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      count: 1,
      required: [
        'InstanceID',
        'ElementName',
        'SynchronousMethodsSupported',
        'AsynchronousMethodsSupported',
        'DestinationHostFormatsSupported',
      ],
      onward: [
        {
          filter: {
            AssocClass: 'CIM_SettingsDefineCapabilities',
            ResultClass: 'CIM_VirtualSystemMigrationSettingData',
            Role: 'GroupComponent',
            ResultRole: 'PartComponent',
          },
          count: 1,
          required: settings,
          pair: ['PropertyPolicy', 'ValueRole', 'ValueRange'],
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_ElementSettingData',
        ResultClass: 'CIM_VirtualSystemMigrationSettingData',
        Role: 'ManagedElement',
        ResultRole: 'SettingData',
      },
      count: 1,
      required: settings,
      pair: ['IsDefault', 'IsNext', 'IsCurrent'],
    },
  ],
};
