import { capable, given, hosted, made, pool, reserved, setting } from './resource.js';
import type { ProfileSpec } from './walk.js';

const memory = [...setting, 'Reservation', 'Limit', 'ConsumerVisibility'];

export const dsp1045: ProfileSpec = {
  document: 'DSP1045',
  registeredName: 'Memory Resource Virtualization',
  version: '1.0.0',
  references: ['Profile Registration', 'Resource Allocation', 'Allocation Capabilities'],
  central: ['Xen_MemoryPool'],
  required: [...pool, 'Capacity', 'Reserved'],
  ties: [
    { ...hosted, count: 1 },
    capable,
    { ...made('CIM_Memory'), required: ['DeviceID', 'BlockSize', 'NumberOfBlocks'] },
    given('CIM_Memory', 'CIM_ResourceAllocationSettingData', memory, [
      {
        filter: {
          AssocClass: 'CIM_HostedDependency',
          ResultClass: 'CIM_Memory',
          Role: 'Dependent',
          ResultRole: 'Antecedent',
        },
        count: 1,
        required: ['DeviceID', 'NumberOfBlocks'],
      },
    ]),
    reserved('CIM_ResourceAllocationSettingData', memory),
  ],
};
