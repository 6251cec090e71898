import type { CimInstance } from '../cim/instance.js';
import type { InstancePath } from '../cim/path.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { namedPath } from './disk-resource.js';
import { plugIfLive, unplugIfHeld } from './hotplug.js';
import { invalid } from './input.js';
import { textIn, textsIn } from './instance.js';
import { type Face, face } from './method.js';
import { type Referred, resolve } from './reference.js';
import type { Existing, Machine, NewResource, ResourceChange, ResourceKind } from './resource.js';
import { Refusal, serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';

type Vif = Records['VIF'];

/** A network by its uuid, by a path to it, or by a name that only one has. */
function networkNamed(view: View, text: string): Referred<'network'> | undefined {
  const found = resolve(view, 'network', namedPath(text));
  if (found) return found;
  const named = view.refs('network').filter((ref) => view.get('network', ref)?.name_label === text);
  return named.length === 1 ? { ref: named[0]!, record: view.get('network', named[0]!)! } : undefined;
}

/** The one network with this VLAN; undefined where the text is no VLAN number. */
function networkOfVlan(view: View, text: string): Referred<'network'> | undefined {
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const tag = BigInt(text);
  const tagged = view
    .refs('network')
    .map((ref) => ({ ref, record: view.get('network', ref)! }))
    .filter(({ record }) => record.PIFs.some((pif) => view.get('PIF', pif)?.VLAN === tag));
  if (tagged.length === 1) return tagged[0]!;
  invalid(`Connection: ${tagged.length} networks have the VLAN ${text}; name one by PoolID`);
}

/** The network that the settings name: PoolID, or HostResource or Connection where those name one or its VLAN. */
function networkOf(settings: CimInstance, view: View): Referred<'network'> | undefined {
  const id = textIn(settings, 'PoolID');
  if (id !== undefined && id !== '') {
    return networkNamed(view, id) ?? invalid(`PoolID: the pool has no network ${id.slice(0, 100)}`);
  }
  const connections = textsIn(settings, 'Connection') ?? [];
  const named = [...(textsIn(settings, 'HostResource') ?? []), ...connections].map((text) => networkNamed(view, text));
  return named.find((found) => found !== undefined) ?? networkOfVlan(view, connections[0] ?? '');
}

const macForm = /^[0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){5}$/i;

/** `aa:bb:cc:dd:ee:ff`, however it was divided; empty: made up by the pool. */
function macOf(settings: CimInstance): string | undefined {
  const address = textIn(settings, 'Address');
  if (address === undefined || address === '') return undefined;
  if (!macForm.test(address)) invalid(`Address: "${address.slice(0, 40)}" is no MAC address`);
  return address
    .toLowerCase()
    .replace(/[:-]/g, '')
    .replace(/(..)(?=.)/g, '$1:');
}

function slotOf(settings: CimInstance): string | undefined {
  const slot = textIn(settings, 'AddressOnParent');
  if (slot === undefined || slot === '') return undefined;
  return /^\d{1,2}$/.test(slot)
    ? slot
    : invalid(`AddressOnParent of a network port is a number, not "${slot.slice(0, 40)}"`);
}

/** What XenAPI VIF.create takes, but for the slot where none was asked for. */
interface NewPort {
  readonly network: Ref<'network'>;
  readonly mac: string;
  readonly slot: string | undefined;
  readonly like: Vif | undefined;
}

const portRecord = (machine: Ref<'VM'>, { network, mac, like }: NewPort, device: string) => ({
  VM: machine,
  network,
  device,
  MAC: mac,
  MTU: like?.MTU ?? 0n,
  other_config: like?.other_config ?? {},
  qos_algorithm_type: like?.qos_algorithm_type ?? '',
  qos_algorithm_params: like?.qos_algorithm_params ?? {},
  locking_mode: like?.locking_mode ?? 'network_default',
  ipv4_allowed: like?.ipv4_allowed ?? [],
  ipv6_allowed: like?.ipv6_allowed ?? [],
});

async function make(steps: Steps, machine: Machine, port: NewPort): Promise<Face> {
  const free = port.slot === undefined ? await steps.ask('VM.get_allowed_VIF_devices', machine.ref) : [port.slot];
  const [slot] = Array.isArray(free) ? [...free].map(Number).sort((a, b) => a - b) : [];
  if (slot === undefined || Number.isNaN(slot))
    throw new Refusal(serviceCodes.Failed, 'no slot is free for another network port');
  const record = portRecord(machine.ref, port, String(slot));
  const other_config = { ...record.other_config, ...steps.tag };
  const undo = { what: `the network port ${slot}`, message: 'VIF.destroy' };
  const vif = await steps.make<'VIF'>(undo, 'VIF.create', { ...record, other_config });
  await plugIfLive(steps, 'VIF', vif, machine);
  return face('Xen_NetworkPortSettingData', vif);
}

function add(settings: CimInstance, view: View): NewResource {
  const network =
    networkOf(settings, view) ?? invalid('a network port wants a PoolID: the network that it is connected to');
  const port = { network: network.ref, mac: macOf(settings) ?? '', slot: slotOf(settings), like: undefined };
  return { needs: ['VIF.create'], tasks: 0, apply: (steps, machine) => make(steps, machine, port) };
}

function find(view: View, path: InstancePath): Existing | undefined {
  const found = resolve(view, 'VIF', path);
  const record = found && view.get('VM', found.record.VM);
  return found && record && { machine: { ref: found.record.VM, record }, ref: found.ref };
}

function checkHeld(machine: Records['VM'], { currently_attached }: Vif): void {
  if (!currently_attached || machine.power_state === 'Running') return;
  const message = `${machine.name_label} is ${machine.power_state} and holds the network port`;
  throw new Refusal(serviceCodes.InvalidState, message);
}

/** Takes a port away; it can only be brought back as a new one of the same address. */
async function take(steps: Steps, ref: string, vif: Vif): Promise<void> {
  await unplugIfHeld(steps, 'VIF', ref, vif.currently_attached);
  await steps.call('VIF.destroy', ref);
  steps.keep(ref);
  const old: NewPort = { network: vif.network, mac: vif.MAC, slot: vif.device, like: vif };
  const record: CallValue = portRecord(vif.VM, old, vif.device);
  steps.undo(`the network port ${vif.device}`, '@device', 'VIF', record, vif.currently_attached);
}

/** Another network alone is a move; another address or slot a new port in the place of the old one (XenAPI has no setter). */
function modify(settings: CimInstance, { ref, machine }: Existing, view: View): ResourceChange {
  const vif = view.get('VIF', ref)!;
  const network = networkOf(settings, view)?.ref ?? vif.network;
  const [mac, slot] = [macOf(settings) ?? vif.MAC, slotOf(settings) ?? vif.device];
  const anew = mac !== vif.MAC.toLowerCase() && mac !== vif.MAC ? true : slot !== vif.device;
  if (anew) checkHeld(machine.record, vif);
  if (!anew) return move(ref, vif, network);
  return {
    needs: [...(vif.currently_attached ? ['VIF.unplug'] : []), 'VIF.destroy', 'VIF.create'],
    tasks: 0,
    apply: async (steps) => {
      await take(steps, ref, vif);
      return make(steps, machine, { network, mac, slot, like: vif });
    },
  };
}

function move(ref: string, vif: Vif, network: Ref<'network'>): ResourceChange {
  const moves = network !== vif.network;
  return {
    needs: moves ? ['VIF.move'] : [],
    tasks: 0,
    apply: async (steps) => {
      if (moves) {
        await steps.call('VIF.move', ref, network);
        steps.undo(`the move of the network port ${vif.device}`, 'VIF.move', ref, vif.network);
      }
      return face('Xen_NetworkPortSettingData', ref);
    },
  };
}

function remove({ ref, machine }: Existing, view: View): ResourceChange {
  const vif = view.get('VIF', ref)!;
  checkHeld(machine.record, vif);
  return {
    needs: [...(vif.currently_attached ? ['VIF.unplug'] : []), 'VIF.destroy'],
    tasks: 0,
    apply: async (steps) => {
      await take(steps, ref, vif);
      return undefined;
    },
  };
}

export const networkResource: ResourceKind = { add, find, modify, remove };
