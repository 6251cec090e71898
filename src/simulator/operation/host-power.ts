import type { Ref } from '../../xenapi/records.js';
import { refuse, refuseIf } from '../failure.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshAll, refreshHost } from './allowed.js';
import { during, spend } from './during.js';
import { removeHost } from './host-removal.js';
import { type HostOperation, hostObstacle } from './host-rule.js';
import { leave } from './vm-state.js';

type Host = Ref<'host'>;

/** Runs an operation on a host under its name in current_operations. */
export const onHost = <T>(call: Call, ref: Host, operation: HostOperation, body: () => T | Promise<T>): Promise<T> =>
  during(call, { of: 'host', ref, operation, obstacle: () => hostObstacle(call.world, ref, operation) }, body);

const isLive = ({ db }: World, host: Host): boolean =>
  db.get('host_metrics', db.need('host', host).metrics)?.live === true;

/** Nobody answers at a host any more; its machines are still said to run there until it is back (facts 5.6). */
async function goDown(world: World, host: Host): Promise<void> {
  const record = world.db.get('host', host);
  if (record === undefined) return;
  world.db.update('host_metrics', record.metrics, { live: false, last_updated: world.clock.text() });
  refreshAll(world);
  await world.site.close(host);
}

/** A host is back: what it ran is halted, and it takes machines again. */
async function comeUp(world: World, host: Host): Promise<void> {
  if (world.stopping.aborted || world.db.get('host', host) === undefined) return;
  await world.site.open(host);
  const { resident_VMs, metrics } = world.db.need('host', host);
  for (const vm of resident_VMs) if (!world.db.need('VM', vm).is_control_domain) leave(world, vm, 'Halted');
  world.db.update('host_metrics', metrics, { live: true, last_updated: world.clock.text() });
  world.db.update('host', host, { enabled: true });
  refreshAll(world);
}

/** The coordinator takes sessions and tasks with it. */
function forget(world: World, host: Host): void {
  if (host !== world.coordinator()) return;
  world.sessions.closeAll();
  world.tasks.clear();
}

/** What happens to a host after the answer has gone out (facts 5.6). */
function later(world: World, steps: () => Promise<void>): void {
  const run = async (): Promise<void> => {
    await world.clock.afterAnswer('host.action');
    if (!world.stopping.aborted) await steps();
  };
  void run().catch(() => undefined);
}

/** XenAPI host.shutdown and host.reboot: answered early; running guests do not stop them (facts 5.6). */
const stop =
  (operation: 'shutdown' | 'reboot') =>
  (call: Call, host: Host): Promise<void> =>
    onHost(call, host, operation, async () => {
      const { world } = call;
      await spend(call);
      later(world, async () => {
        await goDown(world, host);
        forget(world, host);
        if (operation === 'shutdown') return;
        await world.clock.pass('host.boot');
        await comeUp(world, host);
      });
    });

/** XenAPI host.power_on: HOST_IS_LIVE [host], HOST_POWER_ON_MODE_DISABLED []; the host comes up later (facts 5.6). */
const powerOn = (call: Call, host: Host): Promise<void> =>
  onHost(call, host, 'power_on', async () => {
    await spend(call);
    later(call.world, async () => {
      await call.world.clock.pass('host.boot');
      await comeUp(call.world, host);
    });
  });

/** XenAPI host.disable and host.enable: whether a host takes machines; one that is down does neither (facts 5.6). */
const setEnabled =
  (enabled: boolean) =>
  async (call: Call, host: Host): Promise<void> => {
    const { world } = call;
    if (!isLive(world, host)) refuse('HOST_OFFLINE', host);
    if (enabled && !world.db.need('host', host).enabled) refuseIf(hostObstacle(world, host, 'enable'));
    await spend(call);
    world.db.update('host', host, { enabled });
    refreshHost(world, host);
  };

/** XenAPI host.destroy: forgets a host that is gone: HOST_IS_LIVE, HOST_HAS_RESIDENT_VMS [host] (facts 5.6). */
async function destroy(call: Call, host: Host): Promise<void> {
  const { world } = call;
  const { resident_VMs } = world.db.need('host', host);
  if (host === world.coordinator()) refuse('HOST_CANNOT_DESTROY_SELF', host);
  if (isLive(world, host)) refuse('HOST_IS_LIVE', host);
  if (resident_VMs.some((vm) => !world.db.need('VM', vm).is_control_domain)) refuse('HOST_HAS_RESIDENT_VMS', host);
  if (world.db.need('pool', world.pool()).ha_enabled) refuse('HA_IS_ENABLED');
  await spend(call);
  removeHost(world, host);
}

/** The messages that stop, start and forget hosts (facts 5.6). */
export const hostPowerHandlers: HandlerTable = {
  'host.disable': setEnabled(false),
  'host.enable': setEnabled(true),
  'host.shutdown': stop('shutdown'),
  'host.reboot': stop('reboot'),
  'host.power_on': powerOn,
  'host.destroy': destroy,
  'host.set_power_on_mode': (
    { world }: Call,
    host: Host,
    power_on_mode: string,
    power_on_config: Readonly<Record<string, string>>,
  ) => {
    world.db.update('host', host, { power_on_mode, power_on_config });
    refreshHost(world, host);
  },
  'host.declare_dead': async ({ world }: Call, host: Host) => {
    const { resident_VMs } = world.db.need('host', host);
    if (host === world.coordinator()) refuse('HOST_CANNOT_DESTROY_SELF', host);
    await goDown(world, host);
    for (const vm of resident_VMs) if (!world.db.need('VM', vm).is_control_domain) leave(world, vm, 'Halted');
  },
  'host.restart_agent': async (call: Call, host: Host) => {
    call.world.db.need('host', host);
    await spend(call);
    later(call.world, async () => forget(call.world, host));
  },
};
