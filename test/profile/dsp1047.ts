import { capable, given, hosted, made, pool, reserved, setting } from './resource.js';
import type { ProfileSpec } from './walk.js';

const disks = [
  ...setting,
  'VirtualResourceBlockSize',
  'HostResourceBlockSize',
  'Access',
  'HostExtentName',
  'HostResource',
];

export const dsp1047: ProfileSpec = {
  document: 'DSP1047',
  registeredName: 'Storage Resource Virtualization',
  version: '1.0.0',
  references: ['Profile Registration', 'Resource Allocation', 'Allocation Capabilities'],
  central: ['Xen_StoragePool'],
  required: [...pool, 'ResourceSubType'],
  ties: [
    hosted,
    capable,
    { ...made('CIM_StorageExtent'), required: ['DeviceID', 'BlockSize', 'NumberOfBlocks', 'Primordial'] },
    given('CIM_LogicalDisk', 'CIM_StorageAllocationSettingData', disks, [
      {
        filter: {
          AssocClass: 'CIM_HostedDependency',
          ResultClass: 'CIM_StorageExtent',
          Role: 'Dependent',
          ResultRole: 'Antecedent',
        },
        count: 1,
        required: ['DeviceID', 'NumberOfBlocks'],
      },
    ]),
    reserved('CIM_StorageAllocationSettingData', disks),
  ],
};
