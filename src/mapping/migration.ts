import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { affects, capable, hosted, methodLists, service, serviceCapabilities } from './pool-service.js';
import { system } from './system.js';

export const migrationService = service(
  'Xen_VirtualSystemMigrationService',
  'Xen Migration Service',
  'Moves running virtual systems from host to host',
);

export const migrationCapabilities = serviceCapabilities(
  'Xen_VirtualSystemMigrationCapabilities',
  'How virtual systems can be migrated',
  {
    ...methodLists('Xen_VirtualSystemMigrationCapabilities'),
    DestinationHostFormatsSupported: {
      value: [
        label('DomainNameFormatSupported'),
        label('IPv4DottedDecimalFormatSupported'),
        label('IPv6TextFormatSupported'),
      ],
    },
  },
);

/** By which a machine is moved unless a call says otherwise: live, by the hosts themselves (DSP1081). */
export const migrationSetting = element('Xen_VirtualSystemMigrationSettingData', 'pool', {
  key: { form: 'listed', keys: { InstanceID: () => 'Xen:VirtualSystemMigration' } },
  properties: {
    ElementName: { value: 'Default migration settings' },
    Caption: { value: 'Default migration settings' },
    Description: { value: 'Running systems are moved as they run' },
    MigrationType: { value: label('Live') },
    Priority: { value: 0 },
    TransportType: {
      calc: ({ tls_verification_enabled: verified }) => label(verified ? 'TLS Strict' : 'Unknown'),
      labels: ['TLS Strict', 'Unknown'],
    },
  },
});

export const migrationAssociations = [
  association(
    'Xen_VirtualSystemMigrationSettingsDefineCapabilities',
    ['PartComponent', migrationSetting],
    ['GroupComponent', migrationCapabilities],
    [],
    {
      properties: {
        PropertyPolicy: { value: label('Independent') },
        ValueRole: { value: label('Default') },
        ValueRange: { value: label('Point') },
      },
    },
  ),
  association(
    'Xen_VirtualSystemMigrationElementSettingData',
    ['SettingData', migrationSetting],
    ['ManagedElement', migrationService],
    [],
    {
      properties: {
        IsDefault: { value: label('Is Default') },
        IsNext: { value: label('Is Next') },
        IsCurrent: { value: label('Is Current') },
      },
    },
  ),
  hosted('Xen_HostedVirtualSystemMigrationService', migrationService),
  capable('Xen_VirtualSystemMigrationServiceCapabilities', migrationService, migrationCapabilities),
  affects(
    'Xen_VirtualSystemMigrationServiceAffectsComputerSystem',
    migrationService,
    system,
    'Moves the system to another host',
  ),
];
