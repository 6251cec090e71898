import { describe, expect, it } from 'vitest';
import type { Page } from '../../src/cim/operation.js';
import { instancePath } from '../../src/cim/path.js';
import { EncodedCache } from '../../src/cimxml/encoded-cache.js';
import { encodeResponse, newTally, type Reply } from '../../src/cimxml/response.js';
import { assertValid } from '../dtd.js';

const pathOf = (name: string) => instancePath('C', [{ name: 'Name', type: 'string', value: name }]);

let made = 0;
const page = (...names: readonly string[]): Page => ({
  lasting: true,
  instances: () => [],
  *paths() {
    made++;
    for (const name of names) yield pathOf(name);
  },
});

function* failing(...pages: readonly Page[]): Generator<Page> {
  yield* pages;
  throw new TypeError('a bug');
}

function encode(pages: Iterable<Page>, chunk: number, cache = new EncodedCache(1_000_000)) {
  const result = { kind: 'pages', form: 'instanceNames', pages } as const;
  const reply: Reply = { kind: 'intrinsic', name: 'EnumerateInstanceNames', namespace: 'root/cimv2', result };
  const tally = newTally();
  const chunks = [...encodeResponse('7', [reply], { host: 'h', cache, tally, chunk })] as Buffer[];
  const xml = Buffer.concat(chunks).toString('utf8');
  assertValid(xml);
  const names = [...xml.matchAll(/<KEYVALUE[^>]*>([^<]*)</g)].map(([, name]) => name);
  return { chunks, xml, names, tally };
}

const three = () => [page('a', 'ö'), page('<b'), page('c'.repeat(300), 'd')];
const all = ['a', 'ö', '&lt;b', 'c'.repeat(300), 'd'];

describe('an answer in pages', () => {
  it.each([1, 200, 500, 1_000, 60_000])('is the same in whatever chunks (%i)', (chunk) => {
    const { xml, names, tally } = encode(three(), chunk);
    expect(names).toEqual(all);
    expect(tally).toMatchObject({ instances: 5, bytes: Buffer.byteLength(xml), error: undefined });
    expect(xml).toBe(encode(three(), 60_000).xml);
  });

  it('is one chunk where it is small, with what stands around the pages', () => {
    expect(encode(three(), 60_000).chunks).toHaveLength(1);
    expect(encode([], 60_000).chunks).toHaveLength(1);
  });

  it('goes on its way in chunks where it is large, small pages put together', () => {
    const pages = Array.from({ length: 400 }, (_, i) => page(String(i)));
    const { chunks, names } = encode(pages, 2_000);
    expect(names).toEqual(Array.from({ length: 400 }, (_, i) => String(i)));
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.length).toBeLessThan(50);
  });

  it('encodes a page once', () => {
    const cache = new EncodedCache(1_000_000);
    const pages = three();
    const before = made;
    for (let i = 0; i < 3; i++) expect(encode(pages, 60_000, cache).names).toEqual(all);
    expect(made - before).toBe(3);
  });

  it('that fails before any of it was given out is an ERROR, with nothing of the pages', () => {
    const { xml, names, tally } = encode(failing(...three()), 60_000);
    expect(xml).toContain('<ERROR CODE="1"');
    expect(names).toEqual([]);
    expect(tally.instances).toBe(0);
  });

  it('that fails thereafter throws: the connection has to be broken off', () => {
    expect(() => encode(failing(...three()), 10)).toThrow();
  });
});
