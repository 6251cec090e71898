import { declined } from './declined.js';
import type { Method, MethodTable } from './method.js';

const conformant = { association: 'CIM_ElementConformsToProfile', role: 'ConformantStandard' } as const;

/** GetCentralInstances: what conforms to the profile, wherever it lives (CIM_RegisteredProfile, DSP1033). */
const getCentralInstances: Method = {
  access: 'read',
  run: ({ target, model }) => ({
    returned: 0,
    output: { CentralInstances: model.ties(target, conformant).map((tie) => model.tiedPath(tie)) },
  }),
};

const deprecated = declined('it is deprecated: GetCentralInstances gives the central instances, or Associators do');

const methods = {
  GetCentralInstances: getCentralInstances,
  OpenConformantInstances: deprecated,
  PullConformantInstances: deprecated,
  CloseConformantInstances: deprecated,
} as const;

const classes = [
  'Xen_RegisteredProfile',
  'Xen_RegisteredEthernetPortVirtualizationProfile',
  'Xen_RegisteredGenericDeviceAllocationProfile',
  'Xen_RegisteredMemoryAllocationProfile',
  'Xen_RegisteredProcessorAllocationProfile',
  'Xen_RegisteredStorageVirtualizationProfile',
  'Xen_RegisteredSystemVirtualizationProfile',
  'Xen_RegisteredVirtualSystemProfile',
];

export const profileMethods: MethodTable = Object.fromEntries(classes.map((cim) => [cim, methods]));
