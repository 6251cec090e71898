import { affects, capable, hosted, service, serviceCapabilities } from './pool-service.js';
import { storagePool } from './storage.js';

export const storageService = service(
  'Xen_StoragePoolManagementService',
  'XenServer SR Management Service',
  'Creates, detaches and destroys storage repositories and the images in them',
);

/** No method is listed that does not work (decisions.md 33). */
export const storageServiceCapabilities = serviceCapabilities(
  'Xen_StoragePoolManagementCapabilities',
  'How storage repositories can be managed',
  { SynchronousMethodsSupported: { value: [] }, AsynchronousMethodsSupported: { value: [] } },
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
