import { refuse } from './failure.js';

const block = 512;

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

/** The header of one file in a tar archive (ustar). */
export function tarHeader(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100);
  bytes.write(octal(0o644, 8), 100);
  bytes.write(octal(0, 8), 108);
  bytes.write(octal(0, 8), 116);
  bytes.write(octal(size, 12), 124);
  bytes.write(octal(0, 12), 136);
  bytes.write('        ', 148);
  bytes.write('0', 156);
  bytes.write('ustar\0' + '00', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** A file in a tar archive, with its header and padding. */
export const tarFile = (name: string, content: Buffer): Buffer =>
  Buffer.concat([tarHeader(name, content.length), content, Buffer.alloc((block - (content.length % block)) % block)]);

/** What ends an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * block);

const textAt = (bytes: Buffer, at: number, length: number): string =>
  (bytes.toString('utf8', at, at + length).split('\0')[0] ?? '').trim();

/** The files of a tar archive in their order; IMPORT_ERROR for what is none. */
export function* readTar(archive: Buffer): Iterable<readonly [name: string, content: Buffer]> {
  for (let at = 0; at + block <= archive.length; ) {
    if (archive.subarray(at, at + block).every((byte) => byte === 0)) return;
    const size = Number.parseInt(textAt(archive, at + 124, 12), 8);
    if (textAt(archive, at + 257, 5) !== 'ustar' || Number.isNaN(size))
      refuse('IMPORT_ERROR', 'The archive is no tar file');
    const start = at + block;
    if (start + size > archive.length) refuse('IMPORT_ERROR_PREMATURE_EOF');
    yield [textAt(archive, at, 100), archive.subarray(start, start + size)];
    at = start + Math.ceil(size / block) * block;
  }
  refuse('IMPORT_ERROR_PREMATURE_EOF');
}
