import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { blank } from '../record.js';
import type { World } from '../world.js';
import { refreshMachine } from './allowed.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];
const none = NULL_REF as Ref<never>;

/** How the devices of a copy come from those of the machine. */
export interface Manner {
  /** The image of a disk's copy; undefined leaves the disk out. */
  readonly image: (vdi: Ref<'VDI'>) => Ref<'VDI'> | undefined;
  /** Whether interfaces keep their addresses. */
  readonly sameAddresses: boolean;
}

function copyBlockDevices(world: World, from: Machine, to: Vm, { image }: Manner): void {
  for (const ref of from.VBDs) {
    const vbd = world.db.need('VBD', ref);
    const isDisk = vbd.type !== 'CD' && !vbd.empty;
    const VDI = isDisk ? image(vbd.VDI) : vbd.VDI;
    if (VDI === undefined) continue;
    const metrics = world.ids.ref() as Ref<'VBD_metrics'>;
    world.db.insert('VBD_metrics', metrics, blank('VBD_metrics', { uuid: world.ids.uuid() }));
    const own = {
      uuid: world.ids.uuid(),
      VM: to,
      VDI,
      metrics,
      device: '',
      currently_attached: false,
      current_operations: {},
    };
    const other_config = isDisk ? { ...vbd.other_config, owner: '' } : vbd.other_config;
    world.db.insert('VBD', world.ids.ref(), { ...vbd, ...own, other_config });
  }
}

function copyInterfaces(world: World, from: Machine, to: Vm, { sameAddresses }: Manner): void {
  for (const ref of from.VIFs) {
    const vif = world.db.need('VIF', ref);
    const metrics = world.ids.ref() as Ref<'VIF_metrics'>;
    world.db.insert('VIF_metrics', metrics, blank('VIF_metrics', { uuid: world.ids.uuid() }));
    const own = { uuid: world.ids.uuid(), VM: to, metrics, currently_attached: false, current_operations: {} };
    world.db.insert('VIF', world.ids.ref(), { ...vif, ...own, MAC: sameAddresses ? vif.MAC : world.ids.mac() });
  }
}

/** A new machine's record and devices after another's: its metrics are new, nothing leads back to it yet. */
export function duplicate(world: World, vm: Vm, changes: Partial<Machine>, manner: Manner): Vm {
  const from = world.db.need('VM', vm);
  const ref = world.ids.ref() as Vm;
  const metrics = world.ids.ref() as Ref<'VM_metrics'>;
  const install_time = world.db.get('VM_metrics', from.metrics)?.install_time ?? EPOCH;
  world.db.insert(
    'VM_metrics',
    metrics,
    blank('VM_metrics', { uuid: world.ids.uuid(), install_time, last_updated: world.clock.text() }),
  );
  world.db.insert('VM', ref, {
    ...from,
    uuid: world.ids.uuid(),
    current_operations: {},
    VBDs: [],
    VIFs: [],
    VTPMs: [],
    VGPUs: [],
    VUSBs: [],
    consoles: [],
    crash_dumps: [],
    snapshots: [],
    children: [],
    blobs: {},
    resident_on: none,
    scheduled_to_be_resident_on: none,
    guest_metrics: none,
    domid: -1n,
    memory_target: 0n,
    is_default_template: false,
    metrics,
    ...changes,
  });
  const agent = world.agents.get(vm);
  if (agent !== undefined) world.agents.set(ref, agent);
  copyBlockDevices(world, from, ref, manner);
  copyInterfaces(world, from, ref, manner);
  refreshMachine(world, ref);
  return ref;
}
