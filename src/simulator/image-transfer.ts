import type { Records, Ref } from '../xenapi/records.js';
import { refuse } from './failure.js';
import type { Exchange } from './http-handler.js';
import { account } from './operation/image.js';
import { imageInUse } from './operation/image-rule.js';
import { accepted, guarded, objectOf, receive, send, type Transfer } from './transfer.js';
import { readVhd, vhdOf } from './vhd.js';
import type { World } from './world.js';

type Vdi = Ref<'VDI'>;

const piece = 1 << 20;
const zeros = Buffer.alloc(piece);

function* rawPieces({ contents }: World, vdi: Vdi, size: number): Iterable<Buffer> {
  for (let at = 0; at < size; at += piece) {
    const length = Math.min(piece, size - at);
    yield contents.holds(vdi, at, length) ? contents.read(vdi, at, length) : zeros.subarray(0, length);
  }
}

/** The host that has an image's repository plugged: this one if it does, else another, to which the client is sent. */
function elsewhere({ world, host, request, response }: Transfer, vdi: Vdi): boolean {
  const { SR } = world.db.need('VDI', vdi);
  const plugs = world.db.need('SR', SR).PBDs.map((pbd) => world.db.need('PBD', pbd));
  const hosts = plugs.filter((pbd) => pbd.currently_attached).map((pbd) => pbd.host);
  if (hosts.includes(host)) return false;
  const other = hosts[0] ?? refuse('SR_HAS_NO_PBDS', SR);
  response.writeHead(302, { location: `${world.site.urlOf(other)}${request.url}`, 'content-length': 0 });
  response.end();
  return true;
}

const formatOf = ({ query }: Transfer): 'raw' | 'vhd' => {
  const format = query.get('format') ?? 'raw';
  return format === 'raw' || format === 'vhd' ? format : refuse('INTERNAL_ERROR', `Unknown format ${format}`);
};

/** The image that a VHD file tells the difference from (`base`), in the same repository. */
function baseOf(transfer: Transfer, { SR }: Records['VDI']): Vdi | undefined {
  if (!transfer.query.has('base')) return undefined;
  const base = objectOf(transfer, 'VDI', 'base');
  if (transfer.world.db.need('VDI', base).SR !== SR) refuse('INTERNAL_ERROR', 'The base is in another repository');
  return base;
}

/** GET /export_raw_vdi: an image as it is, or as a VHD file without its zeros, or without what another one has too. */
async function exportImage(transfer: Transfer): Promise<void> {
  const { world } = transfer;
  const vdi = objectOf(transfer, 'VDI', 'vdi');
  const format = formatOf(transfer);
  if (elsewhere(transfer, vdi)) return;
  const image = world.db.need('VDI', vdi);
  if (imageInUse(world, image, true)) refuse('VDI_IN_USE', vdi, 'export');
  const { virtual_size, uuid } = image;
  if (format === 'vhd') {
    const { length, pieces } = vhdOf(world.contents, vdi, virtual_size, baseOf(transfer, image));
    return send(transfer, { name: `${uuid}.vhd`, length, pieces: pieces() });
  }
  const length = Number(virtual_size);
  await send(transfer, { name: `${uuid}.raw`, length, pieces: rawPieces(world, vdi, length) });
}

/** Bytes that came in count to the repository. */
function grow(world: World, vdi: Vdi, written: number): void {
  const { SR, physical_utilisation, virtual_size } = world.db.need('VDI', vdi);
  const now = BigInt(written) > physical_utilisation ? BigInt(written) : physical_utilisation;
  const used = now > virtual_size ? virtual_size : now;
  if (used <= physical_utilisation) return;
  account(world, SR, used - physical_utilisation, 0n);
  world.db.update('VDI', vdi, { physical_utilisation: used });
}

function assertWritable(world: World, vdi: Vdi): void {
  const image = world.db.need('VDI', vdi);
  if (image.read_only) refuse('VDI_READONLY', vdi);
  if (imageInUse(world, image)) refuse('VDI_IN_USE', vdi, 'import');
}

/** PUT /import_raw_vdi: what is in an image from now on. The rest of it is zeros; what a VHD file leaves out stays as it was. */
async function importImage(transfer: Transfer): Promise<void> {
  const { world } = transfer;
  const vdi = objectOf(transfer, 'VDI', 'vdi');
  const format = formatOf(transfer);
  if (elsewhere(transfer, vdi)) return;
  assertWritable(world, vdi);
  const body = await receive(transfer);
  assertWritable(world, vdi);
  const stretches: [number, Buffer][] = [];
  const size = format === 'vhd' ? readVhd(body, (at, bytes) => stretches.push([at, bytes])) : BigInt(body.length);
  if (size > world.db.need('VDI', vdi).virtual_size) refuse('VDI_TOO_SMALL', vdi, String(size));
  grow(world, vdi, body.length);
  if (format === 'raw') world.contents.drop(vdi);
  for (const [at, bytes] of format === 'vhd' ? stretches : [[0, body] as const]) world.contents.write(vdi, at, bytes);
  accepted(transfer);
}

type Paths = Readonly<Record<string, (exchange: Exchange) => Promise<void>>>;

/** Where images are read and written over HTTP (facts/methods.md 7: in place of the transfer machine). */
export const imagePaths = (called: (name: string) => void): { readonly get: Paths; readonly put: Paths } => ({
  get: { '/export_raw_vdi': guarded(called, exportImage) },
  put: { '/import_raw_vdi': guarded(called, importImage) },
});
