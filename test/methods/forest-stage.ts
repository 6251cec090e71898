import { expect } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { Argument } from '../../src/cim/operation.js';
import type { Records, Ref } from '../../src/xenapi/records.js';
import { type Answered, embedded, path, type Stage, shown, systemPath, uuidIn } from './stage.js';

const snapshots = path('Xen_VirtualSystemSnapshotService', { Name: 'Xen Virtual System Snapshot Service' });
const storage = path('Xen_StoragePoolManagementService', { Name: 'XenServer SR Management Service' });

export type Given = Readonly<Record<string, Argument>>;

const as = (name: string) => ({ authorization: `Basic ${Buffer.from(`${name}:${name}`).toString('base64')}` });

export const mebibyte = 1 << 20;

/** What a client does with a snapshot forest on a stage. */
export function forester(on: Stage) {
  const call = (name: string, parameters: Given, user?: string): Promise<Answered> =>
    on.invoke(snapshots, name, parameters, user);
  const store = (name: string, parameters: Given): Promise<Answered> => on.invoke(storage, name, parameters);
  const done = async (answer: Promise<Answered>): Promise<CimInstance> => {
    const job = await on.job(await answer);
    expect([shown(job, 'JobState'), shown(job, 'ErrorDescription')]).toEqual([7, null]);
    return job;
  };
  /** What is done while the pool is reached by another URL. */
  const reachedBy = async <T>(url: string, work: () => Promise<T>): Promise<T> => {
    Object.defineProperty(on.connection, 'origin', { value: url, configurable: true });
    return work().finally(() => Reflect.deleteProperty(on.connection, 'origin'));
  };
  const fetched = async (uri: string, user = 'root'): Promise<Buffer> => {
    const answer = await fetch(uri, { headers: as(user) });
    expect(answer.status, uri).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };
  const put = async (uri: string, body: Buffer): Promise<void> => {
    const answer = await fetch(uri, { method: 'PUT', headers: as('root'), body: new Uint8Array(body) });
    expect(answer.status, uri).toBe(200);
  };
  const repository = (type = 'nfs'): Records['SR'] => on.one('SR', (sr) => sr.type === type)[1];
  const image = (uuid: string): [Ref<'VDI'>, Records['VDI']] => on.one('VDI', (vdi) => vdi.uuid === uuid);

  /** Connects to an image to write it, puts a body there, and disconnects. */
  const fill = async (uuid: string, body: Buffer): Promise<string> => {
    const job = await done(store('ConnectToDiskImage', { DiskImage: uuid, UseSSL: 'false' }));
    const uri = String(shown(job, 'TargetURI'));
    await put(uri, body);
    await done(store('DisconnectFromDiskImage', { ConnectionHandle: String(shown(job, 'ConnectionHandle')) }));
    return uri;
  };
  /** A new image that holds these bytes. */
  const imageOf = async (body: Buffer, sr = repository().uuid): Promise<string> => {
    const bytes = Math.ceil(body.length / mebibyte) * mebibyte;
    const ResourceSetting = embedded('Xen_DiskSettingData', {
      PoolID: sr,
      VirtualQuantity: BigInt(bytes),
      ElementName: 'metadata',
    });
    const uuid = uuidIn((await store('CreateDiskImage', { ResourceSetting })).output['ResultingDiskImage']);
    await fill(uuid, body);
    return uuid;
  };

  /** A halted machine of its own, with empty disks of a few MiB. */
  const machine = async (name: string, disks: number, sr = repository()): Promise<[Ref<'VM'>, string]> => {
    const [, template] = on.machine('Halted');
    const from = on.db.byUuid('VM', template.uuid)!;
    const ref = (await on.connection.call('VM.clone', from, name)) as Ref<'VM'>;
    for (const vbd of on.db.need('VM', ref).VBDs) {
      const { VDI, type } = on.db.need('VBD', vbd);
      await on.connection.call('VBD.destroy', vbd);
      if (type === 'Disk') await on.connection.call('VDI.destroy', VDI);
    }
    for (let i = 0; i < disks; i++) {
      const record = {
        name_label: `${name} ${i}`,
        name_description: `disk ${i}`,
        virtual_size: 6 * mebibyte,
        type: 'user',
      };
      const more = { sharable: false, read_only: false, other_config: {}, xenstore_data: {}, sm_config: {}, tags: [] };
      const [SR] = on.one('SR', ({ uuid }) => uuid === sr.uuid);
      const VDI = (await on.connection.call('VDI.create', { ...record, ...more, SR })) as Ref<'VDI'>;
      const device = { VM: ref, VDI, userdevice: String(i), bootable: i === 0, mode: 'RW', type: 'Disk', empty: false };
      const rest = { unpluggable: true, other_config: { owner: '' }, qos_algorithm_type: '', qos_algorithm_params: {} };
      await on.connection.call('VBD.create', { ...device, ...rest });
    }
    await on.events.caughtUp(5_000);
    return [ref, on.db.need('VM', ref).uuid];
  };
  const snapshot = async (vm: Ref<'VM'>, name: string): Promise<Ref<'VM'>> => {
    const ref = (await on.connection.call('VM.snapshot', vm, name)) as Ref<'VM'>;
    await on.events.caughtUp(5_000);
    return ref;
  };
  /** The images of a machine or snapshot, by slot. */
  const disks = (vm: Ref<'VM'>): ReadonlyMap<string, Ref<'VDI'>> => {
    const vbds = on.db
      .need('VM', vm)
      .VBDs.map((ref) => on.db.need('VBD', ref))
      .filter(({ type }) => type === 'Disk');
    return new Map(vbds.map(({ userdevice, VDI }) => [userdevice, VDI] as const).toSorted());
  };
  const write = (vdi: Ref<'VDI'>, offset: number, text: string): void =>
    on.simulator.world.contents.write(vdi, offset, Buffer.from(text));
  const read = (vdi: Ref<'VDI'>, offset: number, length: number): string =>
    on.simulator.world.contents.read(vdi, offset, length).toString();

  const start = (system: string, more: Given = {}, user?: string) =>
    call('StartSnapshotForestExport', { System: systemPath(system), UseSSL: 'false', ...more }, user);
  const end = (ExportConnectionHandle: string, user?: string) =>
    call('EndSnapshotForestExport', { ExportConnectionHandle }, user);
  const exported = async (system: string, more: Given = {}) => {
    const job = await done(start(system, more));
    return {
      job,
      metadata: String(shown(job, 'MetadataURI')),
      images: shown(job, 'DiskImageURIs') as readonly string[],
      handle: String(shown(job, 'ExportConnectionHandle')),
    };
  };
  const prepare = (MetadataDiskImage: string, user?: string) =>
    call('PrepareSnapshotForestImport', { MetadataDiskImage }, user);
  const context = async (metadata: string): Promise<string> => {
    const { returned, output } = await prepare(metadata);
    expect(returned).toBe(0);
    return String(output['ImportContext']);
  };
  const next = (ImportContext: string, more: Given = {}, user?: string) =>
    call('CreateNextDiskInImportSequence', { ImportContext, StoragePool: repository().uuid, ...more }, user);
  const finalize = (MetadataDiskImage: string, DiskImageMap: string, more: Given = {}, user?: string) =>
    call(
      'FinalizeSnapshotForestImport',
      { MetadataDiskImage, DiskImageMap, StoragePool: repository().uuid, ...more },
      user,
    );
  const cleanup = (MetadataDiskImage: string, DiskImageMap: string, user?: string) =>
    call('CleanupSnapshotForestImport', { MetadataDiskImage, DiskImageMap }, user);

  /** Makes all images of an import, and fills them with files by the disk's uuid; gives the map. */
  const sequence = async (from: string, files: ReadonlyMap<string, Buffer>, more: Given = {}) => {
    let [ImportContext, DiskImageMap] = [from, ''];
    const uris: string[] = [];
    for (;;) {
      const { returned, output } = await next(ImportContext, { DiskImageMap, ...more });
      ImportContext = String(output['ImportContext'] ?? '');
      DiskImageMap = String(output['DiskImageMap'] ?? '');
      if (returned === 32_768) return { map: DiskImageMap, uris };
      expect(returned).toBe(0);
      uris.push(await fill(uuidIn(output['NewDiskImage']), files.get(String(output['OldDiskID']))!));
    }
  };
  /** Everything that an export serves, as a client keeps it. */
  const download = async (system: string) => {
    const { metadata, images, handle } = await exported(system);
    const files = new Map<string, Buffer>();
    for (const uri of images) files.set(new URL(uri).searchParams.get('vdi')!, await fetched(uri));
    const description = await fetched(metadata);
    await done(end(handle));
    return { description, files, images };
  };
  const marks = (): number =>
    on.db
      .refs('VDI')
      .flatMap((ref) => Object.keys(on.db.need('VDI', ref).other_config))
      .filter((key) => key.startsWith('xen-cim-bridge.transfer.')).length;
  return {
    ...{
      call,
      store,
      done,
      reachedBy,
      as,
      fetched,
      put,
      repository,
      image,
      fill,
      imageOf,
      machine,
      snapshot,
      disks,
      write,
      read,
    },
    ...{ start, end, exported, prepare, context, next, finalize, cleanup, sequence, download, marks },
  };
}
