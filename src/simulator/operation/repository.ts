import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { refuse, refuseIf } from '../failure.js';
import { blank } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refreshMachine } from './allowed.js';
import { kindOf, repositoriesAt } from './backing.js';
import { repositoriesXml } from './backing-xml.js';
import { during, spend } from './during.js';
import { assertPlugged, dropImage, storageFails } from './image.js';
import { refreshRepository } from './pbd.js';
import { repositoryObstacle } from './repository-rule.js';
import { applyChanges, attachRepository, shelve } from './shelving.js';
import { repositoryWork } from './vdi.js';

type Sr = Ref<'SR'>;
type Host = Ref<'host'>;
type Config = Readonly<Record<string, string>>;

function insert(world: World, record: Partial<Records['SR']>): Sr {
  const ref = world.ids.ref() as Sr;
  world.db.insert('SR', ref, blank('SR', { uuid: world.ids.uuid(), ...record }));
  return ref;
}

function insertPlug(world: World, SR: Sr, host: Host, device_config: Config): Ref<'PBD'> {
  const ref = world.ids.ref() as Ref<'PBD'>;
  world.db.insert('PBD', ref, blank('PBD', { uuid: world.ids.uuid(), SR, host, device_config }));
  return ref;
}

/** SR_BACKEND_FAILURE_16 for a place that one repository has for itself. */
function assertFree(world: World, type: string, config: Config): void {
  const kind = kindOf(world, type);
  const place = kind.place(config);
  const held = repositoriesAt(world, type, place).filter((uuid) => world.db.byUuid('SR', uuid) !== undefined);
  if (kind.exclusive && held.length > 0) storageFails(16, 'The SR device is currently in use');
}

/** The hosts that a new repository is plugged on: all that live if it is shared, else the one that was named. */
const plugHosts = ({ db }: World, host: Host, shared: boolean): Host[] =>
  shared
    ? db
        .refs('host')
        .filter((each) => each === host || db.get('host_metrics', db.need('host', each).metrics)?.live === true)
    : [host];

/** XenAPI SR.create: on storage that can be reached, plugged at once; or nothing is left of it (facts 5.4). */
async function create(
  call: Call,
  host: Host,
  config: Config,
  _size: bigint,
  name_label: string,
  name_description: string,
  type: string,
  content_type: string,
  shared: boolean,
  sm_config: Config,
): Promise<Sr> {
  const { world } = call;
  const kind = kindOf(world, type);
  world.db.need('host', host);
  kind.size(config);
  assertFree(world, type, config);
  await spend(call);
  assertFree(world, type, config);
  const physical_size = kind.size(config);
  for (const { uuid } of kind.exclusive ? world.shelf.at(type, kind.place(config)) : []) world.shelf.take(uuid);
  const sizes = {
    physical_size: type === 'iso' ? -1n : physical_size,
    physical_utilisation: 0n,
    virtual_allocation: 0n,
  };
  const sr = insert(world, { name_label, name_description, type, content_type, shared, sm_config, ...sizes });
  for (const each of plugHosts(world, host, shared)) {
    const pbd = insertPlug(world, sr, each, config);
    attachRepository(world, sr, world.db.need('PBD', pbd));
    world.db.update('PBD', pbd, { currently_attached: true });
  }
  refreshRepository(world, sr);
  return sr;
}

/** XenAPI SR.introduce: the record only; what there is shows when it is plugged (facts 5.4). */
function introduce(
  { world }: Call,
  uuid: string,
  name_label: string,
  name_description: string,
  type: string,
  content_type: string,
  shared: boolean,
  sm_config: Config,
): Sr {
  const wanted = uuid === '' ? world.ids.uuid() : uuid;
  if (world.db.byUuid('SR', wanted) !== undefined) refuse('SR_UUID_EXISTS', wanted);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(wanted)) refuse('UUID_INVALID', 'SR', wanted);
  kindOf(world, type);
  const sizes = { physical_size: -1n, physical_utilisation: -1n, virtual_allocation: -1n };
  const own = { uuid: wanted, name_label, name_description, type, content_type, shared, sm_config };
  const ref = insert(world, { ...own, ...sizes });
  refreshRepository(world, ref);
  return ref;
}

/** Pool, hosts and machines name a repository no longer that is gone. */
function unname(world: World, ref: Sr): void {
  const none = NULL_REF as Sr;
  const pool = world.db.need('pool', world.pool());
  for (const field of ['default_SR', 'suspend_image_SR', 'crash_dump_SR'] as const)
    if (pool[field] === ref) world.db.update('pool', world.pool(), { [field]: none });
  for (const [host, { suspend_image_sr, crash_dump_sr }] of world.db.entries('host')) {
    if (suspend_image_sr === ref) world.db.update('host', host, { suspend_image_sr: none });
    if (crash_dump_sr === ref) world.db.update('host', host, { crash_dump_sr: none });
  }
  for (const [vm, { suspend_SR }] of world.db.entries('VM'))
    if (suspend_SR === ref) world.db.update('VM', vm, { suspend_SR: none });
}

/** A repository's record goes, with those of its images and plugs; drives that show its media are left empty. */
function drop(world: World, ref: Sr): void {
  const { PBDs, VDIs } = world.db.need('SR', ref);
  for (const vdi of VDIs) {
    const drives = world.db.need('VDI', vdi).VBDs.filter((vbd) => world.db.need('VBD', vbd).type === 'CD');
    const machines = drives.map((vbd) => world.db.need('VBD', vbd).VM);
    for (const vbd of drives) world.db.update('VBD', vbd, { VDI: NULL_REF as Ref<'VDI'>, empty: true });
    dropImage(world, vdi);
    for (const vm of machines) refreshMachine(world, vm);
  }
  for (const pbd of PBDs) world.db.remove('PBD', pbd);
  unname(world, ref);
  world.db.remove('SR', ref);
}

/** XenAPI SR.destroy: storage and records go (facts 5.4). */
const destroy = (call: Call, ref: Sr): Promise<void> =>
  during(call, repositoryWork(call.world, ref, 'destroy'), async () => {
    await spend(call);
    drop(call.world, ref);
  });

/** XenAPI SR.forget: the records go, what lies on the storage stays there (facts 5.4). */
const forget = (call: Call, ref: Sr): Promise<void> =>
  during(call, repositoryWork(call.world, ref, 'forget'), async () => {
    await spend(call);
    shelve(call.world, ref);
    drop(call.world, ref);
  });

/** XenAPI SR.scan: one at a time; finds what has come and gone (facts 5.4). */
async function scan(call: Call, ref: Sr): Promise<void> {
  const { world } = call;
  assertPlugged(world, ref);
  await during(call, repositoryWork(world, ref, 'scan'), async () => {
    await spend(call);
    applyChanges(world, ref);
    refreshRepository(world, ref);
  });
}

/** XenAPI SR.probe: the repositories that lie at a place; what is missing from the question is a fault that lists it. */
async function probe(call: Call, host: Host, config: Config, type: string): Promise<string> {
  const kind = kindOf(call.world, type);
  call.world.db.need('host', host);
  await spend(call);
  kind.size(config);
  return repositoriesXml(repositoriesAt(call.world, type, kind.place(config)));
}

/** XenAPI SR.probe_ext: the same as records. */
async function probeExt(call: Call, host: Host, config: Config, type: string): Promise<readonly AnyRecord[]> {
  const { world } = call;
  const kind = kindOf(world, type);
  world.db.need('host', host);
  await spend(call);
  const total_space = kind.size(config);
  return repositoriesAt(world, type, kind.place(config)).map((uuid) => ({
    configuration: config,
    complete: true,
    extra_info: {},
    sr: {
      uuid,
      name_label: world.db.get('SR', world.db.byUuid('SR', uuid) ?? '')?.name_label ?? '',
      name_description: '',
      free_space: total_space,
      total_space,
      clustered: false,
      health: 'healthy',
    },
  }));
}

/** XenAPI SR.set_shared: what several hosts have plugged stays shared. */
function setShared({ world }: Call, ref: Sr, shared: boolean): void {
  const plugged = world.db.need('SR', ref).PBDs.filter((pbd) => world.db.need('PBD', pbd).currently_attached);
  if (!shared && plugged.length > 1) refuse('SR_HAS_MULTIPLE_PBDS', ...plugged);
  world.db.update('SR', ref, { shared });
}

/** The messages of class SR (facts 5.4). */
export const repositoryHandlers: HandlerTable = {
  'SR.create': create,
  'SR.introduce': introduce,
  'SR.destroy': destroy,
  'SR.forget': forget,
  'SR.scan': scan,
  'SR.probe': probe,
  'SR.probe_ext': probeExt,
  'SR.update': ({ world }: Call, ref: Sr) => refuseIf(repositoryObstacle(world, ref, 'update')),
  'SR.set_shared': setShared,
  'SR.get_supported_types': ({ world }: Call) => [...world.db.entries('SM')].map(([, { type }]) => type),
};
