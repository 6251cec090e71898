import { randomBytes } from 'node:crypto';
import { refuse } from './failure.js';
import type { ImageContents } from './image-content.js';

const sector = 512;
const blockSize = 2 << 20;
const unused = 0xffffffff;
const epoch = Date.UTC(2000, 0, 1) / 1000;

/** The complement of the sum of all bytes but those of the checksum itself. */
function checksum(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) if (i < at || i >= at + 4) sum += bytes[i] as number;
  return ~sum >>> 0;
}

/** Cylinders, heads and sectors of a disk, as the format's own rule has them. */
function geometry(size: number): readonly [cylinders: number, heads: number, sectors: number] {
  const total = Math.min(Math.floor(size / sector), 65_535 * 16 * 255);
  if (total >= 65_535 * 16 * 63) return [Math.floor(total / 255 / 16), 16, 255];
  const sectors = total <= 17 * 16 * 1024 ? 17 : 63;
  return [Math.max(1, Math.floor(total / sectors / 16)), 16, sectors];
}

/** What a file's blocks are: those of the image that are not zeros, or those that differ from another image. */
const kinds = { dynamic: 3, differencing: 4 } as const;

function footer(size: bigint, kind: keyof typeof kinds): Buffer {
  const bytes = Buffer.alloc(sector);
  bytes.write('conectix', 0, 'latin1');
  bytes.writeUInt32BE(2, 8);
  bytes.writeUInt32BE(0x00010000, 12);
  bytes.writeBigUInt64BE(512n, 16);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000 - epoch), 24);
  bytes.write('tap\0', 28, 'latin1');
  bytes.writeUInt32BE(0x00010003, 32);
  bytes.writeBigUInt64BE(size, 40);
  bytes.writeBigUInt64BE(size, 48);
  const [cylinders, heads, sectors] = geometry(Number(size));
  bytes.writeUInt16BE(cylinders, 56);
  bytes[58] = heads;
  bytes[59] = sectors;
  bytes.writeUInt32BE(kinds[kind], 60);
  randomBytes(16).copy(bytes, 68);
  bytes.writeUInt32BE(checksum(bytes, 64), 64);
  return bytes;
}

function header(entries: number): Buffer {
  const bytes = Buffer.alloc(2 * sector);
  bytes.write('cxsparse', 0, 'latin1');
  bytes.writeBigUInt64BE(0xffffffffffffffffn, 8);
  bytes.writeBigUInt64BE(BigInt(3 * sector), 16);
  bytes.writeUInt32BE(0x00010000, 24);
  bytes.writeUInt32BE(entries, 28);
  bytes.writeUInt32BE(blockSize, 32);
  bytes.writeUInt32BE(checksum(bytes, 36), 36);
  return bytes;
}

/** A dynamic VHD file of an image: how long it is, and its pieces. */
export interface VhdFile {
  readonly length: number;
  readonly pieces: () => Iterable<Buffer>;
}

/** Whether a stretch of an image is to be in its file. */
function differs(contents: ImageContents, vdi: string, base: string | undefined, at: number): boolean {
  if (base === undefined) return contents.holds(vdi, at, blockSize);
  if (!contents.holds(vdi, at, blockSize) && !contents.holds(base, at, blockSize)) return false;
  return !contents.read(vdi, at, blockSize).equals(contents.read(base, at, blockSize));
}

/** An image as a dynamic VHD file without its zeros, or as the difference from another image. */
export function vhdOf(contents: ImageContents, vdi: string, size: bigint, base?: string): VhdFile {
  const entries = Math.ceil(Number(size) / blockSize);
  const table = Buffer.alloc(Math.ceil((entries * 4) / sector) * sector, 0xff);
  const held: number[] = [];
  let next = (3 * sector + table.length) / sector;
  for (let block = 0; block < entries; block++) {
    if (!differs(contents, vdi, base, block * blockSize)) continue;
    held.push(block);
    table.writeUInt32BE(next, block * 4);
    next += 1 + blockSize / sector;
  }
  const last = footer(size, base === undefined ? 'dynamic' : 'differencing');
  const pieces = function* (): Iterable<Buffer> {
    yield Buffer.concat([last, header(entries), table]);
    for (const block of held) {
      yield Buffer.alloc(sector, 0xff);
      yield contents.read(vdi, block * blockSize, blockSize);
    }
    yield last;
  };
  return { length: (next + 1) * sector, pieces };
}

const broken = (why: string): never => refuse('IMPORT_ERROR', `The VHD cannot be read: ${why}`);

/** Reads a VHD file, dynamic or fixed: hands over the stretches that it holds; answers the disk's size in bytes. */
export function readVhd(file: Buffer, put: (offset: number, bytes: Buffer) => void): bigint {
  const end = file.subarray(Math.max(0, file.length - sector));
  if (end.length < sector || end.toString('latin1', 0, 8) !== 'conectix') broken('it has no footer');
  const size = end.readBigUInt64BE(48);
  if (end.readUInt32BE(60) === 2) {
    put(0, file.subarray(0, file.length - sector));
    return size;
  }
  const at = Number(end.readBigUInt64BE(16));
  if (file.toString('latin1', at, at + 8) !== 'cxsparse') broken('it has no header');
  const [table, entries, block] = [
    Number(file.readBigUInt64BE(at + 16)),
    file.readUInt32BE(at + 28),
    file.readUInt32BE(at + 32),
  ];
  if (block === 0 || table + entries * 4 > file.length) broken('its table of blocks is cut off');
  const bitmap = Math.ceil(block / sector / 8 / sector) * sector;
  for (let i = 0; i < entries; i++) {
    const place = file.readUInt32BE(table + i * 4);
    if (place === unused) continue;
    const start = place * sector + bitmap;
    if (start + block > file.length) broken(`block ${i} is cut off`);
    put(i * block, file.subarray(start, start + block));
  }
  return size;
}
