import { isIP } from 'node:net';
import type { CimInstance } from '../cim/instance.js';
import { Connection } from '../xenapi/connection.js';
import type { CallValue } from '../xenapi/protocol.js';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { type Input, invalid, missing } from './input.js';
import { incompatible, namedPath, textOf } from './migration-target.js';
import { type Referred, resolve } from './reference.js';
import { Refusal, serviceCodes } from './return-code.js';
import type { Steps } from './steps.js';

type Wire = Readonly<Record<string, unknown>>;

/** Another pool, by a host of it, and who is to log in there. */
export interface Abroad {
  /** Scheme, host and port. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The SHA-256 fingerprint of its certificate; without it the system's authorities decide. */
  readonly fingerprint: string | undefined;
  /** uuids over there, by references of the machine's images and network ports here. */
  readonly places: ReadonlyMap<string, string>;
}

const local: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Passwords go to other computers over TLS alone. */
function urlOf(text: string): string {
  const bare = isIP(text) === 6 ? `[${text}]` : text;
  const whole = /^https?:\/\//i.test(bare) ? bare : `https://${bare}`;
  const url = URL.canParse(whole)
    ? new URL(whole)
    : invalid(`DestinationHost: ${text.slice(0, 100)} is no address of a host`);
  if (url.username !== '' || url.password !== '') invalid('DestinationHost: a user is named in MigrationSettingData');
  if (url.protocol === 'https:' || local.has(url.hostname)) return url.origin;
  return invalid('DestinationHost: other pools are reached by https alone');
}

/** Where an image or a port of the machine goes, by its setting data: InstanceID, and the uuid over there as PoolID. */
function place(settings: CimInstance, { ref }: Referred<'VM'>, view: View): readonly [string, string] {
  const where = 'NewResourceSettingData';
  const id = textOf(settings, 'InstanceID') ?? missing(`InstanceID of ${where}`, 'that of a disk or a network port');
  const pool =
    textOf(settings, 'PoolID') ?? missing(`PoolID of ${where}`, 'the uuid of a repository or network over there');
  const uuid = pool.slice(pool.lastIndexOf('/') + 1).replace(/^Xen:/i, '');
  const disk = resolve(view, 'VBD', namedPath(id))?.record;
  if (disk?.VM === ref && disk.type === 'Disk') return [disk.VDI, uuid];
  const port = resolve(view, 'VIF', namedPath(id));
  if (port?.record.VM === ref) return [port.ref, uuid];
  throw new Refusal(incompatible, `${where}: ${id.slice(0, 100)} is neither a disk nor a network port of the machine`);
}

/** The other pool that Xen_VirtualSystemMigrationSettingData tells of; undefined where it names nobody to log in as. */
export function abroadOf(input: Input, machine: Referred<'VM'>, view: View): Abroad | undefined {
  const settings = input.instance('MigrationSettingData');
  const user = settings && textOf(settings, 'DestinationUsername');
  if (!settings || user === undefined) return undefined;
  const host = input.text('DestinationHost')?.trim();
  if (!host) throw new Refusal(incompatible, 'another pool is named by DestinationHost alone');
  return {
    url: urlOf(host),
    user,
    password: textOf(settings, 'DestinationPassword') ?? missing('DestinationPassword', `the password of ${user}`),
    fingerprint: textOf(settings, 'DestinationFingerprint'),
    places: new Map((input.instances('NewResourceSettingData') ?? []).map((each) => place(each, machine, view))),
  };
}

type There = Pick<Connection, 'call'>;
type Table = readonly (readonly [ref: string, record: Wire])[];

const all = async (there: There, of: string): Promise<Table> =>
  Object.entries((await there.call(`${of}.get_all_records`)) as Readonly<Record<string, Wire>>);

const refuse = (message: string): never => {
  throw new Refusal(serviceCodes.InvalidParameter, message);
};

/** The host that was named, or else the coordinator. */
async function hostThere(there: There, { url }: Abroad, pool: Wire): Promise<string> {
  const name = new URL(url).hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const named = (await all(there, 'host')).find(([, host]) =>
    [host['address'], host['hostname']].some((each) => String(each).toLowerCase() === name),
  );
  return named?.[0] ?? String(pool['master']);
}

async function repositories(there: There, abroad: Abroad, vm: Records['VM'], view: View, pool: Wire) {
  const map: Record<string, string> = {};
  for (const each of vm.VBDs) {
    const disk = view.get('VBD', each);
    if (disk?.type !== 'Disk' || disk.empty) continue;
    const wanted = abroad.places.get(disk.VDI);
    const sr = wanted === undefined ? String(pool['default_SR']) : String(await there.call('SR.get_by_uuid', wanted));
    map[disk.VDI] = sr === NULL_REF ? refuse('the other pool has no default repository: say where the disks go') : sr;
  }
  return map;
}

/** Networks over there: those that were said, else those of the same names. */
async function networks(there: There, abroad: Abroad, vm: Records['VM'], view: View) {
  const known = await all(there, 'network');
  const map: Record<string, string> = {};
  for (const each of vm.VIFs) {
    const wanted = abroad.places.get(each);
    const name = view.get('network', view.get('VIF', each)!.network)?.name_label ?? '';
    const same = known.filter(([, network]) => network['name_label'] === name);
    if (wanted === undefined && same.length !== 1)
      refuse(`the other pool has ${same.length} networks with the name ${name}: say which the network ports go to`);
    map[each] = wanted === undefined ? same[0]![0] : String(await there.call('network.get_by_uuid', wanted));
  }
  return map;
}

async function sending(there: There, abroad: Abroad, { ref, record }: Referred<'VM'>, view: View) {
  const [pool] = (await all(there, 'pool')).map(([, each]) => each);
  const host = await hostThere(there, abroad, pool!);
  const port = (await all(there, 'PIF')).find(([, pif]) => pif['host'] === host && pif['management'] === true);
  const network = String(port?.[1]['network'] ?? NULL_REF);
  const disks = await repositories(there, abroad, record, view, pool!);
  const ports = await networks(there, abroad, record, view);
  const destination = (await there.call('host.migrate_receive', host, network, {})) as CallValue;
  return [ref as Ref, destination, record.power_state === 'Running', disks, ports, {}, {}] as const;
}

/**
 * Sends a message about a migration to another pool (XenAPI VM.migrate_send, VM.assert_can_migrate), with a session over
 * there that lasts until the answer.
 */
export async function sendAbroad(
  send: (steps: Steps, args: readonly CallValue[]) => Promise<unknown>,
  steps: Steps,
  abroad: Abroad,
  machine: Referred<'VM'>,
): Promise<void> {
  const { url, user, password, fingerprint } = abroad;
  const trust = fingerprint === undefined ? {} : { fingerprints: [fingerprint] };
  const there = new Connection({ url, user, password, version: 'migration', trust });
  try {
    await send(steps, await sending(there, abroad, machine, steps.view));
  } finally {
    await there.stop();
  }
}
