import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { refuse } from '../failure.js';
import type { Call, HandlerTable, World } from '../world.js';
import { during, spend } from './during.js';
import { assertPlugged, cloneImage, copyImage } from './image.js';
import { imageWork } from './vdi.js';
import { disksOf, duplicate, type Manner } from './vm-duplicate.js';
import { onVm } from './vm-power.js';
import { tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];
const none = NULL_REF as Ref<never>;

const notCloned: ReadonlySet<string> = new Set(['default_template', 'xensource_internal']);

/** What a clone or a copy has of its own (facts 5.3). */
function cloneFields(world: World, from: Machine, name_label: string): Partial<Machine> {
  const kept = Object.fromEntries(Object.entries(from.other_config).filter(([key]) => !notCloned.has(key)));
  const base: Record<string, string> = from.is_a_template ? { base_template_name: from.name_label } : {};
  return {
    name_label,
    power_state: from.power_state === 'Suspended' ? 'Suspended' : 'Halted',
    is_a_snapshot: false,
    snapshot_of: none,
    snapshot_time: EPOCH,
    snapshot_info: {},
    snapshot_metadata: '',
    parent: none,
    appliance: none,
    protection_policy: none,
    snapshot_schedule: none,
    ha_always_run: false,
    ha_restart_priority: '',
    generation_id: `${world.ids.next()}:${world.ids.next()}`,
    other_config: { ...kept, ...base, mac_seed: world.ids.uuid() },
  };
}

/** Makes a machine of its own after another one (facts 5.3). */
function make(call: Call, vm: Vm, name: string, operation: 'clone' | 'copy', image: Manner['image']): Promise<Vm> {
  const { world } = call;
  const works = disksOf(world, world.db.need('VM', vm)).map((vdi) => imageWork(world, vdi, operation));
  const body = async (): Promise<Vm> => {
    await spend(call, true);
    const from = world.db.need('VM', vm);
    const manner = { image, sameAddresses: false, withMemory: from.power_state === 'Suspended' };
    const made = duplicate(world, vm, cloneFields(world, from, name), manner);
    tellOf(world, made, 'VM_CLONED', `was ${operation === 'clone' ? 'cloned' : 'copied'} from '${from.name_label}'`);
    return made;
  };
  return onVm(call, vm, operation, () => during(call, works, body));
}

const clone = (call: Call, vm: Vm, name: string): Promise<Vm> =>
  make(call, vm, name, 'clone', (vdi) => cloneImage(call.world, vdi));

/** XenAPI VM.copy: whole images, on a repository or each on its own; libraries of media take none (facts 5.3). */
function copy(call: Call, vm: Vm, name: string, sr: Ref<'SR'>): Promise<Vm> {
  const { world } = call;
  if (sr !== NULL_REF) {
    if (world.db.need('SR', sr).content_type === 'iso')
      refuse('OPERATION_NOT_ALLOWED', 'Cannot copy disks to an ISO SR');
    assertPlugged(world, sr);
  }
  return make(call, vm, name, 'copy', (vdi) =>
    copyImage(world, vdi, sr === NULL_REF ? world.db.need('VDI', vdi).SR : sr),
  );
}

/** The messages that make machines from machines (facts 5.3). */
export const vmCopyHandlers: HandlerTable = {
  'VM.clone': clone,
  'VM.copy': copy,
};
