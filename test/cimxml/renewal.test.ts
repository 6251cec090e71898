import { describe, expect, it } from 'vitest';
import type { CimInstance, Shape } from '../../src/cim/instance.js';
import type { Alteration, Page } from '../../src/cim/operation.js';
import { instancePath } from '../../src/cim/path.js';
import type { CimValue } from '../../src/cim/value.js';
import { EncodedCache } from '../../src/cimxml/encoded-cache.js';
import { encodeResponse } from '../../src/cimxml/response.js';
import { pageForms } from '../../src/cimxml/result.js';
import { assertValid } from '../dtd.js';
import { encodedPage } from './encoded-page.js';

const shape: Shape = {
  className: 'C',
  properties: [
    { name: 'Name', type: 'string', isArray: false },
    { name: 'NameFormat', type: 'string', isArray: false },
    { name: 'Sizes', type: 'uint64', isArray: true },
    { name: 'Inner', type: 'string', isArray: false, embedded: 'object' },
    { name: 'Last', type: 'reference', isArray: false, referenceClass: 'C' },
  ],
};

const inner: CimInstance = { kind: 'instance', shape, values: ['</PROPERTY>', null, null, null, null] };
const pathTo = (name: string) => instancePath('C', [{ name: 'Name', type: 'string', value: name }]);

/** A page of rows that can be written, and that tells what was written since. */
function writablePage(...rows: CimValue[][]) {
  const written = new Map<number, { version: number; readonly properties: Set<number> }>();
  const course = {
    version: 0,
    *since(version: number): Iterable<Alteration> {
      for (const [item, mark] of written) {
        if (mark.version <= version) continue;
        yield { item, shape, properties: mark.properties, value: (property) => rows[item]![property]! };
      }
    },
  };
  const page: Page = {
    lasting: true,
    course,
    *instances() {
      for (const values of rows) yield { kind: 'instance', shape, values, path: pathTo(String(values[0])) };
    },
    paths: () => rows.map((values) => pathTo(String(values[0]))),
  };
  const write = (item: number, property: number, value: CimValue): void => {
    rows[item]![property] = value;
    course.version++;
    const mark = written.get(item) ?? { version: 0, properties: new Set<number>() };
    written.set(item, { version: course.version, properties: mark.properties.add(property) });
  };
  return { page, write };
}

const three = () =>
  writablePage(
    ['a', 'Other', [1n, 2n], null, null],
    ['ö', null, null, inner, pathTo('a')],
    ['c', '<&>', [], inner, null],
  );

type Write = readonly [item: number, property: number, value: CimValue];

const form = pageForms.namedInstances;

describe('a page of which properties were altered', () => {
  it.each<[string, readonly Write[]]>([
    ['a longer text', [[0, 1, 'much longer than before, with ü and <']]],
    ['a shorter one', [[2, 1, '']]],
    ['NULL in the place of a value', [[0, 2, null]]],
    ['a value in the place of NULL', [[1, 1, 'Other']]],
    [
      'an array, an embedded object and a reference',
      [
        [1, 2, [7n]],
        [0, 3, inner],
        [2, 4, pathTo('ö')],
      ],
    ],
    [
      'what is written last, first',
      [
        [2, 4, pathTo('x')],
        [2, 1, 'y'],
        [0, 4, pathTo('z')],
        [0, 0, 'a'],
      ],
    ],
    [
      'an embedded object by none',
      [
        [1, 3, null],
        [2, 3, null],
      ],
    ],
  ])('is renewed as if it were made anew: %s', (_what, writes) => {
    const { page, write } = three();
    const cache = new EncodedCache(100_000);
    const before = encodedPage(page, form, cache);
    for (const [item, property, value] of writes) write(item, property, value);
    const renewed = encodedPage(page, form, cache);
    const anew = encodedPage(page, form, undefined);
    expect(renewed).not.toBe(before);
    expect(renewed.bytes.toString()).toBe(anew.bytes.toString());
    expect(cache.size).toBe(renewed.bytes.length);
    expect(encodedPage(page, form, cache)).toBe(renewed);
  });

  it('is renewed again and again, of whatever version it was kept', () => {
    const { page, write } = three();
    const cache = new EncodedCache(100_000);
    for (let round = 0; round < 20; round++) {
      write(round % 3, 1, 'x'.repeat((round * 7) % 11));
      if (round % 4 === 0) write((round + 1) % 3, 2, round % 8 === 0 ? null : [BigInt(round)]);
      if (round % 5 === 3) continue;
      const anew = encodedPage(page, form, undefined);
      expect(encodedPage(page, form, cache).bytes.toString()).toBe(anew.bytes.toString());
    }
  });

  it('leaves what is on its way as it was', () => {
    const { page, write } = three();
    const cache = new EncodedCache(100_000);
    const sent = encodedPage(page, form, cache).bytes;
    const text = sent.toString();
    write(0, 1, 'Another');
    encodedPage(page, form, cache);
    expect(sent.toString()).toBe(text);
  });

  it('keeps its paths', () => {
    const { page, write } = three();
    const cache = new EncodedCache(100_000);
    const before = encodedPage(page, pageForms.instanceNames, cache);
    write(0, 1, 'Another');
    expect(encodedPage(page, pageForms.instanceNames, cache)).toBe(before);
  });

  it.each(['instancesWithPath', 'instances'] as const)('is renewed in what is pulled: %s', (pulled) => {
    const { page, write } = three();
    const cache = new EncodedCache(100_000);
    const stretches = [{ page, start: 1, end: 3 }];
    const pull = (kept?: EncodedCache): string => {
      const selection = { classOrigin: false };
      const result = { kind: 'batch', form: pulled, stretches, selection, context: null } as const;
      const reply = { kind: 'intrinsic', name: 'PullInstances', namespace: 'root/cimv2', result } as const;
      const chunks = [...encodeResponse('7', [reply], { host: 'h', cache: kept })] as Buffer[];
      const xml = Buffer.concat(chunks).toString();
      assertValid(xml);
      return xml;
    };
    const before = pull(cache);
    write(0, 1, 'on the page, and not pulled, but longer');
    write(2, 1, 'pulled');
    expect(pull(cache)).toBe(pull());
    expect(pull(cache)).not.toBe(before);
  });
});
