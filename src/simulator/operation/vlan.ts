import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { Call, HandlerTable, World } from '../world.js';
import { spend } from './during.js';
import { bringUp, releasable, removePif } from './pif.js';
import { assertAll, assertUnconnected, managed, unbonded } from './pif-rule.js';

type Pif = Ref<'PIF'>;
type Network = Ref<'network'>;

/** The address that every VLAN's interface shows. */
const vlanMac = 'fe:ff:ff:ff:ff:ff';
const lastTag = 4094n;

/** Whether a VLAN can stand on an interface, in the pool's order of checks (facts 5.5). */
function assertCarries(world: World, tagged: Pif, tag: bigint, network: Network): void {
  assertAll(world, tagged, [managed]);
  const pif = world.db.need('PIF', tagged);
  assertUnconnected(world, pif.host, network);
  if (pif.bond_slave_of !== NULL_REF) refuse('CANNOT_ADD_VLAN_TO_BOND_SLAVE', tagged);
  if (pif.VLAN >= 0n) refuse('PIF_IS_VLAN', tagged);
  if (tag < 0n || tag > lastTag) refuse('VLAN_TAG_INVALID', String(tag));
  if (pif.VLAN_slave_of.some((vlan) => world.db.need('VLAN', vlan).tag === tag)) refuse('PIF_VLAN_EXISTS', pif.device);
  if (pif.tunnel_access_PIF_of.length > 0) refuse('IS_TUNNEL_ACCESS_PIF', tagged);
}

/** The VLAN of a tag on an interface, and the interface that carries its traffic without the tag, plugged. */
function addVlan(world: World, tagged: Pif, tag: bigint, network: Network): Ref<'VLAN'> {
  const { host, device, MTU, metrics } = world.db.need('PIF', tagged);
  const [vlan, untagged] = [world.ids.ref() as Ref<'VLAN'>, world.ids.ref() as Pif];
  const own = { uuid: world.ids.uuid(), host, device, MTU, metrics, network, VLAN: tag, MAC: vlanMac };
  world.db.insert('PIF', untagged, blank('PIF', { ...own, physical: false, managed: true }));
  world.db.insert(
    'VLAN',
    vlan,
    blank('VLAN', { uuid: world.ids.uuid(), tagged_PIF: tagged, untagged_PIF: untagged, tag }),
  );
  bringUp(world, untagged);
  return vlan;
}

/** XenAPI VLAN.create. */
async function create(call: Call, tagged: Pif, tag: bigint, network: Network): Promise<Ref<'VLAN'>> {
  assertCarries(call.world, tagged, tag, network);
  await spend(call);
  assertCarries(call.world, tagged, tag, network);
  return addVlan(call.world, tagged, tag, network);
}

/** A VLAN goes with the interface that carries its traffic, when nobody talks through it (facts 5.5). */
function remove(world: World, ref: Ref<'VLAN'>, untagged: Pif): void {
  world.db.remove('VLAN', ref);
  if (world.db.get('PIF', untagged) !== undefined) removePif(world, untagged);
}

async function destroy(call: Call, ref: Ref<'VLAN'>): Promise<void> {
  const { world } = call;
  const { untagged_PIF } = world.db.need('VLAN', ref);
  assertAll(world, untagged_PIF, [unbonded, ...releasable]);
  await spend(call);
  remove(world, ref, untagged_PIF);
}

/** XenAPI PIF.destroy, older than VLAN.destroy: PIF_IS_PHYSICAL [pif] for anything but a VLAN's interface. */
function destroyPif(call: Call, ref: Pif): Promise<void> {
  const { VLAN, VLAN_master_of } = call.world.db.need('PIF', ref);
  if (VLAN < 0n) refuse('PIF_IS_PHYSICAL', ref);
  return destroy(call, VLAN_master_of);
}

const isBase = (pif: Records['PIF'], device: string): boolean => pif.VLAN === -1n && pif.device === device;

/** The interfaces of this name, without a tag, on all hosts or on one; PIF_DEVICE_NOT_FOUND [] for none. */
function devicesNamed(world: World, device: string, host?: Ref<'host'>): Pif[] {
  const found = [...world.db.entries('PIF')].filter(
    ([, pif]) => isBase(pif, device) && (host === undefined || pif.host === host),
  );
  if (found.length === 0) refuse('PIF_DEVICE_NOT_FOUND');
  return found.map(([ref]) => ref);
}

/** The same VLAN on many hosts: on all of them or on none; answers the untagged interfaces. */
async function createOnAll(call: Call, bases: readonly Pif[], network: Network, tag: bigint): Promise<Pif[]> {
  const { world } = call;
  for (const base of bases) assertCarries(world, base, tag, network);
  await spend(call);
  for (const base of bases) assertCarries(world, base, tag, network);
  return bases.map((base) => world.db.need('VLAN', addVlan(world, base, tag, network)).untagged_PIF);
}

/** The messages that make and take away VLANs (facts 5.5). */
export const vlanHandlers: HandlerTable = {
  'VLAN.create': create,
  'VLAN.destroy': destroy,
  'PIF.destroy': destroyPif,
  'PIF.create_VLAN': async (call: Call, device: string, network: Network, host: Ref<'host'>, tag: bigint) =>
    (await createOnAll(call, devicesNamed(call.world, device, host), network, tag))[0],
  'pool.create_VLAN': (call: Call, device: string, network: Network, tag: bigint) =>
    createOnAll(call, devicesNamed(call.world, device), network, tag),
  'pool.create_VLAN_from_PIF': (call: Call, pif: Pif, network: Network, tag: bigint) => {
    const { db } = call.world;
    return createOnAll(call, db.need('network', db.need('PIF', pif).network).PIFs, network, tag);
  },
};
