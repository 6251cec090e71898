import { association } from '../provider/association.js';
import { filled, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { dualConfiguration, masked, settingId } from '../provider/pattern.js';
import { well } from './condition.js';
import { host } from './host.js';
import { hostNetworkPortSetting } from './host-network.js';
import {
  connectionOf,
  networkConnectionPool,
  networkPort,
  networkPortSetting,
  portProperties,
  portReads,
} from './network.js';

export const virtualSwitch = element('Xen_VirtualSwitch', 'network', {
  key: { form: 'system' },
  properties: {
    InstanceID: { calc: settingId },
    ElementName: 'name_label',
    Description: 'name_description',
    Caption: { value: 'Xen Virtual Ethernet Switch' },
    NameFormat: { value: 'Other' },
    Dedicated: { value: [label('Switch')] },
    CommunicationStatus: { value: label('Communication OK') },
    EnabledState: { value: label('Enabled') },
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    ...well,
  },
  setters: { ElementName: 'set_name_label', Description: 'set_name_description' },
});

export const switchSetting = element('Xen_VirtualSwitchSettingData', 'network', {
  reads: { uplinks: ['PIFs'], hosts: ['@host'] },
  key: { form: 'setting' },
  properties: {
    ElementName: 'name_label',
    Description: 'name_description',
    Caption: { value: 'Xen Virtual Ethernet Switch Settings' },
    VirtualSystemIdentifier: 'uuid',
    VirtualSystemType: { value: 'DMTF:Virtual Ethernet Switch' },
    AssociatedResourcePool: { calc: ({ uuid }) => [uuid] },
    HostInterface: { calc: (_network, { uplinks: [first] }) => first?.device },
    VLANConnection: { calc: (_network, { uplinks: [first] }) => connectionOf(first) },
    EVBMode: { value: label('VEB') },
    Shared: { calc: (_network, { uplinks, hosts }) => uplinks.length === hosts.length },
    Bridge: { field: 'bridge', as: filled },
    OtherConfig: {
      calc: ({ other_config }) => (Object.keys(other_config).length === 0 ? null : masked.read(other_config)),
    },
  },
  setters: { ElementName: 'set_name_label', Description: 'set_name_description', OtherConfig: { map: 'other_config' } },
});

export const switchPort = element('Xen_VirtualSwitchPort', 'VIF', {
  reads: portReads,
  key: { form: 'device', systemClass: 'Xen_VirtualSwitch', owner: 'network', suffix: 'uuid' },
  properties: portProperties,
});

const bridging = 'Transparent Bridging';

/** Every network of the pool is a bridge that learns addresses; how many it has learnt is not told. */
export const bridgingService = element('Xen_TransparentBridgingService', 'network', {
  key: { form: 'hosted', systemClass: 'Xen_VirtualSwitch', owner: 'self', name: bridging },
  properties: {
    ElementName: { value: bridging },
    Caption: { value: bridging },
    Description: 'name_label',
    ProtocolType: { value: label('Ethernet') },
    Started: { value: true },
    EnabledState: { value: label('Enabled') },
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    ...well,
  },
});

const endpoint = { ElementName: 'MAC', MACAddress: 'MAC', Caption: { value: 'LAN Endpoint' } } as const;

export const systemEndpoint = element('Xen_ComputerSystemLANEndpoint', 'VIF', {
  reads: { vm: ['VM'] },
  key: { form: 'endpoint', systemClass: 'Xen_ComputerSystem', owner: 'vm' },
  properties: endpoint,
});

export const switchEndpoint = element('Xen_VirtualSwitchLANEndpoint', 'VIF', {
  reads: { network: ['network'] },
  key: { form: 'endpoint', systemClass: 'Xen_VirtualSwitch', owner: 'network' },
  properties: endpoint,
});

export const switchAssociations = [
  association('Xen_HostedVirtualSwitch', ['Dependent', virtualSwitch], ['Antecedent', host], {
    first: [
      ['PIFs', 'host'],
      ['VIFs', 'VM', 'resident_on'],
      ['@pool', 'master'],
    ],
  }),
  association(
    'Xen_HostedTransparentBridgingService',
    ['Dependent', bridgingService],
    ['Antecedent', virtualSwitch],
    [],
  ),
  dualConfiguration('Xen_VirtualSwitchElementSettingData', switchSetting, () => true),
  association(
    'Xen_VirtualSwitchPortSettingsDefineState',
    ['ManagedElement', switchPort],
    ['SettingData', networkPortSetting],
    [],
  ),
  association(
    'Xen_VirtualSwitchVirtualSwitchPort',
    ['PartComponent', switchPort],
    ['GroupComponent', virtualSwitch],
    ['network'],
  ),
  association(
    'Xen_VirtualSwitchSettingsDefineState',
    ['ManagedElement', virtualSwitch],
    ['SettingData', switchSetting],
    [],
  ),
  association(
    'Xen_VirtualSwitchSettingDataComponent',
    ['PartComponent', hostNetworkPortSetting],
    ['GroupComponent', switchSetting],
    ['network'],
  ),
  association(
    'Xen_HostedNetworkConnectionPool',
    ['PartComponent', networkConnectionPool],
    ['GroupComponent', virtualSwitch],
    [],
  ),
  association('Xen_HostedNetworkPort', ['Dependent', networkPort], ['Antecedent', switchPort], []),
  association('Xen_ActiveConnection', ['Antecedent', systemEndpoint], ['Dependent', switchEndpoint], []),
  association('Xen_NetworkPortSAPImplementation', ['Antecedent', networkPort], ['Dependent', systemEndpoint], []),
  association('Xen_VirtualSwitchPortSAPImplementation', ['Antecedent', switchPort], ['Dependent', switchEndpoint], []),
];
