import { label } from '../provider/codec.js';
import { affects, capable, hosted, service, serviceCapabilities } from './pool-service.js';
import { storagePool } from './storage.js';

export const storageService = service(
  'Xen_StoragePoolManagementService',
  'XenServer SR Management Service',
  'Creates, detaches and destroys storage repositories and the images in them',
);

/** The methods that work, each under the text of its code (decisions.md 33). */
const supported = (...names: readonly string[]) => ({ value: names.map((name) => label(`${name} is supported`)) });

export const storageServiceCapabilities = serviceCapabilities(
  'Xen_StoragePoolManagementCapabilities',
  'How storage repositories can be managed',
  {
    SynchronousMethodsSupported: supported(
      'DeleteResourcePool',
      'CreateStoragePool',
      'DetachStoragePool',
      'CreateDiskImage',
      'DeleteDiskImage',
      'DiscoveriSCSITargetInfo',
    ),
    AsynchronousMethodsSupported: supported(
      'DeleteResourcePool',
      'CreateStoragePool',
      'ConnectToDiskImage',
      'DisconnectFromDiskImage',
    ),
  },
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
