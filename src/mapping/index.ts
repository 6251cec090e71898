import type { Rows } from '../provider/binding.js';
import { alertAssociations, logEntry, recordLog } from './alert.js';
import {
  allocationAssociations,
  memoryCapabilities,
  memoryLimit,
  networkCapabilities,
  networkLimit,
  processorCapabilities,
  processorLimit,
  storageCapabilities,
  storageLimit,
} from './allocation.js';
import { appliance, availabilityAssociations, poolAvailability, systemAvailability } from './availability.js';
import { capabilityAssociations, virtualizationCapabilities } from './capability.js';
import { conformanceAssociations } from './conformance.js';
import { consoleAssociations, consoleSetting, machineConsole } from './console.js';
import {
  consoleAccessAssociations,
  consoleService,
  consoleServiceCapabilities,
  screenAccess,
  terminalAccess,
} from './console-access.js';
import { deviceAllocationAssociations, graphicsLimit, usbCapabilities, usbLimit } from './device-allocation.js';
import { disk, diskAssociations, diskDrive, diskSetting } from './disk.js';
import { endpointAssociations, guestAddress, hostAddress, hostLanEndpoint, remoteAccessPoint } from './endpoint.js';
import {
  display,
  displaySetting,
  graphicsAssociations,
  graphicsCapabilities,
  graphicsPool,
  hostDisplay,
} from './graphics.js';
import { hardwareVirtualization, hardwareVirtualizationAssociations } from './hardware-virtualization.js';
import { host, hostAssociations, hostCapabilities, hostMemory, hostProcessor } from './host.js';
import { hostNetworkAssociations, hostNetworkPort, hostNetworkPortSetting } from './host-network.js';
import { communicationMechanism, interopAssociations, managementServer, namespace, objectManager } from './interop.js';
import { jobAssociations, jobs } from './job.js';
import { jobDestination, jobDestinationAssociations, jobSetting } from './job-destination.js';
import { keyValuePair, keyValuePairAssociations, keyValuePairSetting } from './key-value-pair.js';
import { memory, memoryAssociations, memoryPool, memorySetting } from './memory.js';
import { memoryState, memoryStateAssociations } from './memory-state.js';
import { hostMetricAssociations, hostMetrics } from './metric-host.js';
import { machineMetricAssociations, machineMetrics } from './metric-machine.js';
import { poolMetricAssociations, poolMetrics } from './metric-pool.js';
import { metricServiceAssociations } from './metric-service.js';
import { migrationAssociations, migrationCapabilities, migrationService, migrationSetting } from './migration.js';
import { networkAssociations, networkConnectionPool, networkPort, networkPortSetting } from './network.js';
import { oldProfileAssociations, oldProfiles } from './old-profile.js';
import { guestOperatingSystem, hostOperatingSystem, operatingSystemAssociations } from './operating-system.js';
import { pciAssociations, pciDevice } from './pci.js';
import { baseboard, biosElement, chassis, physicalAssociations } from './physical.js';
import { hostPool, poolAssociations } from './pool.js';
import { processor, processorAssociations, processorPool, processorSetting } from './processor.js';
import { profileAssociations, registeredProfile } from './profile.js';
import { rowless } from './rowless.js';
import { securityAssociations, trustedModule, trustedModuleSetting } from './security.js';
import {
  metricService,
  metricServiceCapabilities,
  serviceAssociations,
  switchService,
  switchServiceCapabilities,
  systemService,
  systemServiceCapabilities,
} from './service.js';
import { settingAssociations, snapshot, systemSetting, template } from './setting.js';
import {
  snapshotAssociations,
  snapshotCapabilities,
  snapshotService,
  snapshotServiceCapabilities,
} from './snapshot.js';
import { guestTools, hostSoftware, poolUpdate, softwareAssociations } from './software.js';
import { sriovAssociations, sriovSetting } from './sriov.js';
import { diskImage, storageAssociations, storagePool } from './storage.js';
import { storageConnection, storageConnectionAssociations } from './storage-connection.js';
import { storageService, storageServiceAssociations, storageServiceCapabilities } from './storage-service.js';
import {
  bridgingService,
  switchAssociations,
  switchEndpoint,
  switchPort,
  switchSetting,
  systemEndpoint,
  virtualSwitch,
} from './switch.js';
import { system, systemAssociations, systemCapabilities } from './system.js';
import { hostUsb, usbAssociations, usbDevice, usbPool, usbSetting } from './usb.js';

/** Everything that the bridge maps, subject by subject. */
export const rows: Rows = {
  elements: [
    host,
    hostCapabilities,
    hostMemory,
    hostProcessor,
    hostPool,
    system,
    systemCapabilities,
    systemSetting,
    template,
    snapshot,
    processor,
    processorSetting,
    processorPool,
    memory,
    memorySetting,
    memoryPool,
    storagePool,
    diskImage,
    disk,
    diskDrive,
    diskSetting,
    networkPort,
    networkPortSetting,
    networkConnectionPool,
    hostNetworkPort,
    hostNetworkPortSetting,
    virtualSwitch,
    bridgingService,
    switchSetting,
    switchPort,
    systemEndpoint,
    switchEndpoint,
    machineConsole,
    consoleSetting,
    screenAccess,
    terminalAccess,
    consoleService,
    consoleServiceCapabilities,
    keyValuePair,
    keyValuePairSetting,
    memoryState,
    memoryCapabilities,
    memoryLimit,
    processorCapabilities,
    processorLimit,
    storageCapabilities,
    storageLimit,
    networkCapabilities,
    networkLimit,
    graphicsLimit,
    usbCapabilities,
    usbLimit,
    virtualizationCapabilities,
    systemService,
    systemServiceCapabilities,
    switchService,
    switchServiceCapabilities,
    metricService,
    metricServiceCapabilities,
    storageService,
    storageServiceCapabilities,
    migrationService,
    migrationCapabilities,
    migrationSetting,
    ...jobs,
    jobDestination,
    jobSetting,
    snapshotService,
    snapshotServiceCapabilities,
    snapshotCapabilities,
    guestOperatingSystem,
    hostOperatingSystem,
    hostSoftware,
    guestTools,
    poolUpdate,
    chassis,
    baseboard,
    biosElement,
    hardwareVirtualization,
    guestAddress,
    hostAddress,
    hostLanEndpoint,
    remoteAccessPoint,
    pciDevice,
    sriovSetting,
    hostDisplay,
    graphicsPool,
    graphicsCapabilities,
    display,
    displaySetting,
    hostUsb,
    usbPool,
    usbDevice,
    usbSetting,
    trustedModule,
    trustedModuleSetting,
    systemAvailability,
    poolAvailability,
    appliance,
    recordLog,
    logEntry,
    storageConnection,
    ...machineMetrics,
    ...hostMetrics,
    ...poolMetrics,
    ...oldProfiles,
    managementServer,
    objectManager,
    namespace,
    communicationMechanism,
    registeredProfile,
  ],
  associations: [
    ...hostAssociations,
    ...poolAssociations,
    ...systemAssociations,
    ...settingAssociations,
    ...processorAssociations,
    ...memoryAssociations,
    ...storageAssociations,
    ...diskAssociations,
    ...networkAssociations,
    ...hostNetworkAssociations,
    ...switchAssociations,
    ...consoleAssociations,
    ...consoleAccessAssociations,
    ...keyValuePairAssociations,
    ...memoryStateAssociations,
    ...allocationAssociations,
    ...deviceAllocationAssociations,
    ...capabilityAssociations,
    ...serviceAssociations,
    ...storageServiceAssociations,
    ...migrationAssociations,
    ...jobAssociations,
    ...jobDestinationAssociations,
    ...snapshotAssociations,
    ...operatingSystemAssociations,
    ...softwareAssociations,
    ...physicalAssociations,
    ...hardwareVirtualizationAssociations,
    ...endpointAssociations,
    ...pciAssociations,
    ...sriovAssociations,
    ...graphicsAssociations,
    ...usbAssociations,
    ...securityAssociations,
    ...availabilityAssociations,
    ...alertAssociations,
    ...storageConnectionAssociations,
    ...machineMetricAssociations,
    ...hostMetricAssociations,
    ...poolMetricAssociations,
    ...metricServiceAssociations,
    ...oldProfileAssociations,
    ...interopAssociations,
    ...profileAssociations,
    ...conformanceAssociations,
  ],
  rowless,
};
