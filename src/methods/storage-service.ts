import { imageMethods, imageWriter } from './disk-image.js';
import type { MethodTable, WriterTable } from './method.js';

/** The service that manages repositories and images (CIM_ResourcePoolConfigurationService, DSP1041, DSP1047). */
export const storageMethods: MethodTable = {
  Xen_StoragePoolManagementService: { ...imageMethods },
};

export const storageWriters: WriterTable = { Xen_DiskImage: imageWriter };
