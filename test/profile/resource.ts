import type { Tie } from './walk.js';

/** What profiles of resources ask for alike (DSP1041). */

export const pool = ['InstanceID', 'ElementName', 'PoolID', 'Primordial', 'ResourceType', 'AllocationUnits'];
export const setting = [
  'InstanceID',
  'ElementName',
  'ResourceType',
  'VirtualQuantity',
  'VirtualQuantityUnits',
  'AllocationUnits',
];
export const capabilities = [
  'InstanceID',
  'ResourceType',
  'RequestTypesSupported',
  'SharingMode',
  'SupportedAddStates',
  'SupportedRemoveStates',
];

const device = [
  'SystemCreationClassName',
  'SystemName',
  'CreationClassName',
  'DeviceID',
  'ElementName',
  'EnabledState',
];

/** The systems that host the pool. */
export const hosted: Tie = {
  filter: {
    AssocClass: 'CIM_HostedResourcePool',
    ResultClass: 'CIM_System',
    Role: 'PartComponent',
    ResultRole: 'GroupComponent',
  },
  required: ['Name', 'CreationClassName', 'EnabledState'],
};

/** What it is made of. */
export const made = (ResultClass: string): Tie => ({
  filter: { AssocClass: 'CIM_ConcreteComponent', ResultClass, Role: 'GroupComponent', ResultRole: 'PartComponent' },
  count: 'some',
  required: ['DeviceID', 'CreationClassName'],
});

/** What it can give. */
export const capable: Tie = {
  filter: {
    AssocClass: 'CIM_ElementCapabilities',
    ResultClass: 'CIM_AllocationCapabilities',
    Role: 'ManagedElement',
    ResultRole: 'Capabilities',
  },
  required: capabilities,
};

/** The configuration that a setting is part of. */
const configured: Tie = {
  filter: {
    AssocClass: 'CIM_VirtualSystemSettingDataComponent',
    ResultClass: 'CIM_VirtualSystemSettingData',
    Role: 'PartComponent',
    ResultRole: 'GroupComponent',
  },
  count: 1,
  required: ['InstanceID', 'VirtualSystemIdentifier', 'VirtualSystemType'],
};

/** That a setting is the one defined and the one in force (the dual configuration). */
const dual: Tie = {
  filter: { AssocClass: 'CIM_ElementSettingData', Role: 'ManagedElement', ResultRole: 'SettingData' },
  count: 1,
  pair: ['IsDefault', 'IsNext', 'IsCurrent'],
};

/** The devices that come from it, each with its settings and, but for those of templates and snapshots, its system. */
export const given = (
  ResultClass: string,
  SettingClass: string,
  required = setting,
  more: readonly Tie[] = [],
): Tie => ({
  filter: { AssocClass: 'CIM_ElementAllocatedFromPool', ResultClass, Role: 'Antecedent', ResultRole: 'Dependent' },
  count: 'some',
  required: device,
  onward: [
    {
      filter: {
        AssocClass: 'CIM_SystemDevice',
        ResultClass: 'CIM_ComputerSystem',
        Role: 'PartComponent',
        ResultRole: 'GroupComponent',
      },
      count: 'one or none',
      required: ['Name', 'EnabledState'],
    },
    {
      filter: {
        AssocClass: 'CIM_SettingsDefineState',
        ResultClass: SettingClass,
        Role: 'ManagedElement',
        ResultRole: 'SettingData',
      },
      count: 1,
      required,
      onward: [configured, dual],
    },
    ...more,
  ],
});

/** The settings that take from it, those of what does not run and of templates among them. */
export const reserved = (ResultClass: string, required = setting): Tie => ({
  filter: { AssocClass: 'CIM_ResourceAllocationFromPool', ResultClass, Role: 'Antecedent', ResultRole: 'Dependent' },
  count: 'some',
  required: [...required, 'PoolID'],
  onward: [configured],
});
