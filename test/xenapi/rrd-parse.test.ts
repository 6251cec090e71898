import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedAnswer } from '../../src/xenapi/protocol.js';
import { parseUpdates } from '../../src/xenapi/rrd-parse.js';
import type { Samples } from '../../src/xenapi/rrd-sample.js';
import { runs } from '../fuzz/runs.js';

const legend = ['AVERAGE:vm:u1:cpu0', 'AVERAGE:host:h1:memory_free_kib', 'MAX:vm:u1:cpu0', 'AVERAGE:sr:s1:size'];
const meta = { start: '95', step: '5', end: '105', rows: '2', columns: '4', legend };

const asXml = (rows: readonly (readonly [t: string, ...values: string[]])[]): string =>
  `<?xml version="1.0"?><xport><meta><start>95</start><step>5</step><end>105</end><rows>2</rows><columns>4</columns><legend>${legend
    .map((entry) => `<entry>${entry}</entry>`)
    .join('')}</legend></meta><data>${rows
    .map(([t, ...values]) => `<row><t>${t}</t>${values.map((v) => `<v>${v}</v>`).join('')}</row>`)
    .join('')}</data></xport>`;

/** The sources that have a sample. */
const sources = (samples: Samples): readonly string[] => Array.from(samples, ([owner, name]) => `${owner} ${name}`);

const forms = {
  'JSON with every number as text (23.31 and later)': JSON.stringify({
    meta,
    data: [
      { t: '105', values: ['NaN', '4096.0000', '9.0', 'Infinity'] },
      { t: '100', values: ['0.2500', '2048.0000', '9.0', '-Infinity'] },
    ],
  }),
  'JSON with bare numbers and bare NaN (7.x to 23.30)': `{"meta":{"start":95,"step":5,"end":105,"rows":2,"columns":4,"legend":${JSON.stringify(
    legend,
  )}},"data":[{"t":105,"values":[NaN,4096,9,Infinity]},{"t":100,"values":[0.25,2.048e3,9,-Infinity]}]}`,
  XML: asXml([
    ['105', 'NaN', '4096.0000', '9.0', 'Infinity'],
    ['100', '0.2500', '2048.0000', '9.0', '-Infinity'],
  ]),
  'XML with the rows the other way round, in capitals or not': asXml([
    ['100', '0.2500', '2048.0000', '9.0', 'inf'],
    ['105', 'nan', '4.096e3', '9.0', 'NAN'],
  ]),
};

describe.each(Object.entries(forms))('%s', (_name, text) => {
  const samples = parseUpdates(text);

  test('each source has its newest number, with the time and the length of its row', () => {
    expect(samples.get('vm:u1', 'cpu0')).toEqual({ value: 0.25, time: 100_000, seconds: 5 });
    expect(samples.get('host:h1', 'memory_free_kib')).toEqual({ value: 4096, time: 105_000, seconds: 5 });
  });

  test('what is no number, and what is no average, is left out', () => {
    expect(sources(samples)).toEqual(['vm:u1 cpu0', 'host:h1 memory_free_kib']);
  });
});

test('a source of which every row says NaN keeps its sample; one that is not listed loses it', () => {
  const before = parseUpdates(asXml([['100', '0.5', '1', '1', '7']]));
  const after = parseUpdates(
    asXml([['105', 'NaN', '2', '1', 'NaN']]).replace('<entry>AVERAGE:sr:s1:size</entry>', ''),
    before,
  );
  expect(after.get('vm:u1', 'cpu0')).toEqual({ value: 0.5, time: 100_000, seconds: 5 });
  expect(after.get('sr:s1', 'size')).toBeUndefined();
});

test.each([
  ['the same, in the same order', legend],
  ['the same, in another order', legend.toReversed()],
  ['one less', legend.slice(1)],
  ['one more', [...legend, 'AVERAGE:vm:u1:cpu1']],
  ['others of the same length', legend.map((entry) => entry.replace('u1', 'u2').replace('size', 'read'))],
  ['with the colon elsewhere', legend.map((entry) => entry.replace('vm:u1:cpu0', 'vm:u1c:pu0'))],
  ['no averages any more', legend.map((entry) => entry.replace('AVERAGE', 'MAXIMUM'))],
  ['with an average where none was', legend.map((entry) => entry.replace('MAX:vm:u1:cpu0', 'AVERAGE:vm:u1:cpu1'))],
  ['with some that are no text', [7, null, ...legend]],
])('after other readings, a legend that is %s is read as if it came first', (_name, entries) => {
  const text = (of: readonly unknown[], t: string): string =>
    JSON.stringify({ meta: { step: '5', legend: of }, data: [{ t, values: of.map((_, i) => `${i}.5`) }] });
  const after = parseUpdates(text(entries, '105'), parseUpdates(text(legend, '100')));
  expect([...after]).toEqual([...parseUpdates(text(entries, '105'))]);
});

test('names of sources may hold colons', () => {
  const text = JSON.stringify({
    meta: { step: 5, legend: ['AVERAGE:host:h:statefile/t:x/latency'] },
    data: [{ t: 5, values: [1] }],
  });
  expect(parseUpdates(text).get('host:h', 'statefile/t:x/latency')?.value).toBe(1);
});

test.each([
  ['nothing', ''],
  ['a page', '<html><body><h1>500</h1></body></html>'],
  ['JSON of something else', '{"result":[]}'],
  [
    'JSON with unquoted names, as the oldest releases write it',
    '{meta:{start:1,step:5,legend:["AVERAGE:vm:u:c"]},data:[{t:1,values:[1]}]}',
  ],
  ['XML that ends too soon', '<xport><meta><step>5</step><leg'],
  ['a step of 0', '{"meta":{"step":"0","legend":["AVERAGE:vm:u:c"]},"data":[]}'],
])('%s is refused as malformed', (_name, text) => {
  expect(() => parseUpdates(text)).toThrow(MalformedAnswer);
});

test('an entity is not expanded', () => {
  const text = `<!DOCTYPE x [<!ENTITY e "AVERAGE:vm:u:c">]>${asXml([['5', '1', '1', '1', '1']])
    .slice(21)
    .replace('AVERAGE:vm:u1:cpu0', '&e;')}`;
  expect(sources(parseUpdates(text))).toEqual(['host:h1 memory_free_kib', 'sr:s1 size']);
});

test('rows that are shorter than the legend, and rows without a time, are passed over', () => {
  const text = JSON.stringify({
    meta,
    data: [{ values: ['1', '1', '1', '1'] }, { t: '105', values: ['0.5'] }, 7, null],
  });
  expect(sources(parseUpdates(text))).toEqual(['vm:u1 cpu0']);
});

test('any text gives samples or is refused as malformed', () => {
  const parts = fc.constantFrom(...Object.values(forms));
  fc.assert(
    fc.property(parts, fc.nat(), fc.nat(), fc.string(), (text, from, length, put) => {
      const at = from % text.length;
      const broken = text.slice(0, at) + put + text.slice(at + (length % 40));
      try {
        for (const [, , { value }] of parseUpdates(broken)) expect(Number.isFinite(value)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedAnswer);
      }
    }),
    runs(100, 20_000),
  );
});
