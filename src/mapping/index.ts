import type { Rows } from '../provider/binding.js';
import { host, hostAssociations, hostCapabilities, hostMemory, hostProcessor } from './host.js';
import { memory, memoryAssociations, memoryPool, memorySetting } from './memory.js';
import { hostPool, poolAssociations } from './pool.js';
import { processor, processorAssociations, processorPool, processorSetting } from './processor.js';
import { settingAssociations, snapshot, systemSetting, template } from './setting.js';
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
  ],
  associations: [
    ...hostAssociations,
    ...poolAssociations,
    ...systemAssociations,
    ...settingAssociations,
    ...processorAssociations,
    ...memoryAssociations,
  ],
};
