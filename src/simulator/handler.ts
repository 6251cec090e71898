import { eventHandlers } from './event.js';
import { applianceHandlers } from './operation/appliance.js';
import { attachmentHandlers } from './operation/attachment.js';
import { bondHandlers } from './operation/bond.js';
import { dataSourceHandlers } from './operation/data-source.js';
import { evacuationHandlers } from './operation/evacuation.js';
import { haHandlers } from './operation/ha.js';
import { hostHandlers } from './operation/host.js';
import { hostPowerHandlers } from './operation/host-power.js';
import { messageHandlers } from './operation/message.js';
import { networkHandlers } from './operation/network.js';
import { pbdHandlers } from './operation/pbd.js';
import { pifHandlers } from './operation/pif.js';
import { plainHandlers } from './operation/plain.js';
import { poolHandlers } from './operation/pool.js';
import { repositoryHandlers } from './operation/repository.js';
import { sessionHandlers } from './operation/session.js';
import { taskHandlers } from './operation/task.js';
import { vbdHandlers } from './operation/vbd.js';
import { vdiHandlers } from './operation/vdi.js';
import { vifHandlers } from './operation/vif.js';
import { vlanHandlers } from './operation/vlan.js';
import { vmHandlers } from './operation/vm.js';
import { vmCopyHandlers } from './operation/vm-copy.js';
import { vmDestroyHandlers } from './operation/vm-destroy.js';
import { vmMemoryHandlers } from './operation/vm-memory.js';
import { vmMigrateHandlers } from './operation/vm-migrate.js';
import { vmPowerHandlers } from './operation/vm-power.js';
import { vmProcessorHandlers } from './operation/vm-processor.js';
import { vmProvisionHandlers } from './operation/vm-provision.js';
import { vmRevertHandlers } from './operation/vm-revert.js';
import { vmSendHandlers } from './operation/vm-send.js';
import { vmSetterHandlers } from './operation/vm-setter.js';
import { vmSnapshotHandlers } from './operation/vm-snapshot.js';
import type { HandlerTable } from './world.js';

/** Every message that does more than its generated form, or that has none. A new one is a row of one of these tables. */
export const handlers: HandlerTable = {
  ...plainHandlers,
  ...sessionHandlers,
  ...eventHandlers,
  ...taskHandlers,
  ...messageHandlers,
  ...vmHandlers,
  ...vmMemoryHandlers,
  ...vmProcessorHandlers,
  ...vmSetterHandlers,
  ...vmPowerHandlers,
  ...vmMigrateHandlers,
  ...vmSendHandlers,
  ...vmCopyHandlers,
  ...vmSnapshotHandlers,
  ...vmRevertHandlers,
  ...vmProvisionHandlers,
  ...vmDestroyHandlers,
  ...vbdHandlers,
  ...vifHandlers,
  ...networkHandlers,
  ...pifHandlers,
  ...vlanHandlers,
  ...bondHandlers,
  ...vdiHandlers,
  ...pbdHandlers,
  ...repositoryHandlers,
  ...hostHandlers,
  ...hostPowerHandlers,
  ...evacuationHandlers,
  ...poolHandlers,
  ...haHandlers,
  ...applianceHandlers,
  ...attachmentHandlers,
  ...dataSourceHandlers,
};
