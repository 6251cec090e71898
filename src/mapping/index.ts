import type { Rows } from '../provider/binding.js';
import { disk, diskAssociations, diskDrive, diskSetting } from './disk.js';
import { host, hostAssociations, hostCapabilities, hostMemory, hostProcessor } from './host.js';
import { hostNetworkAssociations, hostNetworkPort, hostNetworkPortSetting } from './host-network.js';
import { memory, memoryAssociations, memoryPool, memorySetting } from './memory.js';
import { networkAssociations, networkConnectionPool, networkPort, networkPortSetting } from './network.js';
import { hostPool, poolAssociations } from './pool.js';
import { processor, processorAssociations, processorPool, processorSetting } from './processor.js';
import { settingAssociations, snapshot, systemSetting, template } from './setting.js';
import { diskImage, storageAssociations, storagePool } from './storage.js';
import {
  switchAssociations,
  switchEndpoint,
  switchPort,
  switchSetting,
  systemEndpoint,
  virtualSwitch,
} from './switch.js';
import { system, systemAssociations, systemCapabilities } from './system.js';

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
    switchSetting,
    switchPort,
    systemEndpoint,
    switchEndpoint,
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
  ],
};
