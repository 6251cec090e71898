import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { readArchive, writeArchive } from '../../src/methods/forest-archive.js';
import { readTar } from '../../src/simulator/tar.js';
import { runs } from '../fuzz/runs.js';

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

const sizes = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 5 });

test('what is written is a tar archive of one file, and is read again in pieces of any size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 2000 }), sizes, async (text, pieces) => {
      const archive = writeArchive(text);
      expect([...readTar(archive)].map(([name, bytes]) => [name, bytes.toString()])).toEqual([['ova.xml', text]]);
      expect(archive.length % 512).toBe(0);
      expect(archive.subarray(-1024).every((byte) => byte === 0)).toBe(true);
      expect(await readArchive(cut(archive, pieces))).toBe(text);
    }),
    runs(100, 20_000),
  );
});

test('no more is read than there is of the file', async () => {
  let given = 0;
  const archive = writeArchive('x'.repeat(600));
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    yield archive;
    for (;;) {
      given++;
      yield Buffer.alloc(512);
    }
  };
  expect(await readArchive(endless())).toBe('x'.repeat(600));
  expect(given).toBe(0);
});

test('random bytes, and an archive with any byte changed, are refused or read, and nothing else', async () => {
  const archive = writeArchive('<value>description</value>');
  const changed = fc.tuple(fc.nat(archive.length - 1), fc.nat(255)).map(([at, byte]) => {
    const copy = Buffer.from(archive);
    copy[at] = byte;
    return copy;
  });
  const noise = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, noise), sizes, async (bytes, pieces) => {
      const outcome = await readArchive(cut(bytes, pieces)).catch((reason: unknown) => reason);
      if (typeof outcome !== 'string') expect(outcome).toBeInstanceOf(CimError);
    }),
    runs(100, 20_000),
  );
});
