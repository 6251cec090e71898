import type { Records, Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshMachine } from './allowed.js';
import { during, spend } from './during.js';
import { notRunning } from './hotplug.js';
import { onVm } from './vm-power.js';

type Vm = Ref<'VM'>;
type Strings = Readonly<Record<string, string>>;

/** VM_BAD_POWER_STATE [vm, halted, actual]: such devices come and go with the power off. */
function assertHalted({ db }: World, vm: Vm): void {
  const { power_state } = db.need('VM', vm);
  if (power_state !== 'Halted') refuse('VM_BAD_POWER_STATE', vm, 'halted', power_state.toLowerCase());
}

/** XenAPI VTPM.create: one a machine (facts 5.1). */
const createVtpm = (call: Call, VM: Vm, is_unique: boolean): Promise<Ref<'VTPM'>> =>
  onVm(call, VM, 'create_vtpm', () => {
    const { world } = call;
    const ref = world.ids.ref() as Ref<'VTPM'>;
    const record = { uuid: world.ids.uuid(), VM, is_unique, is_protected: false, persistence_backend: 'xapi' } as const;
    world.db.insert('VTPM', ref, blank('VTPM', record));
    refreshMachine(world, VM);
    return ref;
  });

function destroyVtpm({ world }: Call, ref: Ref<'VTPM'>): void {
  const { VM } = world.db.need('VTPM', ref);
  assertHalted(world, VM);
  world.db.remove('VTPM', ref);
  refreshMachine(world, VM);
}

const mostUsb = 6;

/** XenAPI VUSB.create: TOO_MANY_VUSBS [n], USB_GROUP_CONTAINS_NO_PUSBS, USB_GROUP_CONFLICT [group]. */
function createVusb({ world }: Call, VM: Vm, USB_group: Ref<'USB_group'>, other_config: Strings): Ref<'VUSB'> {
  const { VUSBs } = world.db.need('VM', VM);
  const group = world.db.need('USB_group', USB_group);
  assertHalted(world, VM);
  if (VUSBs.length >= mostUsb) refuse('TOO_MANY_VUSBS', String(mostUsb));
  if (group.PUSBs.length === 0) refuse('USB_GROUP_CONTAINS_NO_PUSBS', USB_group);
  if (group.VUSBs.length > 0) refuse('USB_GROUP_CONFLICT', USB_group);
  const ref = world.ids.ref() as Ref<'VUSB'>;
  world.db.insert('VUSB', ref, blank('VUSB', { uuid: world.ids.uuid(), VM, USB_group, other_config }));
  refreshMachine(world, VM);
  return ref;
}

function destroyVusb({ world }: Call, ref: Ref<'VUSB'>): void {
  const { VM, currently_attached, uuid } = world.db.need('VUSB', ref);
  if (currently_attached) refuse('OPERATION_NOT_ALLOWED', `VUSB ${uuid} is still attached`);
  world.db.remove('VUSB', ref);
  refreshMachine(world, VM);
}

function unplugVusb(call: Call, ref: Ref<'VUSB'>): Promise<void> {
  const { world } = call;
  const { VM } = world.db.need('VUSB', ref);
  const obstacle = () => notRunning(world, VM);
  return during(call, { of: 'VUSB', ref, operation: 'unplug', obstacle }, async () => {
    if (!world.db.need('VUSB', ref).currently_attached) refuse('DEVICE_ALREADY_DETACHED', ref);
    await spend(call);
    world.db.update('VUSB', ref, { currently_attached: false });
  });
}

/** XenAPI VGPU.create: of a type that the group's cards can be cut into. */
function createVgpu(
  { world }: Call,
  VM: Vm,
  GPU_group: Ref<'GPU_group'>,
  device: string,
  other_config: Strings,
  type: Ref<'VGPU_type'>,
): Ref<'VGPU'> {
  const { VGPUs } = world.db.need('VM', VM);
  const group: Records['GPU_group'] = world.db.need('GPU_group', GPU_group);
  world.db.need('VGPU_type', type);
  assertHalted(world, VM);
  if (!/^\d+$/.test(device)) refuse('INVALID_DEVICE', device);
  if (VGPUs.some((each) => world.db.need('VGPU', each).device === device)) refuse('DEVICE_ALREADY_EXISTS', device);
  if (group.PGPUs.length === 0) refuse('GPU_GROUP_CONTAINS_NO_PGPUS', GPU_group);
  if (!group.supported_VGPU_types.includes(type))
    refuse('VGPU_TYPE_NOT_SUPPORTED', type, group.supported_VGPU_types.join(','));
  if (!group.enabled_VGPU_types.includes(type))
    refuse('VGPU_TYPE_NOT_ENABLED', type, group.enabled_VGPU_types.join(','));
  const ref = world.ids.ref() as Ref<'VGPU'>;
  const own = { uuid: world.ids.uuid(), VM, GPU_group, device, other_config, type };
  world.db.insert('VGPU', ref, blank('VGPU', own));
  refreshMachine(world, VM);
  return ref;
}

function destroyVgpu({ world }: Call, ref: Ref<'VGPU'>): void {
  const { VM } = world.db.need('VGPU', ref);
  if (world.db.need('VM', VM).power_state !== 'Halted')
    refuse('OPERATION_NOT_ALLOWED', 'vGPU currently attached to a running VM');
  world.db.remove('VGPU', ref);
  refreshMachine(world, VM);
}

/** The messages of classes VTPM, VUSB, VGPU and console: a machine's consoles are the pool's affair (facts 5.6). */
export const attachmentHandlers: HandlerTable = {
  'VTPM.create': createVtpm,
  'VTPM.destroy': destroyVtpm,
  'VUSB.create': createVusb,
  'VUSB.destroy': destroyVusb,
  'VUSB.unplug': unplugVusb,
  'VGPU.create': createVgpu,
  'VGPU.destroy': destroyVgpu,
  'console.create': () => refuse('NOT_IMPLEMENTED', 'console.create'),
  'console.destroy': () => refuse('NOT_IMPLEMENTED', 'console.destroy'),
};
