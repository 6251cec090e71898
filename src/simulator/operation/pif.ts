import { isIP, isIPv4 } from 'node:net';
import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { Call, HandlerTable, World } from '../world.js';
import { spend } from './during.js';
import {
  allowsUnplug,
  assertAll,
  managed,
  notManagement,
  type PifRule,
  unbonded,
  unprotected,
  untagged,
  untunnelled,
  unused,
} from './pif-rule.js';

type Pif = Ref<'PIF'>;
type Mode = Records['PIF']['ip_configuration_mode'];

/** CANNOT_PLUG_BOND_SLAVE [pif]: the bond is plugged, not its parts. */
const noPart: PifRule = (_world, ref, { bond_slave_of }) => {
  if (bond_slave_of !== NULL_REF) refuse('CANNOT_PLUG_BOND_SLAVE', ref);
};

/** What an interface stands on: its bond's parts, or the interface that its VLAN is on. */
function below({ db }: World, { VLAN_master_of, bond_master_of }: Records['PIF']): readonly Pif[] {
  const vlan = db.get('VLAN', VLAN_master_of);
  const parts = bond_master_of.flatMap((bond) => db.need('Bond', bond).slaves);
  return vlan === undefined ? parts : [vlan.tagged_PIF, ...parts];
}

/** Brings an interface up, and first what it stands on. */
export function bringUp(world: World, ref: Pif): void {
  for (const each of below(world, world.db.need('PIF', ref))) bringUp(world, each);
  world.db.update('PIF', ref, { currently_attached: true });
}

/** XenAPI PIF.plug: one that is up stays up (facts 5.5). */
async function plug(call: Call, ref: Pif): Promise<void> {
  const { world } = call;
  assertAll(world, ref, [managed, noPart]);
  if (world.db.need('PIF', ref).currently_attached) return;
  await spend(call);
  bringUp(world, ref);
}

/** What must hold for an interface to go down. */
export const releasable: readonly PifRule[] = [managed, unprotected, notManagement, allowsUnplug, unused];

/** XenAPI PIF.unplug: one that is down stays down (facts 5.5). */
async function unplug(call: Call, ref: Pif): Promise<void> {
  const { world } = call;
  assertAll(world, ref, releasable);
  if (!world.db.need('PIF', ref).currently_attached) return;
  await spend(call);
  world.db.update('PIF', ref, { currently_attached: false });
}

/** INVALID_IP_ADDRESS_SPECIFIED [parameter] for what is no address. */
function assertAddress(parameter: string, text: string, valid: (text: string) => boolean): void {
  if (!valid(text)) refuse('INVALID_IP_ADDRESS_SPECIFIED', parameter);
}

const isOptional =
  (valid: (text: string) => boolean) =>
  (text: string): boolean =>
    text === '' || valid(text);
const areAddresses = (text: string): boolean => text === '' || text.split(',').every((each) => isIPv4(each));

/** An address as a DHCP server would give it, always the same one for an interface. */
const leased = ({ uuid }: Records['PIF']): string => `198.51.100.${1 + (Number.parseInt(uuid.slice(0, 8), 16) % 250)}`;

type Addresses = Pick<Records['PIF'], 'IP' | 'netmask' | 'gateway' | 'DNS'>;

function addressesOf(mode: Mode, given: Addresses, pif: Records['PIF']): Addresses {
  if (mode === 'Static') return given;
  if (mode === 'None') return { IP: '', netmask: '', gateway: '', DNS: '' };
  return { IP: leased(pif), netmask: '255.255.255.0', gateway: '198.51.100.254', DNS: '198.51.100.253' };
}

/** PIF_IS_MANAGEMENT_INTERFACE [pif] for who would make a host unreachable (facts 5.5). */
function assertReachable(world: World, ref: Pif, mode: string): void {
  if (mode === 'None' && world.db.need('PIF', ref).management) refuse('PIF_IS_MANAGEMENT_INTERFACE', ref);
}

/** XenAPI PIF.reconfigure_ip: the management interface's address is its host's address too. */
async function reconfigure(
  call: Call,
  ref: Pif,
  ip_configuration_mode: Mode,
  IP: string,
  netmask: string,
  gateway: string,
  DNS: string,
): Promise<void> {
  const { world } = call;
  assertAll(world, ref, [managed, noPart, unprotected]);
  assertReachable(world, ref, ip_configuration_mode);
  if (ip_configuration_mode === 'Static') {
    assertAddress('IP', IP, isIPv4);
    assertAddress('netmask', netmask, isIPv4);
    assertAddress('gateway', gateway, isOptional(isIPv4));
    assertAddress('DNS', DNS, areAddresses);
  }
  await spend(call);
  const pif = world.db.need('PIF', ref);
  const addresses = addressesOf(ip_configuration_mode, { IP, netmask, gateway, DNS }, pif);
  world.db.update('PIF', ref, { ip_configuration_mode, ...addresses });
  if (pif.management) world.db.update('host', pif.host, { address: addresses.IP });
}

/** XenAPI PIF.reconfigure_ipv6; addresses carry their prefix's length. */
async function reconfigureV6(
  call: Call,
  ref: Pif,
  ipv6_configuration_mode: Records['PIF']['ipv6_configuration_mode'],
  address: string,
  ipv6_gateway: string,
  DNS: string,
): Promise<void> {
  const { world } = call;
  assertAll(world, ref, [managed, noPart, unprotected]);
  if (ipv6_configuration_mode === 'Static') {
    const at = /^([^/]+)\/(\d{1,3})$/.exec(address);
    if (at === null || isIP(at[1] as string) !== 6 || Number(at[2]) > 128)
      refuse('INVALID_CIDR_ADDRESS_SPECIFIED', 'IPv6');
    assertAddress(
      'gateway',
      ipv6_gateway,
      isOptional((text) => isIP(text) === 6),
    );
  }
  await spend(call);
  const fixed = ipv6_configuration_mode === 'Static';
  const own = fixed ? { IPv6: [address], ipv6_gateway, DNS } : { IPv6: [], ipv6_gateway: '' };
  world.db.update('PIF', ref, { ipv6_configuration_mode, ...own });
}

/** Takes an interface's record away, and its readings where no other interface shows them. */
export function removePif({ db }: World, ref: Pif): void {
  const { metrics } = db.need('PIF', ref);
  db.remove('PIF', ref);
  if (db.find('PIF', (pif) => pif.metrics === metrics) === undefined) db.remove('PIF_metrics', metrics);
}

async function forget(call: Call, ref: Pif): Promise<void> {
  assertAll(call.world, ref, [unbonded, untagged, untunnelled, notManagement, unprotected, unused]);
  await spend(call);
  removePif(call.world, ref);
}

const macPattern = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Whether a text is the address of one network device, and not of many. */
export const isMac = (text: string): boolean =>
  macPattern.test(text) && (Number.parseInt(text.slice(0, 2), 16) & 1) === 0;

/** The network of a physical interface's usual bridge, made up where there is none. */
function networkOf({ db, ids }: World, device: string): Ref<'network'> {
  const bridge = device.startsWith('eth') ? `xenbr${device.slice(3)}` : `br${device}`;
  const known = db.find('network', (network) => network.bridge === bridge)?.[0];
  if (known !== undefined) return known;
  const ref = ids.ref() as Ref<'network'>;
  const name_label = `Pool-wide network associated with ${device}`;
  db.insert('network', ref, blank('network', { uuid: ids.uuid(), name_label, bridge, MTU: 1500n, managed: true }));
  return ref;
}

/** XenAPI PIF.introduce: the record of a network card that the pool does not know yet. */
function introduce({ world }: Call, host: Ref<'host'>, given: string, device: string, isManaged: boolean): Pif {
  const MAC = given === '' ? world.ids.mac() : given.toLowerCase();
  if (!isMac(MAC)) refuse('MAC_INVALID', given);
  const taken = world.db.need('host', host).PIFs.some((pif) => {
    const known = world.db.need('PIF', pif);
    return known.physical && known.device === device;
  });
  if (taken) refuse('DUPLICATE_PIF_DEVICE_NAME', device);
  const [ref, metrics] = [world.ids.ref() as Pif, world.ids.ref() as Ref<'PIF_metrics'>];
  const network = networkOf(world, device);
  const facts = { carrier: true, speed: 10_000n, duplex: true, last_updated: world.clock.text() };
  world.db.insert('PIF_metrics', metrics, blank('PIF_metrics', { uuid: world.ids.uuid(), ...facts }));
  const own = { uuid: world.ids.uuid(), host, MAC, device, network, metrics };
  world.db.insert(
    'PIF',
    ref,
    blank('PIF', {
      ...own,
      MTU: 1500n,
      VLAN: -1n,
      physical: true,
      managed: isManaged,
      currently_attached: false,
      ip_configuration_mode: 'None',
    }),
  );
  return ref;
}

/** The messages of class PIF, but for those that make VLANs (facts 5.5). */
export const pifHandlers: HandlerTable = {
  'PIF.plug': plug,
  'PIF.unplug': unplug,
  'PIF.reconfigure_ip': reconfigure,
  'PIF.reconfigure_ipv6': reconfigureV6,
  'PIF.forget': forget,
  'PIF.introduce': introduce,
  'PIF.scan': ({ world }: Call, host: Ref<'host'>) => void world.db.need('host', host),
  'PIF.set_property': ({ world }: Call, ref: Pif, name: string, value: string) => {
    if (name !== 'gro' || !['on', 'off'].includes(value)) refuse('INVALID_VALUE', name, value);
    const { properties } = world.db.need('PIF', ref);
    world.db.update('PIF', ref, { properties: { ...properties, [name]: value } });
  },
};
