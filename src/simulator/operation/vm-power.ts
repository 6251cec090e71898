import type { Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { failureOf, refuse, refuseIf } from '../failure.js';
import { bootObstacle, chooseHost } from '../placement.js';
import { vmObstacle } from '../vm-lifecycle.js';
import type { VmOperation } from '../vm-operation.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshHost, refreshMachine } from './allowed.js';
import { during, spend, spendFor, type Work } from './during.js';
import { type HostOperation, hostObstacle } from './host-rule.js';
import { dropMemoryImage, makeMemoryImage } from './memory-image.js';
import { isPlugged } from './repository-rule.js';
import { vbdObstacle } from './vbd-rule.js';
import { vifObstacle } from './vif-rule.js';
import { boot, leave, rebootGuest, tellOf } from './vm-state.js';

type Vm = Ref<'VM'>;
type Host = Ref<'host'>;

/** What needs nobody on the machine's host. */
const remote: ReadonlySet<VmOperation> = new Set(['power_state_reset', 'metadata_export', 'get_boot_record']);

/** HOST_OFFLINE [host]: a live machine is worked on by its host, which must answer. */
export function assertAnswers({ db }: World, vm: Vm, operation: VmOperation): void {
  const { resident_on } = db.need('VM', vm);
  const host = db.get('host', resident_on);
  if (host === undefined || remote.has(operation)) return;
  if (db.get('host_metrics', host.metrics)?.live !== true) refuse('HOST_OFFLINE', resident_on);
}

/** Runs an operation on a machine, and on what goes with it, under its name in current_operations. */
export const onVm = <T>(
  call: Call,
  vm: Vm,
  operation: VmOperation,
  body: () => T | Promise<T>,
  others: readonly Work[] = [],
  wait?: number,
): Promise<T> => {
  const obstacle = () => vmObstacle(call.world, vm, operation);
  const work: Work = { of: 'VM', ref: vm, operation, obstacle, ...(wait === undefined ? {} : { wait }) };
  return during(call, [work, ...others], () => {
    assertAnswers(call.world, vm, operation);
    return body();
  });
};

/** Milliseconds that a start waits for other operations on the machine's block devices (facts 0.2). */
const deviceWait = 120_000;

/** Devices show `attach` while the machine starts, and can be attached (facts 5.1). */
function attaching(world: World, vm: Vm): Work[] {
  const { VBDs, VIFs } = world.db.need('VM', vm);
  const disk = (ref: Ref<'VBD'>): Work => {
    const obstacle = () => vbdObstacle(world, ref, 'attach');
    return { of: 'VBD', ref, operation: 'attach', obstacle, wait: deviceWait };
  };
  const port = (ref: Ref<'VIF'>): Work => {
    const obstacle = () => vifObstacle(world, ref, 'attach');
    return { of: 'VIF', ref, operation: 'attach', obstacle };
  };
  return [...VBDs.map(disk), ...VIFs.map(port)];
}

/** Claims a host's memory, and the host, while a machine is on its way there (facts 5.2, 5.6). */
export function onItsWay<T>(
  call: Call,
  vm: Vm,
  ref: Host,
  operation: HostOperation,
  body: () => Promise<T>,
): Promise<T> {
  const { world } = call;
  const obstacle = () => hostObstacle(world, ref, operation);
  return during(call, { of: 'host', ref, operation, obstacle }, async () => {
    world.db.update('VM', vm, { scheduled_to_be_resident_on: ref });
    refreshHost(world, ref);
    try {
      return await body();
    } finally {
      if (world.db.get('VM', vm) !== undefined)
        world.db.update('VM', vm, { scheduled_to_be_resident_on: NULL_REF as Host });
      refreshHost(world, ref);
    }
  });
}

const place = (world: World, host: Host): string => {
  const { name_label, uuid } = world.db.need('host', host);
  return `on host: ${name_label} (uuid: ${uuid})`;
};

/** Brings a machine up with its devices on the host that is chosen once they can be had. */
function bring(
  call: Call,
  vm: Vm,
  operation: 'start' | 'start_on',
  paused: boolean,
  choose: () => Host,
): Promise<void> {
  const { world } = call;
  return onVm(call, vm, operation, () =>
    during(call, attaching(world, vm), async () => {
      const host = choose();
      await onItsWay(call, vm, host, 'vm_start', () => spend(call, true));
      await boot(world, vm, host, paused);
      tellOf(world, vm, 'VM_STARTED', `has started ${place(world, host)}`);
    }),
  );
}

/** The host that was asked for, or the true reason why not (facts 0.5). */
function exactly(world: World, vm: Vm, host: Host): Host {
  refuseIf(bootObstacle(world, vm, host));
  return host;
}

const start = (call: Call, vm: Vm, paused: boolean): Promise<void> =>
  bring(call, vm, 'start', paused, () => chooseHost(call.world, vm));

/** XenAPI VM.start_on: not where everybody is leaving (facts 5.2). */
function startOn(call: Call, vm: Vm, host: Host, paused: boolean): Promise<void> {
  const running = Object.values(call.world.db.need('host', host).current_operations);
  if (running.includes('evacuate')) refuse('HOST_EVACUATE_IN_PROGRESS', host);
  return bring(call, vm, 'start_on', paused, () => exactly(call.world, vm, host));
}

/** The image of a sleeping machine's memory must be there and within reach. */
function assertMemory(world: World, vm: Vm): void {
  const { suspend_VDI } = world.db.need('VM', vm);
  const image = world.db.get('VDI', suspend_VDI);
  if (image === undefined) refuse('VM_HAS_NO_SUSPEND_VDI', vm);
  if (!isPlugged(world, image.SR)) refuse('SUSPEND_IMAGE_NOT_ACCESSIBLE', suspend_VDI);
}

function wake(
  call: Call,
  vm: Vm,
  operation: 'resume' | 'resume_on',
  paused: boolean,
  choose: () => Host,
): Promise<void> {
  const { world } = call;
  return onVm(call, vm, operation, () =>
    during(call, attaching(world, vm), async () => {
      assertMemory(world, vm);
      const host = choose();
      await onItsWay(call, vm, host, 'vm_resume', () => spend(call));
      await boot(world, vm, host, paused, true);
      dropMemoryImage(world, vm);
      refreshMachine(world, vm);
      tellOf(world, vm, 'VM_RESUMED', `was resumed ${place(world, host)}`);
    }),
  );
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

/** Seconds as the pool writes them: `1200.` */
const secondsText = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? `${milliseconds / 1000}.` : String(milliseconds / 1000);

/** A guest that takes longer than it may is VM_SHUTDOWN_TIMEOUT [vm, seconds] (facts 5.1). */
const cleanShutdown = (call: Call, vm: Vm, limit: number): Promise<void> =>
  onVm(call, vm, 'clean_shutdown', async () => {
    const needed = call.world.clock.duration(call.message.name);
    await spendFor(call, Math.min(limit, needed), true);
    if (needed > limit) refuse('VM_SHUTDOWN_TIMEOUT', vm, secondsText(limit));
    halt(call.world, vm);
  });

function hardShutdown(call: Call, vm: Vm): Promise<void> {
  if (vmObstacle(call.world, vm, 'hard_shutdown') === undefined) interrupt(call, vm);
  return onVm(call, vm, 'hard_shutdown', async () => {
    await spend(call);
    halt(call.world, vm);
  });
}

/** XenAPI VM.shutdown: cleanly if the guest lets it within its shutdown_delay, else hard. */
async function shutdown(call: Call, vm: Vm): Promise<void> {
  const { world } = call;
  refuseIf(vmObstacle(world, vm, 'shutdown'));
  const { shutdown_delay } = world.db.need('VM', vm);
  try {
    refuseIf(world.faults.takeFailure('VM.clean_shutdown'));
    await cleanShutdown(call, vm, shutdown_delay > 0n ? Number(shutdown_delay) * 1000 : world.settings.guestPatience);
  } catch (error) {
    if (failureOf(error).code === 'TASK_CANCELLED') throw error;
    await hardShutdown(call, vm);
  }
}

const reboot =
  (operation: 'clean_reboot' | 'hard_reboot') =>
  (call: Call, vm: Vm): Promise<void> => {
    if (operation === 'hard_reboot' && vmObstacle(call.world, vm, operation) === undefined) interrupt(call, vm);
    return onVm(call, vm, operation, async () => {
      await spend(call, operation === 'clean_reboot');
      await rebootGuest(call.world, vm);
      tellOf(call.world, vm, 'VM_REBOOTED', 'was rebooted');
    });
  };

const setState =
  (operation: 'pause' | 'unpause', power_state: 'Paused' | 'Running', message: string) =>
  (call: Call, vm: Vm): Promise<void> =>
    onVm(call, vm, operation, async () => {
      await spend(call);
      call.world.db.update('VM', vm, { power_state });
      refreshMachine(call.world, vm);
      tellOf(call.world, vm, message, `was ${operation}d`);
    });

/** XenAPI VM.power_state_reset: the record says Halted, whatever was. */
const powerStateReset = (call: Call, vm: Vm): Promise<void> =>
  onVm(call, vm, 'power_state_reset', () => leave(call.world, vm, 'Halted'));

/** The messages that change a machine's power state (facts 5.1). */
export const vmPowerHandlers: HandlerTable = {
  'VM.start': start,
  'VM.start_on': startOn,
  'VM.clean_shutdown': (call: Call, vm: Vm) => cleanShutdown(call, vm, call.world.settings.guestPatience),
  'VM.hard_shutdown': hardShutdown,
  'VM.shutdown': shutdown,
  'VM.clean_reboot': reboot('clean_reboot'),
  'VM.hard_reboot': reboot('hard_reboot'),
  'VM.suspend': (call: Call, vm: Vm) => onVm(call, vm, 'suspend', () => suspend(call, vm)),
  'VM.resume': (call: Call, vm: Vm, paused: boolean) =>
    wake(call, vm, 'resume', paused, () => chooseHost(call.world, vm)),
  'VM.resume_on': (call: Call, vm: Vm, host: Host, paused: boolean) =>
    wake(call, vm, 'resume_on', paused, () => exactly(call.world, vm, host)),
  'VM.pause': setState('pause', 'Paused', 'VM_PAUSED'),
  'VM.unpause': setState('unpause', 'Running', 'VM_UNPAUSED'),
  'VM.power_state_reset': powerStateReset,
};
