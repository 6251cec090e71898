import type { CimInstance } from '../cim/instance.js';
import type { Ref } from '../xenapi/records.js';
import { bytesIn } from './disk-image.js';
import { invalid, missing } from './input.js';
import { textIn, textsIn } from './instance.js';
import { type Done, face, type Method, type MethodCall, type Work } from './method.js';
import { type Referred, resolve } from './reference.js';
import { poolCodes, Refusal } from './return-code.js';
import type { Steps } from './steps.js';
import {
  assertUnused,
  connect,
  connectNew,
  coordinatorOf,
  disconnect,
  liveHosts,
  plug,
  plugsOf,
} from './storage-connection.js';
import { assertComplete, configIn, kindIn, wrongResourceType } from './storage-kind.js';
import { repositoryCompound } from './undo.js';

type Host = Ref<'host'>;
type Config = Readonly<Record<string, string>>;

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const nameIn = (call: MethodCall): string => {
  const name = call.input.text('ElementName') ?? '';
  return name === '' ? missing('ElementName', 'the name of the repository') : name;
};

/** The host that settings name in HostResource, by its path, its uuid or its name; the coordinator where they do not. */
function hostIn({ view }: MethodCall, settings: CimInstance): Host | undefined {
  const [text] = textsIn(settings, 'HostResource') ?? [];
  if (text === undefined) return undefined;
  const value = (/Name="?([^",]+)"?\s*$/.exec(text)?.[1] ?? text).trim();
  const named = [...view.refs('host')].find((ref) => {
    const { uuid, name_label, hostname, address } = view.get('host', ref)!;
    return [uuid, name_label, hostname, address].includes(value);
  });
  return named ?? invalid(`Settings.HostResource: the pool has no host ${value.slice(0, 100)}`);
}

/** Makes a repository on storage, and connects the hosts to it (XenAPI SR.create). */
function creation(call: MethodCall, settings: CimInstance): Work {
  const config = configIn(settings) ?? missing('Settings.Connection', 'how the storage is reached, as key=value');
  const kind = kindIn(call.view, settings, config, call.input.number('ResourceType'));
  assertComplete(call.view, kind, config);
  const name = nameIn(call);
  const host = hostIn(call, settings) ?? coordinatorOf(call.view);
  const { type, content, shared } = kind;
  const given = [host, config, bytesIn(settings) ?? 0n, name, textIn(settings, 'Description') ?? '', type, content];
  return {
    ...poolWork(name, ['SR.create']),
    run: async (steps) => {
      const undo = { what: `the repository ${name}`, message: repositoryCompound };
      const sr = await steps.makeByTask<'SR'>(undo, 'SR.create', ...given, shared, {});
      await steps.mark('SR', sr);
      steps.affect({ SRs: [sr] });
      return { Pool: face('Xen_StoragePool', sr) };
    },
  };
}

const poolWork = (subject: string, needs: readonly string[]): Omit<Work, 'run'> => ({
  job: 'Xen_Job',
  answers: 'done',
  subject,
  codes: poolCodes,
  needs,
});

/** How a repository that hosts are connected to already is reached: the pool hides secrets, so it is asked. */
async function configOf(steps: Steps, sr: Referred<'SR'>): Promise<Config> {
  const [known] = plugsOf(steps.view, sr.record);
  return (await steps.call('PBD.get_device_config', known!.ref)) as Config;
}

/** Connects hosts to a repository of the pool: all that live to a shared one, else the one that has it. */
function attachment(call: MethodCall, settings: CimInstance, sr: Referred<'SR'>): Work | Done {
  const { view } = call;
  const plugs = plugsOf(view, sr.record);
  const home = hostIn(call, settings) ?? plugs[0]?.record.host ?? coordinatorOf(view);
  const hosts = sr.record.shared ? liveHosts(view) : [home];
  const given = configIn(settings);
  if (!given && plugs.length === 0) missing('Settings.Connection', 'how the storage is reached, as key=value');
  const wanted = hosts.map((host) => ({ host, known: plugs.find(({ record }) => record.host === host) }));
  const open = wanted.filter(({ known }) => !known?.record.currently_attached);
  const Pool = face('Xen_StoragePool', sr.ref);
  if (open.length === 0) return { returned: 0, output: { Pool } };
  return {
    ...poolWork(sr.record.name_label, ['PBD.plug']),
    affects: { SRs: [sr.ref] },
    run: async (steps) => {
      const lacks = open.some(({ known }) => !known);
      const config = given ?? (lacks ? await configOf(steps, sr) : {});
      for (const { host, known } of open) {
        if (known) await plug(steps, known.ref, `the connection of ${sr.record.name_label}`);
        else await connect(steps, sr.ref, host, config);
      }
      return { Pool };
    },
  };
}

/** Brings a repository that lies on storage into the pool under its uuid, with what is in it (XenAPI SR.introduce). */
function introduction(call: MethodCall, settings: CimInstance, uuid: string): Work {
  const config = configIn(settings) ?? missing('Settings.Connection', 'how the storage is reached, as key=value');
  const kind = kindIn(call.view, settings, config, call.input.number('ResourceType'));
  const name = nameIn(call);
  const hosts = kind.shared ? liveHosts(call.view) : [hostIn(call, settings) ?? coordinatorOf(call.view)];
  const { type, content, shared } = kind;
  return {
    ...poolWork(name, ['SR.introduce', 'PBD.create', 'PBD.plug']),
    run: async (steps) => {
      const undo = { what: `the repository ${name}`, message: 'SR.forget' };
      const description = textIn(settings, 'Description') ?? '';
      const given = [uuid, name, description, type, content, shared, {}] as const;
      const sr = await steps.make<'SR'>(undo, 'SR.introduce', ...given);
      for (const host of hosts) await connectNew(steps, sr, host, config);
      await steps.mark('SR', sr);
      steps.affect({ SRs: [sr] });
      return { Pool: face('Xen_StoragePool', sr) };
    },
  };
}

/**
 * CreateStoragePool: makes a repository, or, with its uuid as PoolID in the settings, attaches one: hosts are connected
 * to a repository that the pool knows, and one that it has forgotten comes back with its images.
 */
const createStoragePool: Method = {
  run: (call) => {
    const settings =
      call.input.instance('Settings') ?? missing('Settings', 'the kind of storage and how it is reached');
    const id = textIn(settings, 'PoolID')?.replace(/^.*\//, '') ?? '';
    if (id === '') return creation(call, settings);
    if (!uuidForm.test(id)) return invalid(`Settings.PoolID wants the uuid of a repository; got "${id.slice(0, 60)}"`);
    const ref = call.view.byUuid('SR', id) ?? call.view.byUuid('SR', id.toLowerCase());
    const record = ref && call.view.get('SR', ref);
    return ref && record ? attachment(call, settings, { ref, record }) : introduction(call, settings, id);
  },
};

/** The repository of a call. A pool of processors, memory or networks is none: 7. */
function poolIn({ input, view }: MethodCall): Referred<'SR'> {
  const path = input.path('Pool') ?? missing('Pool', 'a reference to a storage pool');
  const other = resolve(view, 'SR', path) ? undefined : (resolve(view, 'host', path) ?? resolve(view, 'network', path));
  if (other) throw new Refusal(wrongResourceType, 'the pool is none of storage: hosts and networks make such pools');
  return input.referred(path, 'Pool', 'SR');
}

const detachment = (sr: Referred<'SR'>, message: 'SR.forget' | 'SR.destroy'): Work => ({
  ...poolWork(sr.record.name_label, ['PBD.unplug', message]),
  affects: { SRs: [sr.ref] },
  run: async (steps) => {
    await disconnect(steps, sr);
    await steps.last(message, sr.ref);
    return {};
  },
});

/** DetachStoragePool: disconnects all hosts and forgets the repository; what is in it stays where it lies. */
const detachStoragePool: Method = {
  run: (call) => {
    const sr = poolIn(call);
    assertUnused(call.view, sr);
    return detachment(sr, 'SR.forget');
  },
};

/** Storage that shows media or devices is not the pool's to destroy: it is forgotten. */
const isForeign = ({ type, content_type }: Referred<'SR'>['record']): boolean =>
  content_type === 'iso' || type === 'iso' || type === 'udev';

/** DeleteResourcePool: destroys a repository that holds no images (6 where it does); media are forgotten (DSP1041). */
const deleteResourcePool: Method = {
  run: (call) => {
    const sr = poolIn(call);
    assertUnused(call.view, sr);
    if (isForeign(sr.record)) return detachment(sr, 'SR.forget');
    if (sr.record.other_config['indestructible'] === 'true')
      throw new Refusal(poolCodes.NotSupported, `${sr.record.name_label} is marked as indestructible`);
    const held = sr.record.VDIs.filter((ref) => call.view.get('VDI', ref)?.managed).length;
    if (held > 0)
      throw new Refusal(poolCodes.InUse, `${sr.record.name_label} holds ${held} images: delete or detach them first`);
    return detachment(sr, 'SR.destroy');
  },
};

export const storagePoolMethods = {
  CreateStoragePool: createStoragePool,
  DetachStoragePool: detachStoragePool,
  DeleteResourcePool: deleteResourcePool,
};
