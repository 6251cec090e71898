import type { Ref } from '../../xenapi/records.js';
import { messages } from '../catalogue.js';
import { XenApiFailure } from '../failure.js';
import { freeMemory } from '../placement.js';
import type { Call, HandlerTable } from '../world.js';
import { refreshHost } from './allowed.js';
import { spend } from './during.js';

type Host = Ref<'host'>;

/** XenAPI host.disable and host.enable: whether a host takes machines (facts 5.6). */
const setEnabled =
  (enabled: boolean) =>
  async (call: Call, host: Host): Promise<void> => {
    call.world.db.need('host', host);
    await spend(call);
    call.world.db.update('host', host, { enabled });
    refreshHost(call.world, host);
  };

/** XenAPI pool.designate_new_master: sessions and tasks do not survive it (facts 1.6). */
async function designate(call: Call, host: Host): Promise<void> {
  const { world } = call;
  const { metrics } = world.db.need('host', host);
  if (world.db.get('host_metrics', metrics)?.live !== true) throw new XenApiFailure('HOST_NOT_LIVE');
  await spend(call);
  setImmediate(() => {
    world.db.update('pool', world.pool(), { master: host });
    world.sessions.closeAll();
    world.tasks.clear();
  });
}

/** The messages of classes host, pool and network that are neither read nor write of a field (facts 5.5, 5.6). */
export const hostHandlers: HandlerTable = {
  'host.disable': setEnabled(false),
  'host.enable': setEnabled(true),
  'host.get_servertime': ({ world }: Call, host: Host) => world.db.need('host', host) && world.clock.text(),
  'host.get_server_localtime': ({ world }: Call, host: Host) => world.db.need('host', host) && world.clock.text(),
  'host.compute_free_memory': ({ world }: Call, host: Host) => freeMemory(world, host),
  'host.compute_memory_overhead': ({ world }: Call, host: Host) => world.db.need('host', host).memory_overhead,
  'host.list_methods': () => [...messages.keys()],
  'host.has_extension': () => false,
  'host.call_plugin': (_call: Call, _host: Host, plugin: string) => {
    throw new XenApiFailure('XENAPI_MISSING_PLUGIN', plugin);
  },
  'pool.has_extension': () => false,
  'pool.sync_database': () => undefined,
  'pool.designate_new_master': designate,
};
