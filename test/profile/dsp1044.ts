import { capable, given, hosted, made, pool, reserved, setting } from './resource.js';
import type { ProfileSpec } from './walk.js';

const processors = [...setting, 'Reservation', 'ConsumerVisibility'];

export const dsp1044: ProfileSpec = {
  document: 'DSP1044',
  registeredName: 'Processor Resource Virtualization',
  version: '1.0.0',
  references: ['Profile Registration', 'Resource Allocation', 'Allocation Capabilities'],
  central: ['Xen_ProcessorPool'],
  required: [...pool, 'Capacity', 'Reserved'],
  ties: [
    { ...hosted, count: 1 },
    capable,
    { ...made('CIM_Processor'), required: ['DeviceID', 'Family', 'CPUStatus', 'EnabledState'] },
    given('CIM_Processor', 'CIM_ResourceAllocationSettingData', processors),
    reserved('CIM_ResourceAllocationSettingData', processors),
  ],
};
