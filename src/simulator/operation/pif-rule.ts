import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import type { World } from '../world.js';

type Pif = Ref<'PIF'>;
type Interface = Records['PIF'];

/** One thing that must hold for an interface; throws what the pool says when it does not (facts 5.5). */
export type PifRule = (world: World, ref: Pif, pif: Interface) => void;

/** A rule whose failure names the interface alone. */
const rule =
  (code: string, holds: (pif: Interface) => boolean): PifRule =>
  (_world, ref, pif) => {
    if (!holds(pif)) refuse(code, ref);
  };

/** xapi looks after the interface. */
export const managed = rule('PIF_UNMANAGED', (pif) => pif.managed);

/** Neither a part of a bond nor one itself. */
export const unbonded = rule(
  'PIF_ALREADY_BONDED',
  (pif) => pif.bond_slave_of === NULL_REF && pif.bond_master_of.length === 0,
);

/** Neither below a VLAN nor one itself. */
export const untagged = rule('PIF_VLAN_STILL_EXISTS', (pif) => pif.VLAN_slave_of.length === 0 && pif.VLAN === -1n);

/** No end of a tunnel. */
export const untunnelled = rule(
  'PIF_TUNNEL_STILL_EXISTS',
  (pif) => pif.tunnel_access_PIF_of.length === 0 && pif.tunnel_transport_PIF_of.length === 0,
);

/** The host is not reached through it. */
export const notManagement = rule(
  'PIF_IS_MANAGEMENT_INTERFACE',
  ({ currently_attached, management }) => !(currently_attached && management),
);

/** Nothing forbids to take it down. */
export const allowsUnplug = rule('PIF_DOES_NOT_ALLOW_UNPLUG', ({ disallow_unplug }) => !disallow_unplug);

/** HA_IS_ENABLED []: nothing that is up changes while the pool is protected. */
export const unprotected: PifRule = (world, _ref, { currently_attached }) => {
  if (currently_attached && world.db.need('pool', world.pool()).ha_enabled) refuse('HA_IS_ENABLED');
};

const isLive = ({ power_state }: Records['VM']): boolean => power_state === 'Running' || power_state === 'Paused';

/** VIF_IN_USE [network, vif]: no live machine of the host talks through it. */
export const unused: PifRule = ({ db }, _ref, { network, host }) => {
  for (const ref of db.get('network', network)?.VIFs ?? []) {
    const vif = db.need('VIF', ref);
    const vm = db.need('VM', vif.VM);
    if (vif.currently_attached && vm.resident_on === host && isLive(vm)) refuse('VIF_IN_USE', network, ref);
  }
};

/** The first of the rules that does not hold throws. */
export function assertAll(world: World, ref: Pif, rules: readonly PifRule[]): void {
  const pif = world.db.need('PIF', ref);
  for (const each of rules) each(world, ref, pif);
}

/** NETWORK_ALREADY_CONNECTED [host, pif]: a host has one interface on a network at most. */
export function assertUnconnected({ db }: World, host: Ref<'host'>, network: Ref<'network'>): void {
  const known = db.need('network', network).PIFs.find((pif) => db.need('PIF', pif).host === host);
  if (known !== undefined) refuse('NETWORK_ALREADY_CONNECTED', host, known);
}
