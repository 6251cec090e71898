import { capable, given, hosted, made, pool, reserved } from './resource.js';
import type { ProfileSpec } from './walk.js';

export const dsp1041: ProfileSpec = {
  document: 'DSP1041',
  registeredName: 'Resource Allocation',
  version: '1.1.0',
  references: ['Profile Registration', 'Allocation Capabilities'],
  central: [
    'Xen_ProcessorPool',
    'Xen_MemoryPool',
    'Xen_StoragePool',
    'Xen_NetworkConnectionPool',
    'Xen_GraphicsPool',
    'Xen_USBPool',
  ],
  required: pool,
  ties: [
    hosted,
    capable,
    made('CIM_LogicalDevice'),
    given('CIM_LogicalDevice', 'CIM_ResourceAllocationSettingData'),
    reserved('CIM_ResourceAllocationSettingData'),
  ],
};
