import { capable, given, hosted, made, pool, reserved } from './resource.js';
import type { ProfileSpec } from './walk.js';

export const dsp1059: ProfileSpec = {
  document: 'DSP1059',
  registeredName: 'Generic Device Resource Virtualization',
  version: '1.0.0',
  references: ['Profile Registration', 'Resource Allocation', 'Allocation Capabilities'],
  central: ['Xen_GraphicsPool', 'Xen_USBPool'],
  required: pool,
  ties: [
    hosted,
    capable,
    { ...made('CIM_LogicalDevice'), required: ['DeviceID', 'ElementName'] },
    given('CIM_LogicalDevice', 'CIM_ResourceAllocationSettingData'),
    reserved('CIM_ResourceAllocationSettingData'),
  ],
};
