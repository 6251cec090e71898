import type { CimInstance } from '../cim/instance.js';
import { instancePath } from '../cim/path.js';
import type { Records, Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { type Input, invalid, missing } from './input.js';
import { valueIn } from './instance.js';
import { type Referred, resolve } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';

/** CIM_VirtualSystemMigrationService: 6 is Incompatible Parameters. */
export const incompatible = 6;

/** The machine that is to be moved: neither a template nor a snapshot, nor a host's control domain. */
export function machineOf(input: Input): Referred<'VM'> {
  const name = 'ComputerSystem';
  const { ref, record } = input.refer(name, 'VM') ?? missing(name, 'a reference to a virtual system');
  const { is_a_snapshot, is_a_template, is_control_domain } = record;
  if (!is_a_snapshot && !is_a_template && !is_control_domain) return { ref, record };
  const kind = is_a_snapshot ? 'a snapshot' : is_a_template ? 'a template' : 'the control domain of a host';
  return invalid(`${name}: ${record.name_label} is ${kind}, which does not move`);
}

const same = (a: string, b: string): boolean => a !== '' && a.toLowerCase() === b.toLowerCase();

/** Whether a text means a host, the most certain first: its uuid, an address, its name in the network, its name in the pool. */
const meanings: readonly ((view: View, host: Records['host'], text: string) => boolean)[] = [
  (_view, { uuid }, text) => same(uuid, text),
  (view, { address, PIFs }, text) =>
    same(address, text) ||
    PIFs.some((ref) => {
      const pif = view.get('PIF', ref);
      return (
        pif !== undefined &&
        [pif.IP, ...pif.IPv6.map((each) => each.replace(/\/\d+$/, ''))].some((ip) => same(ip, text))
      );
    }),
  (_view, { hostname }, text) => same(hostname, text),
  (_view, { name_label }, text) => same(name_label, text),
];

/** The host that DestinationHost names; none or more than one is CIM_ERR_INVALID_PARAMETER. */
export function hostNamed(input: Input, view: View): Referred<'host'> {
  const name = 'DestinationHost';
  const text = input.text(name)?.trim() || missing(name, 'the address or the name of a host');
  const hosts = [...view.refs('host')].map((ref) => ({ ref, record: view.get('host', ref)! }));
  for (const means of meanings) {
    const found = hosts.filter(({ record }) => means(view, record, text));
    if (found.length > 1) invalid(`${name}: ${found.length} hosts are called ${text}; give the address of one`);
    if (found[0]) return found[0];
  }
  return invalid(`${name}: the pool has no host ${text.slice(0, 100)}`);
}

/** The host that DestinationSystem refers to. */
export const hostReferred = (input: Input): Referred<'host'> =>
  input.refer('DestinationSystem', 'host') ?? missing('DestinationSystem', 'a reference to a host');

/** The network that migrations to a host go over: that of its management. */
export function managementNetwork(view: View, { record }: Referred<'host'>): Ref<'network'> {
  const pif = record.PIFs.map((ref) => view.get('PIF', ref)).find((each) => each?.management === true);
  if (pif) return pif.network;
  throw new Refusal(serviceCodes.InvalidState, `${record.name_label} has no network that it is managed through`);
}

/** A text of setting data; undefined where it is not there or empty. */
export const textOf = (settings: CimInstance, name: string): string | undefined => {
  const value = valueIn(settings, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The path of which only the identifying key is known. */
export const namedPath = (value: string) => instancePath('', [{ name: '', type: 'string', value }]);

/** One disk of the machine, by its setting data (InstanceID), and the repository where it is to be (PoolID). */
function disk(
  settings: CimInstance,
  { ref }: Referred<'VM'>,
  view: View,
): readonly [Ref<'VDI'>, Ref<'SR'>] | undefined {
  const where = 'NewResourceSettingData';
  const id = textOf(settings, 'InstanceID') ?? missing(`InstanceID of ${where}`, 'that of the setting data of a disk');
  const device = resolve(view, 'VBD', namedPath(id))?.record;
  if (!device || device.VM !== ref || device.type !== 'Disk')
    throw new Refusal(
      incompatible,
      `${where}: ${id.slice(0, 100)} is none of the machine's disks, which alone can be placed`,
    );
  const pool = textOf(settings, 'PoolID');
  const image = view.get('VDI', device.VDI);
  if (pool === undefined || !image) return undefined;
  const repository =
    resolve(view, 'SR', namedPath(pool)) ?? invalid(`PoolID: the pool has no repository ${pool.slice(0, 100)}`);
  return repository.ref === image.SR ? undefined : [device.VDI, repository.ref];
}

/** Where disks of the machine go, by XenAPI references; empty where all stay where they are. */
export function disksOf(input: Input, machine: Referred<'VM'>, view: View): Readonly<Record<string, string>> {
  const settings = input.instances('NewResourceSettingData') ?? [];
  return Object.fromEntries(settings.map((each) => disk(each, machine, view)).filter((each) => each !== undefined));
}
