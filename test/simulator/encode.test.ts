import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode } from '../../src/simulator/decode.js';
import { jsonEncoder } from '../../src/simulator/encode-json.js';
import { sixteenDigits, xmlEncoder } from '../../src/simulator/encode-xml.js';
import { XenApiFailure } from '../../src/simulator/failure.js';
import { typeOf } from '../../src/simulator/type.js';
import { runs } from '../fuzz/runs.js';

const json = (type: string, value: unknown): string => jsonEncoder(typeOf(type))(value);
const xml = (type: string, value: unknown): string => xmlEncoder(typeOf(type))(value);

describe('XML-RPC as xapi writes it (facts 1.2)', () => {
  it.each([
    ['string', 'a <b> & "c" \'d\'\u0000\u001f', "<value>a &lt;b&gt; &amp; &quot;c&quot; 'd'</value>"],
    ['int', 9_007_199_254_740_993n, '<value>9007199254740993</value>'],
    ['bool', true, '<value><boolean>1</boolean></value>'],
    ['float', 0.5, '<value><double>0.5</double></value>'],
    ['float', Number.NaN, '<value><double>nan</double></value>'],
    ['datetime', '20261122T14:00:00Z', '<value><dateTime.iso8601>20261122T14:00:00Z</dateTime.iso8601></value>'],
    ['string set', ['a', 'b'], '<value><array><data><value>a</value><value>b</value></data></array></value>'],
    [
      '(string -> int) map',
      { a: 1n },
      '<value><struct><member><name>a</name><value>1</value></member></struct></value>',
    ],
    ['void', undefined, '<value></value>'],
  ])('%s', (type, value, text) => {
    expect(xml(type, value)).toBe(text);
  });

  it('floats have sixteen digits', () => {
    const texts = [1, 0.1, 1 / 3, 1e21, 123456.789, 1e-5, -0.25].map(sixteenDigits);
    expect(texts).toEqual(['1', '0.1', '0.3333333333333333', '1e+21', '123456.789', '1e-05', '-0.25']);
  });
});

describe('JSON as xapi writes it (facts 1.3)', () => {
  it.each([
    ['string', 'a "b"\\\n\u007fä', '"a \\"b\\"\\\\\\n\\u007fä"'],
    ['int', 9_007_199_254_740_993n, '9007199254740993'],
    ['float', 1, '1.0'],
    ['float', 0.1, '0.1'],
    ['float', Number.NaN, 'NaN'],
    ['void', undefined, '""'],
    ['(VM ref -> bool) map', new Map([['OpaqueRef:x', true]]), '{"OpaqueRef:x":true}'],
    ['enum vm_operations set', ['start', 'clone'], '["start","clone"]'],
  ])('%s', (type, value, text) => {
    expect(json(type, value)).toBe(text);
  });

  it('any string comes back from JSON.parse', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => JSON.parse(json('string', text)) === text),
      runs(100, 20_000),
    );
  });
});

describe('arguments (facts 1.2, 1.5 step 3)', () => {
  it.each([
    ['int', '9007199254740993', 9_007_199_254_740_993n],
    ['int', 5, 5n],
    ['float', '0.5', 0.5],
    ['float', 3, 3],
    ['datetime', '2026-11-22T14:00:00Z', '20261122T14:00:00Z'],
    ['datetime', new Date('2026-11-22T14:00:00Z'), '20261122T14:00:00Z'],
    ['enum vm_power_state', 'running', 'Running'],
    ['string set', ['a'], ['a']],
  ])('%s takes %s', (type, raw, value) => {
    expect(decode(typeOf(type), raw)).toEqual(value);
  });

  it.each([
    ['bool', 'true'],
    ['int', '5.5'],
    ['int', 1.5],
    ['int', '9223372036854775808'],
    ['float', 'much'],
    ['string', 5],
    ['enum vm_power_state', 'Flying'],
    ['string set', 'a'],
    ['(string -> string) map', ['a']],
    ['datetime', 'yesterday'],
  ])('%s refuses %s with INTERNAL_ERROR', (type, raw) => {
    expect(() => decode(typeOf(type), raw)).toThrow(XenApiFailure);
    expect(() => decode(typeOf(type), raw)).toThrow(/INTERNAL_ERROR/);
  });

  it('a map keeps a key named __proto__ to itself', () => {
    const map = decode(typeOf('(string -> string) map'), JSON.parse('{"__proto__":"x"}')) as object;
    expect(Object.getPrototypeOf(map)).toBeNull();
    expect(Object.keys(map)).toEqual(['__proto__']);
  });
});
