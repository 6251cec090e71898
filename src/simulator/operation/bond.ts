import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { Call, HandlerTable, World } from '../world.js';
import { spend } from './during.js';
import { bringUp, isMac, removePif } from './pif.js';
import { assertAll, assertUnconnected, managed, unbonded } from './pif-rule.js';

type Pif = Ref<'PIF'>;
type Bond = Ref<'Bond'>;
type Interface = Records['PIF'];

/** Whether an interface can be a part of a bond: PIF_ALREADY_BONDED, PIF_VLAN_EXISTS, PIF_IS_NOT_PHYSICAL (facts 5.5). */
function assertPart(world: World, ref: Pif): void {
  const pif = world.db.need('PIF', ref);
  assertAll(world, ref, [managed, unbonded]);
  if (pif.VLAN !== -1n) refuse('PIF_VLAN_EXISTS', pif.device);
  if (pif.tunnel_access_PIF_of.length > 0) refuse('IS_TUNNEL_ACCESS_PIF', ref);
  if (!pif.physical) refuse('PIF_IS_NOT_PHYSICAL', ref);
}

const propertiesText = ({ properties }: Interface): string => JSON.stringify(Object.entries(properties).toSorted());

const haEnabled = (world: World): boolean => world.db.need('pool', world.pool()).ha_enabled;

/** The parts together: one host, one address, equal properties, and nothing that HA watches over. */
function assertFits(world: World, parts: readonly Interface[]): void {
  const [first] = parts as [Interface];
  if (parts.some((pif) => pif.host !== first.host)) refuse('PIF_CANNOT_BOND_CROSS_HOST');
  if (parts.filter((pif) => pif.ip_configuration_mode !== 'None').length > 1) refuse('PIF_BOND_MORE_THAN_ONE_IP');
  if (haEnabled(world) && parts.some((pif) => pif.management)) refuse('HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE');
  if (parts.some((pif) => propertiesText(pif) !== propertiesText(first))) refuse('INCOMPATIBLE_PIF_PROPERTIES');
}

function assertBondable(world: World, network: Ref<'network'>, members: readonly Pif[], MAC: string): void {
  const [first] = members;
  if (first === undefined) refuse('PIF_BOND_NEEDS_MORE_MEMBERS');
  assertUnconnected(world, world.db.need('PIF', first).host, network);
  if (MAC !== '' && !isMac(MAC)) refuse('MAC_INVALID', MAC);
  for (const member of members) assertPart(world, member);
  const parts = members.map((member) => world.db.need('PIF', member));
  assertFits(world, parts);
}

function bondName({ db }: World, host: Ref<'host'>): string {
  const names = new Set(db.need('host', host).PIFs.map((pif) => db.need('PIF', pif).device));
  let number = 0;
  while (names.has(`bond${number}`)) number++;
  return `bond${number}`;
}

/** What goes from the interface through which a host talks to the one that takes its place. */
const carried = ({ ip_configuration_mode, IP, netmask, gateway, DNS, management, disallow_unplug }: Interface) => ({
  ip_configuration_mode,
  IP,
  netmask,
  gateway,
  DNS,
  management,
  disallow_unplug,
});

const silent = {
  ip_configuration_mode: 'None',
  IP: '',
  netmask: '',
  gateway: '',
  DNS: '',
  management: false,
  disallow_unplug: false,
} as const;

/** VLANs, and the devices of the host's own machines, move from interfaces to another one (facts 5.5). */
function moveTraffic(world: World, from: readonly Interface[], to: Pif): void {
  const { device, network, host } = world.db.need('PIF', to);
  for (const vlan of from.flatMap(({ VLAN_slave_of }) => VLAN_slave_of)) {
    world.db.update('VLAN', vlan, { tagged_PIF: to });
    world.db.update('PIF', world.db.need('VLAN', vlan).untagged_PIF, { device });
  }
  const networks = new Set(from.map((pif) => pif.network));
  for (const vm of world.db.need('host', host).resident_VMs)
    for (const vif of world.db.need('VM', vm).VIFs)
      if (networks.has(world.db.need('VIF', vif).network)) world.db.update('VIF', vif, { network });
}

/** The interface that stands for the bond. */
function addMaster(world: World, network: Ref<'network'>, primary: Interface, MAC: string): Pif {
  const [ref, metrics] = [world.ids.ref() as Pif, world.ids.ref() as Ref<'PIF_metrics'>];
  const facts = { carrier: true, speed: 10_000n, duplex: true, pci_bus_path: 'N/A', last_updated: world.clock.text() };
  world.db.insert('PIF_metrics', metrics, blank('PIF_metrics', { uuid: world.ids.uuid(), ...facts }));
  const own = { uuid: world.ids.uuid(), host: primary.host, device: bondName(world, primary.host), network, metrics };
  const { MTU } = world.db.need('network', network);
  const record = { ...own, MTU, VLAN: -1n, physical: false, managed: true, MAC: MAC === '' ? primary.MAC : MAC };
  world.db.insert('PIF', ref, blank('PIF', { ...record, properties: primary.properties, ...carried(primary) }));
  return ref;
}

const hashings: ReadonlySet<string> = new Set(['src_mac', 'tcpudp_ports']);

/** XenAPI Bond.create: the bond takes address, management, VLANs and machines over from its parts (facts 5.5). */
async function create(
  call: Call,
  network: Ref<'network'>,
  given: readonly Pif[],
  MAC: string,
  mode: Records['Bond']['mode'],
  properties: Readonly<Record<string, string>>,
): Promise<Bond> {
  const { world } = call;
  const members = [...new Set(given)];
  assertBondable(world, network, members, MAC);
  const hashing = properties['hashing_algorithm'];
  if (hashing !== undefined && !hashings.has(hashing)) refuse('INVALID_VALUE', 'hashing_algorithm', hashing);
  await spend(call);
  assertBondable(world, network, members, MAC);
  const parts = members.map((member) => world.db.need('PIF', member));
  const at = Math.max(
    0,
    parts.findIndex((pif) => pif.management || pif.ip_configuration_mode !== 'None'),
  );
  const [primary_slave, primary] = [members[at] as Pif, parts[at] as Interface];
  const master = addMaster(world, network, primary, MAC);
  const bond = world.ids.ref() as Bond;
  const record = { uuid: world.ids.uuid(), master, primary_slave, mode, properties, auto_update_mac: MAC === '' };
  world.db.insert('Bond', bond, blank('Bond', { ...record, links_up: BigInt(members.length) }));
  for (const member of members) world.db.update('PIF', member, { bond_slave_of: bond, ...silent });
  moveTraffic(world, parts, master);
  if (parts.some((pif) => pif.currently_attached)) bringUp(world, master);
  return bond;
}

/** XenAPI Bond.destroy: the first part takes everything back (facts 5.5). */
async function destroy(call: Call, ref: Bond): Promise<void> {
  const { world } = call;
  const before = world.db.need('Bond', ref);
  if (haEnabled(world) && world.db.need('PIF', before.master).management)
    refuse('HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE');
  await spend(call);
  const { master, slaves, primary_slave } = world.db.need('Bond', ref);
  const pif = world.db.need('PIF', master);
  const heir = slaves.includes(primary_slave) ? primary_slave : slaves[0];
  for (const slave of slaves) world.db.update('PIF', slave, { bond_slave_of: NULL_REF as Bond });
  if (heir !== undefined) {
    world.db.update('PIF', heir, { ...carried(pif), currently_attached: pif.currently_attached });
    moveTraffic(world, [pif], heir);
  }
  world.db.remove('Bond', ref);
  removePif(world, master);
}

/** The messages of class Bond (facts 5.5). */
export const bondHandlers: HandlerTable = {
  'Bond.create': create,
  'Bond.destroy': destroy,
  'Bond.set_property': ({ world }: Call, ref: Bond, name: string, value: string) => {
    const { properties } = world.db.need('Bond', ref);
    if (name !== 'hashing_algorithm' || !hashings.has(value)) refuse('INVALID_VALUE', name, value);
    world.db.update('Bond', ref, { properties: { ...properties, [name]: value } });
  },
};
