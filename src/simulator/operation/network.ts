import type { Records, Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable } from '../world.js';
import { refresh, refreshMachine } from './allowed.js';

type Network = Ref<'network'>;

/** A bridge's name: none makes one up; reserved and too long ones are refused (facts 5.5). */
function bridgeName({ world }: Call, wanted: string): string {
  const names = new Set([...world.db.entries('network')].map(([, { bridge }]) => bridge));
  if (wanted === '') {
    let number = 0;
    while (names.has(`xapi${number}`)) number++;
    return `xapi${number}`;
  }
  if (wanted.length > 15 || /^(xen|xapi|vif|tap|eth)/.test(wanted)) refuse('INVALID_VALUE', 'bridge', wanted);
  if (names.has(wanted)) refuse('BRIDGE_NAME_EXISTS', wanted);
  return wanted;
}

/** XenAPI network.create: a network that no interface is on is internal; an MTU of 0 or less is 1500 (facts 5.5). */
function create(call: Call, given: AnyRecord): Network {
  const { world } = call;
  const made = construct('network', given) as unknown as Records['network'];
  const bridge = bridgeName(call, made.bridge);
  const ref = world.ids.ref() as Network;
  world.db.insert('network', ref, { ...made, uuid: world.ids.uuid(), bridge, MTU: made.MTU > 0n ? made.MTU : 1500n });
  refresh(world, 'network', ref);
  return ref;
}

/** Attached devices hold a network, as do the hosts' own interfaces; detached devices go with it (facts 5.5). */
function destroy({ world }: Call, ref: Network): void {
  const { VIFs, PIFs, other_config } = world.db.need('network', ref);
  const attached = VIFs.filter((vif) => world.db.need('VIF', vif).currently_attached);
  if (attached.length > 0) refuse('NETWORK_CONTAINS_VIF', ...attached);
  if (PIFs.length > 0) refuse('NETWORK_CONTAINS_PIF', ...PIFs);
  if (other_config['is_host_internal_management_network'] === 'true') refuse('CANNOT_DESTROY_SYSTEM_NETWORK', ref);
  for (const vif of VIFs) {
    const { VM, metrics } = world.db.need('VIF', vif);
    world.db.remove('VIF', vif);
    world.db.remove('VIF_metrics', metrics);
    refreshMachine(world, VM);
  }
  world.db.remove('network', ref);
}

/** The messages of class network (facts 5.5). */
export const networkHandlers: HandlerTable = {
  'network.create': create,
  'network.destroy': destroy,
};
