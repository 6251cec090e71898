import { affects, capable, hosted, methodLists, service, serviceCapabilities } from './pool-service.js';
import { storagePool } from './storage.js';

export const storageService = service(
  'Xen_StoragePoolManagementService',
  'XenServer SR Management Service',
  'Creates, detaches and destroys storage repositories and the images in them',
);

export const storageServiceCapabilities = serviceCapabilities(
  'Xen_StoragePoolManagementCapabilities',
  'How storage repositories can be managed',
  methodLists('Xen_StoragePoolManagementCapabilities'),
);

export const storageServiceAssociations = [
  hosted('Xen_HostedStoragePoolManagementService', storageService),
  capable('Xen_StoragePoolManagementServiceCapabilities', storageService, storageServiceCapabilities),
  affects(
    'Xen_StoragePoolManagementServiceAffectsStoragePool',
    storageService,
    storagePool,
    'Creates, detaches and destroys the repository and its images',
  ),
];
