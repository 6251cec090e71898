import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { EPOCH } from '../default-value.js';
import { XenApiFailure } from '../failure.js';
import type { Call, HandlerTable, World } from '../world.js';
import { spend } from './during.js';
import { cloneImage, copyImage, removeImage, snapshotImage } from './image.js';
import { duplicate } from './vm-duplicate.js';
import { makeMemoryImage, onVm } from './vm-power.js';
import { tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Machine = Records['VM'];
const none = NULL_REF as Ref<never>;

const notCloned: ReadonlySet<string> = new Set(['default_template', 'xensource_internal']);

/** What a clone or a copy has of its own (facts 5.3). */
function cloneFields(
  world: World,
  { name_label, other_config, is_a_template }: Machine,
  name: string,
): Partial<Machine> {
  const kept = Object.fromEntries(Object.entries(other_config).filter(([key]) => !notCloned.has(key)));
  const base: Record<string, string> = is_a_template ? { base_template_name: name_label } : {};
  return {
    name_label: name,
    power_state: 'Halted',
    suspend_VDI: none,
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
    generation_id: `${world.ids.next()}:${world.ids.next()}`,
    other_config: { ...kept, ...base, mac_seed: world.ids.uuid() },
  };
}

/** ISO libraries hold no copies of disks (facts 5.3). */
function assertNoLibrary(world: World, sr: Ref<'SR'>): void {
  if (world.db.need('SR', sr).content_type === 'iso')
    throw new XenApiFailure('OPERATION_NOT_ALLOWED', "Cannot copy a VM's disks to an ISO SR");
}

const clone = (call: Call, vm: Vm, name: string): Promise<Vm> =>
  onVm(call, vm, 'clone', async () => {
    const { world } = call;
    await spend(call, true);
    const image = (vdi: Ref<'VDI'>) => cloneImage(world, vdi);
    const made = duplicate(world, vm, cloneFields(world, world.db.need('VM', vm), name), {
      image,
      sameAddresses: false,
    });
    tellOf(world, made, 'VM_CLONED', `was cloned from '${world.db.need('VM', vm).name_label}'`);
    return made;
  });

const copy = (call: Call, vm: Vm, name: string, sr: Ref<'SR'>): Promise<Vm> =>
  onVm(call, vm, 'copy', async () => {
    const { world } = call;
    if (sr !== NULL_REF) assertNoLibrary(world, sr);
    await spend(call, true);
    const image = (vdi: Ref<'VDI'>) => copyImage(world, vdi, sr === NULL_REF ? world.db.need('VDI', vdi).SR : sr);
    const made = duplicate(world, vm, cloneFields(world, world.db.need('VM', vm), name), {
      image,
      sameAddresses: false,
    });
    tellOf(world, made, 'VM_CLONED', `was copied from '${world.db.need('VM', vm).name_label}'`);
    return made;
  });

/** A machine as it is now; it becomes the machine's parent (facts 5.3). */
function capture(world: World, vm: Vm, name: string, left: readonly Ref<'VDI'>[], changes: Partial<Machine>): Vm {
  const of = world.db.need('VM', vm);
  const image = (vdi: Ref<'VDI'>) => (left.includes(vdi) ? undefined : snapshotImage(world, vdi));
  const made = duplicate(
    world,
    vm,
    {
      name_label: name,
      power_state: 'Halted',
      suspend_VDI: none,
      is_a_snapshot: true,
      is_a_template: true,
      snapshot_of: vm,
      snapshot_time: world.clock.text(),
      snapshot_info: { 'power-state-at-snapshot': of.power_state, 'disk-snapshot-type': 'crash_consistent' },
      snapshot_metadata: `(('uuid' '${of.uuid}')('name_label' '${of.name_label}')('power_state' '${of.power_state}'))`,
      appliance: none,
      ha_always_run: false,
      ...changes,
    },
    { image, sameAddresses: true },
  );
  world.db.update('VM', vm, { parent: made });
  return made;
}

const snapshot = (call: Call, vm: Vm, name: string, left: readonly Ref<'VDI'>[]): Promise<Vm> =>
  onVm(call, vm, 'snapshot', async () => {
    await spend(call, true);
    const made = capture(call.world, vm, name, left, {});
    tellOf(call.world, vm, 'VM_SNAPSHOTTED', `was snapshotted as '${name}'`);
    return made;
  });

const checkpoint = (call: Call, vm: Vm, name: string): Promise<Vm> =>
  onVm(call, vm, 'checkpoint', async () => {
    const { world } = call;
    const suspend_VDI = makeMemoryImage(world, vm);
    try {
      await spend(call, true);
    } catch (error) {
      removeImage(world, suspend_VDI);
      throw error;
    }
    const made = capture(world, vm, name, [], { power_state: 'Suspended', suspend_VDI });
    tellOf(world, vm, 'VM_CHECKPOINTED', `was checkpointed as '${name}'`);
    return made;
  });

/** Removes a machine's record and what belongs to it, but never its images; its children get its parent (facts 5.3). */
function dissolve(world: World, ref: Vm): void {
  const vm = world.db.need('VM', ref);
  for (const child of vm.children) world.db.update('VM', child, { parent: vm.parent });
  for (const vbd of vm.VBDs) {
    world.db.remove('VBD_metrics', world.db.need('VBD', vbd).metrics);
    world.db.remove('VBD', vbd);
  }
  for (const vif of vm.VIFs) {
    world.db.remove('VIF_metrics', world.db.need('VIF', vif).metrics);
    world.db.remove('VIF', vif);
  }
  for (const each of vm.VGPUs) world.db.remove('VGPU', each);
  for (const each of vm.VUSBs) world.db.remove('VUSB', each);
  for (const each of vm.VTPMs) world.db.remove('VTPM', each);
  for (const each of vm.consoles) world.db.remove('console', each);
  world.db.remove('VM_metrics', vm.metrics);
  world.db.remove('VM_guest_metrics', vm.guest_metrics);
  world.db.remove('VM', ref);
  world.agents.delete(ref);
}

async function destroy(call: Call, vm: Vm): Promise<void> {
  const { is_default_template, other_config } = call.world.db.need('VM', vm);
  if (is_default_template && other_config['default_template'] === 'true')
    throw new XenApiFailure('VM_CANNOT_DELETE_DEFAULT_TEMPLATE');
  await onVm(call, vm, 'destroy', async () => {
    await spend(call);
    dissolve(call.world, vm);
  });
}

/** The messages that make machines from machines, and that take them away (facts 5.3). */
export const vmCopyHandlers: HandlerTable = {
  'VM.clone': clone,
  'VM.copy': copy,
  'VM.snapshot': snapshot,
  'VM.checkpoint': checkpoint,
  'VM.destroy': destroy,
};
