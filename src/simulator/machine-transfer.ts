import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { NULL_REF, type Records, type Ref } from '../xenapi/records.js';
import { xmlArray, xmlString } from './encode-xml.js';
import { refuse, refuseIf } from './failure.js';
import type { Exchange } from './http-handler.js';
import { admit, type Bundle, gather, makeImages, type Names } from './operation/machine-bundle.js';
import { exportNames, readOva, writeOva } from './ova.js';
import { readTar, tarEnd, tarFile } from './tar.js';
import { accepted, guarded, objectOf, receive, send, type Transfer } from './transfer.js';
import { vmObstacle } from './vm-lifecycle.js';
import type { VmOperation } from './vm-operation.js';
import type { World } from './world.js';

type Vm = Ref<'VM'>;
type Sr = Ref<'SR'>;

const chunk = 1 << 20;
const metadata = 'ova.xml';

const digits = (number: number): string => String(number).padStart(8, '0');

/** The first and the last piece of an image, and those between that are not all zeros, each with its checksum. */
function* imageFiles({ contents }: World, vdi: string, name: string, size: number): Iterable<Buffer> {
  const last = Math.max(0, Math.ceil(size / chunk) - 1);
  for (let i = 0; i <= last; i++) {
    const [at, length] = [i * chunk, Math.min(chunk, size - i * chunk)];
    if (i > 0 && i < last && !contents.holds(vdi, at, length)) continue;
    const bytes = contents.read(vdi, at, length);
    yield tarFile(`${name}/${digits(i)}`, bytes);
    yield tarFile(`${name}/${digits(i)}.checksum`, Buffer.from(createHash('sha1').update(bytes).digest('hex')));
  }
}

function* archive(world: World, bundle: Bundle): Iterable<Buffer> {
  const names = exportNames(bundle);
  yield tarFile(metadata, Buffer.from(writeOva(bundle)));
  for (const [vdi, { virtual_size }] of bundle.VDI)
    yield* imageFiles(world, vdi, names.get(vdi) as string, Number(virtual_size));
  yield tarEnd();
}

/** Shows an operation on a machine while it is exported. */
async function exporting(transfer: Transfer, vm: Vm, operation: VmOperation, body: () => Promise<void>): Promise<void> {
  const { world } = transfer;
  refuseIf(vmObstacle(world, vm, operation));
  const task = transfer.task ?? world.tasks.create('VM.export', '', undefined);
  const change = (busy: boolean): void => {
    const { [task]: _own, ...others } = world.db.need('VM', vm).current_operations;
    world.db.update('VM', vm, { current_operations: busy ? { ...others, [task]: operation } : others });
  };
  change(true);
  try {
    await body();
  } finally {
    change(false);
    if (transfer.task === undefined) {
      world.tasks.succeed(task, '');
      world.tasks.destroy(task);
    }
  }
}

/** GET /export: a machine at rest with its images, as an XVA archive. */
async function exportMachine(transfer: Transfer): Promise<void> {
  const { world, query } = transfer;
  const vm = objectOf(transfer, 'VM', 'ref', 'uuid');
  const gzip = ['true', 'gzip'].includes(query.get('use_compression') ?? '');
  const name = `${world.db.need('VM', vm).name_label}.xva`;
  await exporting(transfer, vm, 'export', () =>
    send(transfer, {
      name,
      gzip,
      pieces: archive(world, gather(world, vm, { snapshots: query.get('include_snapshots') === 'true' })),
    }),
  );
}

/** GET /export_metadata: the records alone, with those of the snapshots unless told otherwise. */
async function exportMetadata(transfer: Transfer): Promise<void> {
  const { world, query } = transfer;
  const vm = objectOf(transfer, 'VM', 'ref', 'uuid');
  refuseIf(vmObstacle(world, vm, 'metadata_export'));
  const extent = {
    snapshots: query.get('export_snapshots') !== 'false',
    parents: query.get('include_vhd_parents') === 'true',
  };
  const ova = Buffer.from(writeOva(gather(world, vm, extent)));
  const pieces = [Buffer.concat([tarFile(metadata, ova), tarEnd()])];
  await send(transfer, { name: 'export.xva', length: pieces[0]?.length ?? 0, pieces });
}

interface Archive {
  readonly bundle: Bundle;
  /** Pieces of images by the image's name in the archive. */
  readonly images: ReadonlyMap<string, readonly (readonly [offset: number, bytes: Buffer])[]>;
}

/** Reads an archive: IMPORT_ERROR_... for one that is damaged. */
async function unpack(body: Buffer): Promise<Archive> {
  const tar = body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, { maxOutputLength: 512 << 20 }) : body;
  let bundle: Bundle | undefined;
  const images = new Map<string, (readonly [number, Buffer])[]>();
  let last: Buffer | undefined;
  for (const [name, content] of readTar(tar)) {
    const at = /^([^/]+)\/(\d{8})(\.checksum)?$/.exec(name);
    if (name === metadata) bundle = await readOva(content.toString('utf8'));
    else if (at === null) refuse('IMPORT_ERROR_UNEXPECTED_FILE', metadata, name);
    else if (at[3] === undefined) {
      const image = images.get(at[1] as string) ?? [];
      images.set(at[1] as string, [...image, [Number(at[2]) * chunk, content]]);
      last = content;
    } else if (
      last === undefined ||
      createHash('sha1').update(last).digest('hex') !== content.toString('latin1').trim()
    )
      refuse('IMPORT_ERROR_SOME_CHECKSUMS_FAILED');
  }
  if (bundle === undefined || bundle.VM.size === 0) return refuse('IMPORT_ERROR_UNEXPECTED_FILE', metadata, 'nothing');
  return { bundle, images };
}

/** The repository that was named, else the pool's own. */
function repositoryOf(transfer: Transfer): Sr {
  const { world, query } = transfer;
  const named = ['sr_id', 'sr_uuid', 'sr'].some((name) => (query.get(name) ?? '') !== '');
  if (named) return objectOf(transfer, 'SR', 'sr_id', 'sr_uuid', 'sr');
  const { default_SR } = world.db.need('pool', world.pool());
  return world.db.get('SR', default_SR) === undefined ? refuse('DEFAULT_SR_NOT_FOUND', default_SR) : default_SR;
}

/** The pool's network of the same bridge, or else name, or else its first. */
const networkFor =
  ({ db }: World, bundle: Bundle) =>
  (_vif: string, { network }: Records['VIF']): Ref<'network'> => {
    const wanted = bundle.network.get(network);
    const found =
      db.find('network', ({ bridge }) => bridge === wanted?.bridge) ??
      db.find('network', ({ name_label }) => name_label === wanted?.name_label);
    return found?.[0] ?? (db.refs('network')[0] as Ref<'network'>);
  };

const isRestored = (query: URLSearchParams): boolean =>
  query.get('full_restore') === 'true' || query.get('restore') === 'true';

/** PUT /import: a machine of its own, or the same one again with full_restore. The task's result names it. */
async function importMachine(transfer: Transfer): Promise<void> {
  const { world, query } = transfer;
  const sr = repositoryOf(transfer);
  const { bundle, images } = await unpack(await receive(transfer));
  const fill = (from: string, to: Ref<'VDI'>): void => {
    for (const [offset, bytes] of images.get(from) ?? []) world.contents.write(to, offset, bytes);
  };
  const names = admit(world, bundle, {
    images: (all) => makeImages(world, all, { repository: () => sr, fill }),
    network: networkFor(world, bundle),
    same: isRestored(query),
  });
  const first = names.get([...bundle.VM.keys()][0] as string) as string;
  accepted(transfer, xmlArray([xmlString(first)]));
}

/**
 * The pool's images for those of a description: by the `vdi:<uuid>` of the request, else by the place in a repository that
 * the pool has. VDI_LOCATION_MISSING [sr, location], unless it is forced to do without.
 */
function findImages({ world: { db }, query }: Transfer, bundle: Bundle): Names {
  const names: Names = new Map();
  for (const [name, { uuid, SR, location }] of bundle.VDI) {
    const sr = db.byUuid('SR', bundle.SR.get(SR)?.uuid ?? '');
    const mapped = db.byUuid('VDI', query.get(`vdi:${uuid}`) ?? '');
    const found = mapped ?? db.find('VDI', (vdi) => vdi.SR === sr && vdi.location === location)?.[0];
    if (found !== undefined) names.set(name, found);
    else if (query.get('force') !== 'true') refuse('VDI_LOCATION_MISSING', sr ?? NULL_REF, location);
  }
  return names;
}

/** PUT /import_metadata: a machine of which the pool has the images. The task's result names it, and not its snapshots. */
async function importMetadata(transfer: Transfer): Promise<void> {
  const { world, query } = transfer;
  const { bundle } = await unpack(await receive(transfer));
  const names = admit(world, bundle, {
    images: (all) => findImages(transfer, all),
    network: networkFor(world, bundle),
    same: isRestored(query),
  });
  const machines = [...bundle.VM].filter(([, { is_a_snapshot }]) => !is_a_snapshot);
  accepted(transfer, xmlArray(machines.map(([name]) => xmlString(names.get(name) as string))));
}

type Paths = Readonly<Record<string, (exchange: Exchange) => Promise<void>>>;

/** Where machines are exported and imported over HTTP. */
export const machinePaths = (called: (name: string) => void): { readonly get: Paths; readonly put: Paths } => ({
  get: { '/export': guarded(called, exportMachine), '/export_metadata': guarded(called, exportMetadata) },
  put: { '/import': guarded(called, importMachine), '/import_metadata': guarded(called, importMetadata) },
});
