import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import { bootObstacle, chooseHost } from '../placement.js';
import { blank } from '../record.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { VmOperation } from '../vm-operation.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshMachine } from './allowed.js';
import { during, spend } from './during.js';
import { boot, leave, rebootGuest, tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Host = Ref<'host'>;

/** Runs an operation on a machine under its name in current_operations. */
export const onVm = <T>(call: Call, vm: Vm, operation: VmOperation, body: () => T | Promise<T>): Promise<T> =>
  during(call, { of: 'VM', ref: vm, operation, obstacle: () => vmObstacle(call.world, vm, operation) }, body);

const place = (world: World, host: Host): string => {
  const { name_label, uuid } = world.db.need('host', host);
  return `on host: ${name_label} (uuid: ${uuid})`;
};

/** Devices show `attach` while the machine starts (facts 5.1). */
function markDevices(call: Call, vm: Vm, busy: boolean): void {
  const { db } = call.world;
  const current_operations = busy ? { [call.task()]: 'attach' as const } : {};
  for (const vbd of db.get('VM', vm)?.VBDs ?? []) db.update('VBD', vbd, { current_operations });
  for (const vif of db.get('VM', vm)?.VIFs ?? []) db.update('VIF', vif, { current_operations });
}

/** Claims the host's memory while the machine is on its way there. */
async function onItsWay(call: Call, vm: Vm, host: Host, cancellable: boolean): Promise<void> {
  const { world } = call;
  world.db.update('VM', vm, { scheduled_to_be_resident_on: host });
  markDevices(call, vm, true);
  try {
    await spend(call, cancellable);
  } catch (error) {
    world.db.update('VM', vm, { scheduled_to_be_resident_on: NULL_REF as Host });
    throw error;
  } finally {
    markDevices(call, vm, false);
  }
}

async function bring(call: Call, vm: Vm, paused: boolean, choose: () => Host): Promise<void> {
  const { world } = call;
  const host = choose();
  await onItsWay(call, vm, host, true);
  await boot(world, vm, host, paused);
  tellOf(world, vm, 'VM_STARTED', `has started ${place(world, host)}`);
}

/** The host that was asked for, or the true reason why not (facts 0.5). */
function exactly(world: World, vm: Vm, host: Host): Host {
  const failure = bootObstacle(world, vm, host);
  if (failure !== undefined) throw failure;
  return host;
}

const start = (call: Call, vm: Vm, paused: boolean): Promise<void> =>
  onVm(call, vm, 'start', () => bring(call, vm, paused, () => chooseHost(call.world, vm)));

const startOn = (call: Call, vm: Vm, host: Host, paused: boolean): Promise<void> =>
  onVm(call, vm, 'start_on', () => bring(call, vm, paused, () => exactly(call.world, vm, host)));

/** The image of a machine's memory goes with the state that it held. */
function dropMemoryImage(world: World, vm: Vm): void {
  const { suspend_VDI } = world.db.need('VM', vm);
  world.db.update('VM', vm, { suspend_VDI: NULL_REF as Ref<'VDI'> });
  const image = world.db.get('VDI', suspend_VDI);
  if (image === undefined) return;
  world.db.remove('VDI', suspend_VDI);
  const sr = world.db.get('SR', image.SR);
  if (sr !== undefined)
    world.db.update('SR', image.SR, {
      physical_utilisation: sr.physical_utilisation - image.physical_utilisation,
      virtual_allocation: sr.virtual_allocation - image.virtual_size,
    });
}

async function resumeOn(call: Call, vm: Vm, paused: boolean, choose: () => Host): Promise<void> {
  const { world } = call;
  const host = choose();
  await onItsWay(call, vm, host, false);
  await boot(world, vm, host, paused, true);
  dropMemoryImage(world, vm);
  refreshMachine(world, vm);
  tellOf(world, vm, 'VM_RESUMED', `was resumed ${place(world, host)}`);
}

/** Where a machine's memory is kept: its own repository for that, else the pool's, else that of its host (facts 5.1). */
function suspendRepository(world: World, ref: Vm): Ref<'SR'> {
  const vm = world.db.need('VM', ref);
  const host = world.db.get('host', vm.resident_on)?.suspend_image_sr;
  const candidates = [vm.suspend_SR, world.db.need('pool', world.pool()).suspend_image_SR, host];
  const sr = candidates.find((each) => each !== undefined && world.db.get('SR', each) !== undefined);
  if (sr === undefined) throw new XenApiFailure('VM_NO_SUSPEND_SR', ref);
  return sr;
}

/** 1.2 * 1.05 * static_max + 100 MiB on a repository that has room for it (facts 5.1). */
export function makeMemoryImage(world: World, ref: Vm): Ref<'VDI'> {
  const sr = suspendRepository(world, ref);
  const { physical_size, physical_utilisation, virtual_allocation } = world.db.need('SR', sr);
  const virtual_size = (world.db.need('VM', ref).memory_static_max * 126n) / 100n + 100n * (1n << 20n);
  if (physical_size - physical_utilisation < virtual_size) throw new XenApiFailure('SR_SUSPEND_SPACE_INSUFFICIENT', sr);
  const vdi = world.ids.ref() as Ref<'VDI'>;
  const uuid = world.ids.uuid();
  world.db.insert('VDI', vdi, {
    ...blank('VDI', { uuid, SR: sr, location: uuid, type: 'suspend', managed: true, virtual_size }),
    name_label: 'Suspend image',
    name_description: 'Suspend image',
    physical_utilisation: virtual_size,
  });
  world.db.update('SR', sr, {
    physical_utilisation: physical_utilisation + virtual_size,
    virtual_allocation: virtual_allocation + virtual_size,
  });
  return vdi;
}

async function suspend(call: Call, vm: Vm): Promise<void> {
  const { world } = call;
  const suspend_VDI = makeMemoryImage(world, vm);
  world.db.update('VM', vm, { suspend_VDI });
  try {
    await spend(call, true);
  } catch (error) {
    dropMemoryImage(world, vm);
    throw error;
  }
  leave(world, vm, 'Suspended');
  tellOf(world, vm, 'VM_SUSPENDED', 'was suspended');
}

function halt(world: World, vm: Vm): void {
  dropMemoryImage(world, vm);
  leave(world, vm, 'Halted');
  tellOf(world, vm, 'VM_SHUTDOWN', 'was shut down');
}

/** What a hard stop ends on its way (facts 5.1). */
const interrupted: ReadonlySet<string> = new Set([
  'clean_shutdown',
  'clean_reboot',
  'hard_reboot',
  'pool_migrate',
  'call_plugin',
  'shutdown',
  'suspend',
]);

function interrupt({ world }: Call, vm: Vm): void {
  for (const [task, operation] of Object.entries(world.db.need('VM', vm).current_operations))
    if (interrupted.has(operation)) world.tasks.abort(task as Ref<'task'>);
}

const cleanShutdown = (call: Call, vm: Vm): Promise<void> =>
  onVm(call, vm, 'clean_shutdown', async () => {
    await spend(call, true);
    halt(call.world, vm);
  });

function hardShutdown(call: Call, vm: Vm): Promise<void> {
  const obstacle = vmObstacle(call.world, vm, 'hard_shutdown');
  if (obstacle === undefined) interrupt(call, vm);
  return onVm(call, vm, 'hard_shutdown', async () => {
    await spend(call);
    halt(call.world, vm);
  });
}

/** XenAPI VM.shutdown: cleanly if the guest lets it, else hard. */
async function shutdown(call: Call, vm: Vm): Promise<void> {
  const obstacle = vmObstacle(call.world, vm, 'shutdown');
  if (obstacle !== undefined) throw obstacle;
  try {
    await cleanShutdown(call, vm);
  } catch {
    await hardShutdown(call, vm);
  }
}

function reboot(operation: 'clean_reboot' | 'hard_reboot') {
  return (call: Call, vm: Vm): Promise<void> =>
    onVm(call, vm, operation, async () => {
      await spend(call, operation === 'clean_reboot');
      await rebootGuest(call.world, vm);
      tellOf(call.world, vm, 'VM_REBOOTED', 'was rebooted');
    });
}

function setState(operation: 'pause' | 'unpause', power_state: 'Paused' | 'Running', message: string) {
  return (call: Call, vm: Vm): Promise<void> =>
    onVm(call, vm, operation, async () => {
      await spend(call);
      call.world.db.update('VM', vm, { power_state });
      refreshMachine(call.world, vm);
      tellOf(call.world, vm, message, `was ${operation}d`);
    });
}

/** XenAPI VM.power_state_reset: the record says Halted, whatever was. */
const powerStateReset = (call: Call, vm: Vm): Promise<void> =>
  onVm(call, vm, 'power_state_reset', () => leave(call.world, vm, 'Halted'));

/** The messages that change a machine's power state (facts 5.1). */
export const vmPowerHandlers: HandlerTable = {
  'VM.start': start,
  'VM.start_on': startOn,
  'VM.clean_shutdown': cleanShutdown,
  'VM.hard_shutdown': hardShutdown,
  'VM.shutdown': shutdown,
  'VM.clean_reboot': reboot('clean_reboot'),
  'VM.hard_reboot': reboot('hard_reboot'),
  'VM.suspend': (call: Call, vm: Vm) => onVm(call, vm, 'suspend', () => suspend(call, vm)),
  'VM.resume': (call: Call, vm: Vm, paused: boolean) =>
    onVm(call, vm, 'resume', () => resumeOn(call, vm, paused, () => chooseHost(call.world, vm))),
  'VM.resume_on': (call: Call, vm: Vm, host: Host, paused: boolean) =>
    onVm(call, vm, 'resume_on', () => resumeOn(call, vm, paused, () => exactly(call.world, vm, host))),
  'VM.pause': setState('pause', 'Paused', 'VM_PAUSED'),
  'VM.unpause': setState('unpause', 'Running', 'VM_UNPAUSED'),
  'VM.power_state_reset': powerStateReset,
};
