import { invalid } from './input.js';

/*
 * What /export_metadata gives and /import_metadata takes (XenAPI): a tar archive that holds one file, ova.xml, and ends
 * with two empty blocks.
 */

const block = 512;
const fileName = 'ova.xml';

/** Bytes that a description may have: that of a machine with hundreds of snapshots. */
const limit = 8 << 20;

const unreadable = (why: string): never =>
  invalid(`MetadataDiskImage: the image does not begin with what /export_metadata gives: ${why}`);

const fieldAt = (header: Buffer, at: number, length: number): string =>
  (header.toString('latin1', at, at + length).split('\0')[0] ?? '').trim();

const checksumAt = 148;

/** The sum of a header's bytes, that of the checksum's own place as if it held blanks. */
const checksum = (header: Buffer): number =>
  header.reduce((sum, byte, i) => sum + (i >= checksumAt && i < checksumAt + 8 ? 32 : byte), 0);

/** The size of the file that a header is for. */
function sizeIn(header: Buffer): number {
  if (Number.parseInt(fieldAt(header, checksumAt, 8), 8) !== checksum(header)) unreadable('it is no tar archive');
  const name = fieldAt(header, 0, 100);
  if (name !== fileName) unreadable(`its first file is "${name.slice(0, 40)}" and not ${fileName}`);
  const size = fieldAt(header, 124, 12);
  if (!/^[0-7]{1,11}$/.test(size)) unreadable('its file has no size');
  const bytes = Number.parseInt(size, 8);
  return bytes <= limit ? bytes : unreadable(`${fileName} has ${bytes} bytes, and ${limit} are read at most`);
}

/** Reads the description, and no more of the image than that. */
export async function readArchive(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let wanted = block;
  let size: number | undefined;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.length;
    if (length < wanted) continue;
    if (size === undefined) {
      size = sizeIn(Buffer.concat(pieces).subarray(0, block));
      wanted = block + size;
    }
    if (length >= wanted) return decoded(Buffer.concat(pieces).subarray(block, wanted));
  }
  return unreadable('it ends before its file does');
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return unreadable(`${fileName} is not in UTF-8`);
  }
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

function headerOf(size: number): Buffer {
  const header = Buffer.alloc(block);
  header.write(fileName, 0);
  header.write(octal(0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write('0', 156);
  header.write('ustar\0' + '00', 257);
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, checksumAt);
  return header;
}

/** A description as /import_metadata takes it. */
export function writeArchive(text: string): Buffer {
  const content = Buffer.from(text);
  const padding = (block - (content.length % block)) % block;
  return Buffer.concat([headerOf(content.length), content, Buffer.alloc(padding + 2 * block)]);
}
