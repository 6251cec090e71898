import type { ProfileSpec, Tie } from './walk.js';

const system = (filter: Tie['filter']): Tie => ({ filter, count: 1, required: ['Name', 'EnabledState'] });

/** Where a console is reached, and of which system. */
const reached = (ResultClass: string, property: string): Tie => ({
  filter: { AssocClass: 'CIM_ServiceAccessBySAP', ResultClass, Role: 'Antecedent', ResultRole: 'Dependent' },
  count: 'some',
  required: ['SystemName', 'Name', 'ElementName', 'EnabledState', 'RequestedState', property],
  onward: [
    system({ AssocClass: 'CIM_HostedAccessPoint', Role: 'Dependent', ResultRole: 'Antecedent' }),
    system({ AssocClass: 'CIM_SAPAvailableForElement', Role: 'AvailableSAP', ResultRole: 'ManagedElement' }),
    {
      filter: { AssocClass: 'CIM_DeviceSAPImplementation', Role: 'Dependent', ResultRole: 'Antecedent' },
      count: 1,
      required: ['DeviceID', 'EnabledState'],
    },
  ],
});

export const dsp1076: ProfileSpec = {
  document: 'DSP1076',
  registeredName: 'KVM Redirection',
  version: '1.0.0',
  references: ['Profile Registration'],
  central: ['Xen_ConsoleRedirectionService'],
  required: [
    'SystemName',
    'Name',
    'ElementName',
    'RedirectionServiceType',
    'SharingMode',
    'MaxCurrentEnabledSAPs',
    'EnabledState',
    'RequestedState',
  ],
  ties: [
    system({ AssocClass: 'CIM_HostedService', Role: 'Dependent', ResultRole: 'Antecedent' }),
    {
      filter: {
        AssocClass: 'CIM_ElementCapabilities',
        ResultClass: 'CIM_RedirectionServiceCapabilities',
        Role: 'ManagedElement',
        ResultRole: 'Capabilities',
      },
      count: 1,
      required: [
        'InstanceID',
        'ElementName',
        'ElementNameEditSupported',
        'RequestedStatesSupported',
        'SharingModeSupported',
      ],
    },
    reached('CIM_KVMRedirectionSAP', 'KVMProtocol'),
    reached('CIM_TextRedirectionSAP', 'TextFlowType'),
    {
      filter: {
        AssocClass: 'CIM_ServiceAffectsElement',
        ResultClass: 'CIM_ComputerSystem',
        Role: 'AffectingElement',
        ResultRole: 'AffectedElement',
      },
      required: ['Name'],
      pair: ['ElementEffects'],
    },
  ],
};
