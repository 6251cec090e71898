import type { ProfileSpec } from './walk.js';

export const dsp1033: ProfileSpec = {
  document: 'DSP1033',
  registeredName: 'Profile Registration',
  version: '1.0.0',
  references: [],
  central: ['Xen_RegisteredProfile'],
  centralNamespace: 'root/interop',
  required: ['InstanceID', 'RegisteredOrganization', 'RegisteredName', 'RegisteredVersion', 'AdvertiseTypes'],
  ties: [
    {
      filter: { AssocClass: 'CIM_ElementConformsToProfile', Role: 'ConformantStandard', ResultRole: 'ManagedElement' },
    },
    {
      filter: { AssocClass: 'CIM_ReferencedProfile', Role: 'Dependent', ResultRole: 'Antecedent' },
      of: ({ keys }) => !keys.some(({ value }) => value.includes('DSP1033')),
      count: 'some',
      required: ['RegisteredName', 'RegisteredVersion'],
    },
  ],
};
