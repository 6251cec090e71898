import { type Association, association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { type AnyElement, element } from '../provider/element.js';
import { host } from './host.js';
import { memoryPool } from './memory.js';
import { networkConnectionPool } from './network.js';
import { processorPool } from './processor.js';
import { storagePool } from './storage.js';
import { virtualSwitch } from './switch.js';
import { system } from './system.js';

/** A profile as earlier providers registered it in root/cimv2: one class each, under a name of its own. */
const profile = (stem: string, id: string, name: string) =>
  element(`Xen_Registered${stem}`, 'pool', {
    key: { form: 'listed', keys: { InstanceID: () => `Xen:${id}` } },
    properties: {
      ElementName: { value: name },
      SpecificationType: { value: label('Profile') },
      RegisteredOrganization: { value: label('DMTF') },
      RegisteredName: { value: name },
      RegisteredVersion: { value: '1.0.0' },
      AdvertiseTypes: { value: [label('SLP')] },
    },
  });

const virtualization = profile('SystemVirtualizationProfile', 'SystemVirtualizationProfile', 'System Virtualization');
const virtualSystem = profile('VirtualSystemProfile', 'VirtualSystemProfile', 'Virtual System Profile');
const genericDevice = profile(
  'GenericDeviceAllocationProfile',
  'GenericDeviceAllocationProfile',
  'Generic Device Allocation Profile',
);
const memory = profile('MemoryAllocationProfile', 'MemoryAllocationProfile', 'Memory Allocation Profile');
const processor = profile('ProcessorAllocationProfile', 'ProcessorAllocationProfile', 'Processor Allocation Profile');
const storage = profile(
  'StorageVirtualizationProfile',
  'StorageResourceVirtualizationProfile',
  'Storage Resource Virtualization Profile',
);
const ethernet = profile(
  'EthernetPortVirtualizationProfile',
  'EthernetPortResourceVirtualizationProfile',
  'Ethernet Port Resource Virtualization Profile',
);

export const oldProfiles = [virtualization, virtualSystem, genericDevice, memory, processor, storage, ethernet];

/** System Virtualization stands as the Antecedent here, the other way round than in the DMTF's schema (decisions.md 29). */
const referenced = (cim: string, to: AnyElement): Association =>
  association(cim, ['Antecedent', virtualization], ['Dependent', to], 'every');

const conforms = (cim: string, standard: AnyElement, row: AnyElement): Association =>
  association(cim, ['ConformantStandard', standard], ['ManagedElement', row], 'every');

export const oldProfileAssociations = [
  referenced('Xen_ReferencedProcessorAllocationProfile', processor),
  referenced('Xen_ReferencedMemoryAllocationProfile', memory),
  referenced('Xen_ReferencedGenericDeviceAllocationProfile', genericDevice),
  referenced('Xen_ReferencedStorageVirtualizationProfile', storage),
  referenced('Xen_ReferencedEthernetPortVirtualizationProfile', ethernet),
  conforms('Xen_ElementConformsToSystemVirtualizationProfile', virtualization, host),
  conforms('Xen_ElementConformsToVirtualSystemProfile', virtualSystem, system),
  conforms('Xen_ElementConformsToStorageVirtualizationProfile', storage, host),
  conforms('Xen_ElementConformsToEthernetPortVirtualizationProfile', ethernet, virtualSwitch),
  conforms('Xen_ResourcePoolConformsToProcessorAllocationProfile', processor, processorPool),
  conforms('Xen_ResourcePoolConformsToMemoryAllocationProfile', memory, memoryPool),
  conforms('Xen_ResourcePoolConformsToStorageVirtualizationProfile', storage, storagePool),
  conforms('Xen_ResourcePoolConformsToEthernetPortVirtualizationProfile', ethernet, networkConnectionPool),
];
