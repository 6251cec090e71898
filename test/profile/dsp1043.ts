import { capabilities } from './resource.js';
import type { ProfileSpec } from './walk.js';

const owner = { AssocClass: 'CIM_ElementCapabilities', Role: 'Capabilities', ResultRole: 'ManagedElement' } as const;

export const dsp1043: ProfileSpec = {
  document: 'DSP1043',
  registeredName: 'Allocation Capabilities',
  version: '1.0.0',
  references: ['Profile Registration'],
  central: [
    'Xen_ProcessorAllocationCapabilities',
    'Xen_MemoryAllocationCapabilities',
    'Xen_StorageAllocationCapabilities',
    'Xen_NetworkConnectionAllocationCapabilities',
    'Xen_GraphicsAllocationCapabilities',
    'Xen_USBAllocationCapabilities',
  ],
  required: [...capabilities, 'ElementName'],
  ties: [
    { filter: { ...owner, ResultClass: 'CIM_ResourcePool' }, required: ['InstanceID', 'PoolID'] },
    { filter: { ...owner, ResultClass: 'CIM_System' }, required: ['Name'] },
    {
      filter: {
        AssocClass: 'CIM_SettingsDefineCapabilities',
        ResultClass: 'CIM_ResourceAllocationSettingData',
        Role: 'GroupComponent',
        ResultRole: 'PartComponent',
      },
      count: 4,
      required: ['InstanceID', 'ElementName', 'ResourceType', 'AllocationUnits'],
      pair: ['PropertyPolicy', 'ValueRole', 'ValueRange'],
    },
  ],
};
