import { capable, given, hosted, pool, reserved, setting } from './resource.js';
import type { ProfileSpec, Tie } from './walk.js';

const connections = [...setting, 'Address', 'DesiredVLANEndpointMode'];

const endpoint: Tie = {
  filter: {
    AssocClass: 'CIM_DeviceSAPImplementation',
    ResultClass: 'CIM_LANEndpoint',
    Role: 'Antecedent',
    ResultRole: 'Dependent',
  },
  count: 1,
  required: ['Name', 'SystemName', 'MACAddress'],
};

export const dsp1050: ProfileSpec = {
  document: 'DSP1050',
  registeredName: 'Ethernet Port Resource Virtualization',
  version: '1.0.0',
  references: ['Profile Registration', 'Resource Allocation', 'Allocation Capabilities'],
  central: ['Xen_NetworkConnectionPool'],
  required: [...pool, 'Capacity', 'Reserved'],
  ties: [
    hosted,
    capable,
    given('CIM_EthernetPort', 'CIM_EthernetPortAllocationSettingData', connections, [
      {
        ...endpoint,
        onward: [
          {
            filter: {
              AssocClass: 'CIM_ActiveConnection',
              ResultClass: 'CIM_LANEndpoint',
              Role: 'Antecedent',
              ResultRole: 'Dependent',
            },
            count: 1,
            required: ['Name', 'SystemName', 'MACAddress'],
          },
        ],
      },
      {
        filter: {
          AssocClass: 'CIM_HostedDependency',
          ResultClass: 'CIM_EthernetPort',
          Role: 'Dependent',
          ResultRole: 'Antecedent',
        },
        count: 1,
        required: ['DeviceID', 'PermanentAddress', 'EnabledState'],
        onward: [endpoint],
      },
    ]),
    reserved('CIM_EthernetPortAllocationSettingData', connections),
  ],
};
