import type { ProfileSpec } from './walk.js';

/** The walk needs a job to go from: `connect` has one started. */
export const dsp1103: ProfileSpec = {
  document: 'DSP1103',
  registeredName: 'Job Control',
  version: '1.0.0',
  references: ['Profile Registration'],
  central: ['Xen_SystemStateChangeJob'],
  required: [
    'InstanceID',
    'Name',
    'ElementName',
    'JobState',
    'OperationalStatus',
    'PercentComplete',
    'TimeSubmitted',
    'ElapsedTime',
    'TimeOfLastStateChange',
    'ErrorCode',
    'ErrorDescription',
    'DeleteOnCompletion',
    'TimeBeforeRemoval',
  ],
  ties: [
    {
      filter: { AssocClass: 'CIM_OwningJobElement', Role: 'OwnedElement', ResultRole: 'OwningElement' },
      count: 1,
      required: ['Name'],
    },
    {
      filter: { AssocClass: 'CIM_AffectedJobElement', Role: 'AffectingElement', ResultRole: 'AffectedElement' },
      required: ['Name'],
      pair: ['ElementEffects'],
    },
    {
      filter: {
        AssocClass: 'CIM_JobDestinationJobs',
        ResultClass: 'CIM_JobDestination',
        Role: 'Dependent',
        ResultRole: 'Antecedent',
      },
      count: 1,
      required: ['SystemName', 'CreationClassName', 'Name', 'ElementName', 'EnabledState', 'RequestedState'],
      onward: [
        {
          filter: { AssocClass: 'CIM_HostedJobDestination', Role: 'Dependent', ResultRole: 'Antecedent' },
          count: 1,
          required: ['Name'],
        },
      ],
    },
    {
      filter: {
        AssocClass: 'CIM_ElementSettingData',
        ResultClass: 'CIM_JobSettingData',
        Role: 'ManagedElement',
        ResultRole: 'SettingData',
      },
      count: 1,
      required: ['InstanceID', 'ElementName', 'DeleteOnCompletion', 'TimeBeforeRemoval'],
      pair: ['IsDefault', 'IsNext', 'IsCurrent'],
    },
  ],
};
