import type { CimInstance } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { CallValue } from '../xenapi/protocol.js';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { invalid } from './input.js';
import { textIn, textsIn, valueIn } from './instance.js';
import { portState } from './port-renewal.js';
import { resolve } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import { bridgeTag, type Steps } from './steps.js';
import { portCompound } from './undo.js';

type Pif = Ref<'PIF'>;
type Network = Ref<'network'>;

/** What connects a network to one host: the frames of a tag on one of its ports, or several ports as one. */
export type Uplink =
  | { readonly kind: 'VLAN'; readonly on: Pif; readonly tag: bigint }
  | { readonly kind: 'Bond'; readonly members: readonly Pif[] };

const portClass = 'Xen_HostNetworkPortSettingData';

/** The classes of settings that can mean a port of a host: our own, and the general ones. */
export function checkPortClass({ shape: { className } }: CimInstance): void {
  if (!/^Xen_/i.test(className) || sameName(className, portClass)) return;
  invalid(`ResourceSettings: a virtual switch takes ${portClass}; got ${className}`);
}

/** The port that a setting's InstanceID names; INVALID_PARAMETER where it names none. */
export function portOf(view: View, setting: CimInstance): { readonly ref: Pif; readonly record: Records['PIF'] } {
  const id = textIn(setting, 'InstanceID') ?? invalid('ResourceSettings: the InstanceID of the port is wanted');
  const keys = [{ name: 'InstanceID', type: 'string' as const, value: id }];
  const found = resolve(view, 'PIF', { kind: 'path', className: portClass, keys });
  return found ?? invalid(`ResourceSettings: no host has a port ${id.slice(0, 100)}`);
}

/** A port that frames leave the host by, and no face of another one. */
const isBase = ({ VLAN, sriov_logical_PIF_of, tunnel_access_PIF_of }: Records['PIF']): boolean =>
  VLAN === -1n && (sriov_logical_PIF_of ?? []).length === 0 && tunnel_access_PIF_of.length === 0;

/** The ports of this name on all hosts. */
function portsNamed(view: View, device: string): readonly Pif[] {
  const found = view.refs('PIF').filter((ref) => {
    const pif = view.get('PIF', ref)!;
    return pif.device === device && isBase(pif);
  });
  return found.length > 0 ? found : invalid(`Connection: no host has a port named "${device.slice(0, 60)}"`);
}

/** The ports of a setting by device: those that Connection names, else the one that InstanceID means. */
function devicesOf(view: View, setting: CimInstance): readonly (readonly Pif[])[] {
  const names = (textsIn(setting, 'Connection') ?? []).flatMap((text) => text.split(','));
  const devices = [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))];
  return devices.length > 0 ? devices.map((device) => portsNamed(view, device)) : [[portOf(view, setting).ref]];
}

const lastTag = 4094n;

function tagIn(settings: readonly CimInstance[]): bigint | undefined {
  const tags = new Set(settings.map((each) => valueIn(each, 'VlanTag')).filter((tag) => typeof tag === 'bigint'));
  const [tag] = tags;
  if (tags.size > 1) invalid('VlanTag: a switch has one VLAN; the settings name several');
  if (tag !== undefined && tag > lastTag) invalid(`VlanTag wants 0 to ${lastTag}; got ${tag}`);
  return tag;
}

/** The hosts of ports, the coordinator last: what is done to its ports may interrupt the bridge's own connection. */
function byHost(view: View, ports: readonly Pif[]): readonly (readonly Pif[])[] {
  const hosts = new Map<string, Pif[]>();
  for (const port of new Set(ports)) {
    const { host } = view.get('PIF', port)!;
    hosts.set(host, [...(hosts.get(host) ?? []), port]);
  }
  const coordinator = view.get('pool', view.refs('pool')[0]!)?.master;
  return [...hosts].sort(([a], [b]) => Number(a === coordinator) - Number(b === coordinator)).map(([, own]) => own);
}

function checkBond(view: View, devices: number, members: readonly Pif[]): void {
  if (members.length === devices) return;
  const host = view.get('host', view.get('PIF', members[0]!)!.host)?.name_label;
  invalid(`Connection: a bond needs all of its ports on every host that has one; ${host} lacks some`);
}

/**
 * What the settings of ports ask for: one device is a VLAN on it, on every host that has it; several are a bond of them
 * on each host. Throws INVALID_PARAMETER for what no pool could make.
 */
export function uplinksOf(view: View, settings: readonly CimInstance[]): readonly Uplink[] {
  settings.forEach(checkPortClass);
  if (settings.length === 0) return [];
  const devices = settings.flatMap((setting) => devicesOf(view, setting));
  const tag = tagIn(settings);
  const hosts = byHost(view, devices.flat());
  const names = new Set(devices.flat().map((port) => view.get('PIF', port)!.device));
  if (names.size === 1) {
    const wanted = tag ?? invalid('VlanTag is wanted with a single port: the switch would have the port for itself');
    return hosts.flat().map((on) => ({ kind: 'VLAN', on, tag: wanted }));
  }
  if (tag !== undefined) invalid('VlanTag: a bond is not tagged itself; make the bond first, then a VLAN on its port');
  for (const members of hosts) checkBond(view, names.size, members);
  return hosts.map((members) => ({ kind: 'Bond', members }));
}

/** The messages that make these. */
export const makingOf = (uplinks: readonly Uplink[]): readonly string[] => [
  ...new Set(uplinks.map(({ kind }) => `${kind}.create`)),
];

const portName = (view: View, ref: Pif): string => {
  const pif = view.get('PIF', ref);
  return `${pif?.device ?? ref} of ${(pif && view.get('host', pif.host)?.name_label) ?? 'a host'}`;
};

const bondMode = 'balance-slb';

/** Connects a network to a host; gives the port that does it from now on. */
async function makeUplink(steps: Steps, network: Network, uplink: Uplink): Promise<() => Pif | undefined> {
  const { view } = steps;
  const message = `${uplink.kind}.create`;
  if (uplink.kind === 'VLAN') {
    const what = `the VLAN ${uplink.tag} on ${portName(view, uplink.on)}`;
    const undo = { what, message: 'VLAN.destroy' };
    const vlan = await steps.makeByTask<'VLAN'>(undo, message, uplink.on, uplink.tag, network);
    await steps.call('VLAN.add_to_other_config', vlan, bridgeTag, steps.tag[bridgeTag]!);
    return () => view.get('VLAN', vlan)?.untagged_PIF;
  }
  const { members } = uplink;
  const undo = {
    what: `the bond of ${members.map((each) => portName(view, each)).join(', ')}`,
    message: 'Bond.destroy',
  };
  const bond = await steps.makeByTask<'Bond'>(undo, message, network, members, '', bondMode, {});
  await steps.call('Bond.add_to_other_config', bond, bridgeTag, steps.tag[bridgeTag]!);
  return () => view.get('Bond', bond)?.master;
}

/** Connects a network to hosts, one after the other; gives the ports that do it from now on. */
export async function makeUplinks(steps: Steps, network: Network, uplinks: readonly Uplink[]): Promise<readonly Pif[]> {
  const made: (() => Pif | undefined)[] = [];
  for (const uplink of uplinks) made.push(await makeUplink(steps, network, uplink));
  await steps.settle();
  return made.map((port) => port()).filter((port) => port !== undefined);
}

/** How a port that a method could have made goes again, and how it would be made once more. */
export interface Removal {
  readonly what: string;
  readonly message: 'VLAN.destroy' | 'Bond.destroy';
  readonly ref: Ref<'VLAN' | 'Bond'>;
  readonly again: readonly [message: string, args: readonly CallValue[], state: CallValue];
}

const stateOf = (pif: Records['PIF']): CallValue => ({ ...portState(pif) });

/** Throws the return value for an invalid state where the port is the host's own, or the host is reached through it. */
export function removalOf(view: View, ref: Pif, pif: Records['PIF']): Removal {
  const name = portName(view, ref);
  const refuse = (why: string): never => {
    throw new Refusal(serviceCodes.InvalidState, `the port ${name} cannot be taken away: ${why}`);
  };
  if (pif.VLAN_master_of !== NULL_REF) {
    const vlan = view.get('VLAN', pif.VLAN_master_of) ?? refuse('its VLAN is not known');
    if (pif.management) refuse('the host is managed through it');
    const again = ['VLAN.create', [vlan.tagged_PIF, vlan.tag, pif.network], stateOf(pif)] as const;
    return {
      what: `the removal of the VLAN ${vlan.tag} on ${name}`,
      message: 'VLAN.destroy',
      ref: pif.VLAN_master_of,
      again,
    };
  }
  const [bondRef] = pif.bond_master_of;
  const bond = bondRef && view.get('Bond', bondRef);
  if (!bond) return refuse('only VLANs and bonds can be');
  const { slaves, mode, properties, auto_update_mac } = bond;
  const args = [pif.network, slaves, auto_update_mac ? '' : pif.MAC, mode, properties];
  const again = ['Bond.create', args, stateOf(pif)] as const;
  return { what: `the removal of the bond ${name}`, message: 'Bond.destroy', ref: bondRef, again };
}

/** Takes ports away. Should a later step fail they are made once more, with the addresses that they have. */
export async function removePorts(steps: Steps, removals: readonly Removal[]): Promise<void> {
  for (const { what, message, ref, again } of removals) {
    await steps.reversible({ what, message: portCompound, args: again }, message, ref);
  }
}
