import { imageMethods, imageWriter } from './disk-image.js';
import { transferMethods } from './image-transfer.js';
import type { MethodTable, WriterTable } from './method.js';
import { resourcePoolMethods } from './resource-pool.js';
import { storagePoolMethods } from './storage-pool.js';
import { discoverTargets } from './storage-probe.js';

/** The service that manages repositories and images (CIM_ResourcePoolConfigurationService, DSP1041, DSP1047). */
export const storageMethods: MethodTable = {
  Xen_StoragePoolManagementService: {
    ...imageMethods,
    ...resourcePoolMethods,
    ...storagePoolMethods,
    ...transferMethods,
    DiscoveriSCSITargetInfo: discoverTargets,
  },
};

export const storageWriters: WriterTable = { Xen_DiskImage: imageWriter };
