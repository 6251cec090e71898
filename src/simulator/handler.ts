import { eventHandlers } from './event.js';
import { bondHandlers } from './operation/bond.js';
import { hostHandlers } from './operation/host.js';
import { messageHandlers } from './operation/message.js';
import { networkHandlers } from './operation/network.js';
import { pbdHandlers } from './operation/pbd.js';
import { pifHandlers } from './operation/pif.js';
import { plainHandlers } from './operation/plain.js';
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
import { vmPowerHandlers } from './operation/vm-power.js';
import { vmProvisionHandlers } from './operation/vm-provision.js';
import { vmRevertHandlers } from './operation/vm-revert.js';
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
  ...vmPowerHandlers,
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
};
