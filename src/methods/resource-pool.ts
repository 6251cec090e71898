import { declined } from './declined.js';

/*
 * Of the resource pools of DSP1041, those of processors and memory are the hosts, and those of network ports the
 * networks: they come and go with these. Storage repositories are made and taken away (CreateStoragePool,
 * DeleteResourcePool), of storage and not of devices that a client can name, and none is a part of another.
 */

const noDevices = 'pools are not made of single devices: CreateStoragePool makes one of storage';
const whole =
  'a pool has what its host, its network or its storage has: devices are neither added to it nor taken away';
const noChildren = 'no pool is part of another: images are made in a storage repository itself (CreateDiskImage)';

export const resourcePoolMethods = {
  CreateResourcePool: declined(noDevices),
  AddResourcesToResourcePool: declined(whole),
  RemoveResourcesFromResourcePool: declined(whole),
  CreateChildResourcePool: declined(noChildren),
  ChangeParentResourcePool: declined(noChildren),
} as const;
