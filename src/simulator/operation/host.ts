import type { Records, Ref } from '../../xenapi/records.js';
import { messages } from '../catalogue.js';
import { XenApiFailure } from '../failure.js';
import { freeMemory } from '../placement.js';
import { construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable } from '../world.js';
import { refresh, refreshHost } from './allowed.js';
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

/** A bridge's name: none makes one up; reserved and too long ones are refused (facts 5.5). */
function bridgeName({ world }: Call, wanted: string): string {
  const names = new Set([...world.db.entries('network')].map(([, { bridge }]) => bridge));
  if (wanted === '') {
    let number = 0;
    while (names.has(`xapi${number}`)) number++;
    return `xapi${number}`;
  }
  if (wanted.length > 15 || /^(xen|xapi|vif|tap|eth)/.test(wanted))
    throw new XenApiFailure('INVALID_VALUE', 'bridge', wanted);
  if (names.has(wanted)) throw new XenApiFailure('BRIDGE_NAME_EXISTS', wanted);
  return wanted;
}

function createNetwork(call: Call, given: AnyRecord): Ref<'network'> {
  const { world } = call;
  const made = construct('network', given) as unknown as Records['network'];
  const ref = world.ids.ref() as Ref<'network'>;
  const bridge = bridgeName(call, made.bridge);
  world.db.insert('network', ref, { ...made, uuid: world.ids.uuid(), bridge, MTU: made.MTU > 0n ? made.MTU : 1500n });
  refresh(world, 'network', ref);
  return ref;
}

/** Attached interfaces hold a network, as do the hosts' own; detached ones go with it (facts 5.5). */
function destroyNetwork({ world }: Call, ref: Ref<'network'>): void {
  const { VIFs, PIFs, other_config } = world.db.need('network', ref);
  const attached = VIFs.filter((vif) => world.db.need('VIF', vif).currently_attached);
  if (attached.length > 0) throw new XenApiFailure('NETWORK_CONTAINS_VIF', ...attached);
  if (PIFs.length > 0) throw new XenApiFailure('NETWORK_CONTAINS_PIF', ...PIFs);
  if (other_config['is_host_internal_management_network'] === 'true')
    throw new XenApiFailure('CANNOT_DESTROY_SYSTEM_NETWORK', ref);
  for (const vif of VIFs) world.db.remove('VIF', vif);
  world.db.remove('network', ref);
}

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
  'network.create': createNetwork,
  'network.destroy': destroyNetwork,
};
