import { association } from '../provider/association.js';
import { labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { hostNetworkPort } from './host-network.js';

export const sriovSetting = element('Xen_HostNetworkPortSRIOVSettingData', 'network_sriov', {
  reads: { port: ['physical_PIF'], host: ['physical_PIF', 'host'], logical: ['logical_PIF', 'network'] },
  key: { form: 'member', owner: 'host', suffix: 'uuid' },
  properties: {
    Caption: { value: 'SR-IOV settings of a network port of a Xen host' },
    ElementName: { calc: ({ uuid }, { port }) => (port ? `SR-IOV of ${port.device}` : uuid) },
    ConfigurationMode: {
      field: 'configuration_mode',
      as: labels({ sysfs: 'sysfs', modprobe: 'modprobe', manual: 'Manual', unknown: 'Unknown' }),
    },
    RequiresReboot: 'requires_reboot',
    VirtualSwitch: { from: 'logical', field: 'uuid' },
  },
});

export const sriovAssociations = [
  association(
    'Xen_HostNetworkPortSRIOVSettingsDefineState',
    ['SettingData', sriovSetting],
    ['ManagedElement', hostNetworkPort],
    ['physical_PIF'],
  ),
  association(
    'Xen_SRIOVNetworkPort',
    ['Dependent', hostNetworkPort],
    ['Antecedent', hostNetworkPort],
    ['sriov_logical_PIF_of', 'physical_PIF'],
  ),
];
