import type { Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh } from './allowed.js';
import { spend } from './during.js';
import { onVm } from './vm-power.js';

type Vm = Ref<'VM'>;

/** Takes a machine's block devices away; the images that they showed stay. */
export function removeBlockDevices(world: World, ref: Vm): void {
  for (const each of world.db.need('VM', ref).VBDs) {
    const { metrics, VDI } = world.db.need('VBD', each);
    world.db.remove('VBD', each);
    world.db.remove('VBD_metrics', metrics);
    refresh(world, 'VDI', VDI);
  }
}

/** Takes a machine's network devices away. */
export function removeInterfaces(world: World, ref: Vm): void {
  for (const each of world.db.need('VM', ref).VIFs) {
    const { metrics } = world.db.need('VIF', each);
    world.db.remove('VIF', each);
    world.db.remove('VIF_metrics', metrics);
  }
}

/** Removes a machine's record and what belongs to it, but never its images; its children get its parent (facts 5.3). */
export function dissolve(world: World, ref: Vm): void {
  const vm = world.db.need('VM', ref);
  for (const child of vm.children) world.db.update('VM', child, { parent: vm.parent });
  removeBlockDevices(world, ref);
  removeInterfaces(world, ref);
  for (const each of vm.VGPUs) world.db.remove('VGPU', each);
  for (const each of vm.VUSBs) world.db.remove('VUSB', each);
  for (const each of vm.VTPMs) world.db.remove('VTPM', each);
  for (const each of vm.consoles) world.db.remove('console', each);
  for (const each of vm.crash_dumps) world.db.remove('crashdump', each);
  for (const each of Object.values(vm.blobs)) world.db.remove('blob', each);
  world.db.remove('VM_metrics', vm.metrics);
  world.db.remove('VM_guest_metrics', vm.guest_metrics);
  world.db.remove('VM', ref);
  refresh(world, 'VM_appliance', vm.appliance);
  world.agents.delete(ref);
}

/** XenAPI VM.destroy: a default template stays as long as its other_config says that it is one (facts 5.3). */
async function destroy(call: Call, vm: Vm): Promise<void> {
  const { is_default_template, other_config } = call.world.db.need('VM', vm);
  if (is_default_template && other_config['default_template'] === 'true') refuse('VM_CANNOT_DELETE_DEFAULT_TEMPLATE');
  await onVm(call, vm, 'destroy', async () => {
    await spend(call);
    dissolve(call.world, vm);
  });
}

/** The message that takes a machine away (facts 5.3). */
export const vmDestroyHandlers: HandlerTable = { 'VM.destroy': destroy };
