import { label } from '../provider/codec.js';
import { affects, capable, hosted, service, serviceCapabilities } from './pool-service.js';
import { system } from './system.js';

export const migrationService = service(
  'Xen_VirtualSystemMigrationService',
  'Xen Migration Service',
  'Moves running virtual systems from host to host',
);

/** No method is listed that does not work (decisions.md 33). */
export const migrationCapabilities = serviceCapabilities(
  'Xen_VirtualSystemMigrationCapabilities',
  'How virtual systems can be migrated',
  {
    SynchronousMethodsSupported: {
      value: [
        label('CheckVirtualSystemIsMigratableToHostSupported'),
        label('CheckVirtualSystemIsMigratableToSystemSupported'),
      ],
    },
    AsynchronousMethodsSupported: {
      value: [label('MigrateVirtualSystemToHostSupported'), label('MigrateVirtualSystemToSystemSupported')],
    },
    DestinationHostFormatsSupported: {
      value: [
        label('DomainNameFormatSupported'),
        label('IPv4DottedDecimalFormatSupported'),
        label('IPv6TextFormatSupported'),
      ],
    },
  },
);

export const migrationAssociations = [
  hosted('Xen_HostedVirtualSystemMigrationService', migrationService),
  capable('Xen_VirtualSystemMigrationServiceCapabilities', migrationService, migrationCapabilities),
  affects(
    'Xen_VirtualSystemMigrationServiceAffectsComputerSystem',
    migrationService,
    system,
    'Moves the system to another host',
  ),
];
