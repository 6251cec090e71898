import { isIPv4 } from 'node:net';
import type { CimInstance } from '../cim/instance.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { invalid } from './input.js';
import { integerIn, textIn, textsIn, valueIn } from './instance.js';
import { writeMap } from './setter.js';
import type { Steps } from './steps.js';

type Pif = Records['PIF'];
type Mode = Pif['ip_configuration_mode'];
type Addresses = readonly [mode: Mode, IP: string, netmask: string, gateway: string, DNS: string];

/** What is to change of a port of a host. */
export interface PortChanges {
  readonly before: Pif;
  /** Undefined where addresses stay as they are. */
  readonly addresses: Addresses | undefined;
  /** What the address is for; '' for nothing any more, undefined where that stays as it is. */
  readonly purpose: string | undefined;
  /** The messages that this takes. */
  readonly needs: readonly string[];
}

const modes: Readonly<Record<number, Mode>> = { 0: 'None', 1: 'DHCP', 2: 'Static' };

function modeIn(setting: CimInstance, before: Pif): Mode {
  const given = integerIn(setting, 'IPConfigurationMode');
  if (given === undefined) return before.ip_configuration_mode;
  return modes[Number(given)] ?? invalid(`IPConfigurationMode wants 0 (None), 1 (DHCP) or 2 (Static); got ${given}`);
}

const addressesOf = (pif: Pif): Addresses => [pif.ip_configuration_mode, pif.IP, pif.netmask, pif.gateway, pif.DNS];

/** One address, or of name servers several with commas between them (XenAPI PIF.reconfigure_ip). */
function checkAddresses(name: string, value: string): void {
  const wrong = value.split(',').find((each) => each.trim() !== '' && !isIPv4(each.trim()));
  if (wrong !== undefined) invalid(`${name} wants an IPv4 address; got "${wrong.slice(0, 60)}"`);
}

/** The addresses that are wanted; without DHCP or a static address a port has none. */
function addressesIn(setting: CimInstance, before: Pif): Addresses | undefined {
  const mode = modeIn(setting, before);
  const [now, ...known] = addressesOf(before);
  if (mode !== 'Static') return mode === now ? undefined : [mode, '', '', '', ''];
  const names = ['IPAddress', 'IPSubnetMask', 'IPGateway', 'DNS'];
  const wanted = names.map((name, i) => textIn(setting, name) ?? known[i]!);
  const [IP = '', netmask = '', gateway = '', DNS = ''] = wanted;
  if (IP === '' || netmask === '') invalid('a static address wants IPAddress and IPSubnetMask');
  for (const [i, value] of wanted.entries()) checkAddresses(names[i]!, value);
  const same = mode === now && wanted.every((value, i) => value === known[i]);
  return same ? undefined : [mode, IP, netmask, gateway, DNS];
}

/** Properties that say where a port is, which no port can change: what is given must be what it is. */
const fixed: readonly (readonly [name: string, now: (pif: Pif, view: View) => string])[] = [
  ['VlanTag', ({ VLAN }) => String(VLAN)],
  ['VirtualSwitch', ({ network }, view) => view.get('network', network)?.uuid ?? ''],
  ['Address', ({ MAC }) => MAC.toLowerCase()],
  ['Connection', ({ device }) => device],
  ['Management', ({ management }) => String(management)],
];

function given(setting: CimInstance, name: string): string | undefined {
  const value = name === 'Connection' ? textsIn(setting, name)?.join(',') : valueIn(setting, name);
  return value === undefined || value === null || value === '' ? undefined : String(value).toLowerCase();
}

function checkFixed(view: View, before: Pif, setting: CimInstance): void {
  for (const [name, now] of fixed) {
    const wanted = given(setting, name);
    const is = now(before, view);
    if (wanted === undefined || wanted === is.toLowerCase()) continue;
    invalid(`${name} of a port cannot be changed from "${is}" to "${wanted.slice(0, 60)}": make another port`);
  }
}

/** What a setting changes of the port that it is of. Throws INVALID_PARAMETER for what cannot be changed. */
export function portChangesOf(view: View, before: Pif, setting: CimInstance): PortChanges {
  checkFixed(view, before, setting);
  const addresses = addressesIn(setting, before);
  const purpose = textIn(setting, 'ManagementPurpose');
  const other = purpose !== undefined && purpose !== (before.other_config[purposeKey] ?? '');
  const needs = [...(addresses ? ['PIF.reconfigure_ip'] : []), ...(other ? ['PIF.set_disallow_unplug'] : [])];
  return { before, addresses, purpose: other ? purpose : undefined, needs };
}

const purposeKey = 'management_purpose';

async function writePurpose(steps: Steps, ref: Ref<'PIF'>, before: Pif, purpose: string): Promise<void> {
  const { other_config, disallow_unplug } = before;
  const { [purposeKey]: _old, ...rest } = other_config;
  const wanted = purpose === '' ? rest : { ...other_config, [purposeKey]: purpose };
  await writeMap(steps, 'PIF', 'other_config', ref, other_config, wanted, true);
  const kept = purpose !== '';
  if (kept === disallow_unplug) return;
  await steps.call('PIF.set_disallow_unplug', ref, kept);
  steps.undo('whether the port may be unplugged', 'PIF.set_disallow_unplug', ref, disallow_unplug);
}

/** Writes the changes of one port. A port whose address has a purpose is not to be unplugged. */
export async function writePort(
  steps: Steps,
  { ref, before, addresses, purpose }: PortChanges & { readonly ref: Ref<'PIF'> },
): Promise<void> {
  if (addresses) {
    const message = 'PIF.reconfigure_ip';
    const back = { what: `the new address of ${before.device}`, message, args: [ref, ...addressesOf(before)] };
    await steps.reversible(back, message, ref, ...(addresses as readonly CallValue[]));
  }
  if (purpose !== undefined) await writePurpose(steps, ref, before, purpose);
}
