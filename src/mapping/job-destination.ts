import { type Association, association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { host } from './host.js';
import { jobs } from './job.js';

const name = 'Xen Jobs';

/** Where jobs wait for their turn: there is one, as there is one limit to what works at the pool at once (DSP1103). */
export const jobDestination = element('Xen_JobDestination', 'pool', {
  reads: { coordinator: ['master'] },
  key: { form: 'hosted', systemClass: 'Xen_HostComputerSystem', owner: 'coordinator', name, lenient: true },
  properties: {
    ElementName: { value: name },
    Caption: { value: name },
    Description: { value: 'Takes the jobs of the pool, and starts each when its turn has come' },
    EnabledState: { value: label('Enabled') },
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    HealthState: { value: label('OK') },
    OperationalStatus: { value: [label('OK')] },
    Status: { value: 'OK' },
  },
});

export const jobSetting = element('Xen_JobSettingData', 'job', {
  key: { form: 'setting' },
  properties: {
    ElementName: 'subject',
    Caption: { value: 'Xen Task Settings' },
    Description: 'method',
    ApplicableMethod: 'method',
    DeleteOnCompletion: 'deleteOnCompletion',
    TimeBeforeRemoval: 'timeBeforeRemoval',
    RecoveryAction: { value: label('Do Not Continue') },
    RunInSilentMode: { value: true },
  },
});

export const jobDestinationAssociations: readonly Association[] = [
  association('Xen_HostedJobDestination', ['Dependent', jobDestination], ['Antecedent', host], ['master']),
  association('Xen_JobDestinationJobs', ['Dependent', jobs], ['Antecedent', jobDestination], ['@pool'] as never),
  association(
    'Xen_JobElementSettingData',
    ['ManagedElement', jobs],
    ['SettingData', jobSetting as never],
    [] as never,
    {
      properties: {
        IsDefault: { value: label('Is Not Default') },
        IsNext: { value: label('Is Next') },
        IsCurrent: { value: label('Is Current') },
      },
    },
  ),
];
