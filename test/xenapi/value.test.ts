import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFieldType } from '../../src/xenapi/field-type.js';
import { NULL_REF } from '../../src/xenapi/records.js';
import { toDatetime, toFloat, toWireDatetime, valueReader, WRONG } from '../../src/xenapi/value.js';
import { runs } from '../fuzz/runs.js';

const read = (type: string, wire: unknown): unknown => valueReader(type).convert(wire);

describe('the types of the data model', () => {
  it('are taken apart', () => {
    expect(parseFieldType('VM ref set')).toEqual({ kind: 'set', item: { kind: 'ref', of: 'VM' } });
    expect(parseFieldType('(int -> string set) map')).toEqual({
      kind: 'map',
      key: { kind: 'int' },
      value: { kind: 'set', item: { kind: 'string' } },
    });
    expect(parseFieldType('string option')).toEqual({ kind: 'option', item: { kind: 'string' } });
    expect(parseFieldType('<class> record')).toEqual({ kind: 'any' });
  });
});

describe('an int', () => {
  it.each([
    [5, 5n],
    ['5', 5n],
    ['-7', -7n],
    ['9223372036854775807', 9_223_372_036_854_775_807n],
    [255, 255n],
    [256, 256n],
    [-1, -1n],
    [68_719_476_736, 68_719_476_736n],
  ])('%j is %s', (wire, value) => expect(read('int', wire)).toBe(value));

  it.each([[1.5], ['1.5'], [''], ['x'], [true], [null], [{}], [[]], [Number.NaN]])('%j is none', (wire) =>
    expect(read('int', wire)).toBe(WRONG),
  );

  it('of any size comes through as text', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (n) => read('int', n.toString()) === n),
      runs(100, 20_000),
    );
  });
});

describe('a float', () => {
  it.each([
    [0.25, 0.25],
    ['0.25', 0.25],
    ['NaN', Number.NaN],
    ['nan', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-inf', Number.NEGATIVE_INFINITY],
    ['1e-3', 0.001],
    ['-1.', -1],
  ])('%j is %s', (wire, value) => expect(toFloat(wire)).toBe(value));

  it.each([[''], ['0x10'], ['1,5'], [null]])('%j is none', (wire) => expect(toFloat(wire)).toBe(WRONG));
});

describe('a datetime', () => {
  it.each([
    ['20261122T14:00:00Z', '2026-11-22T14:00:00Z'],
    ['2026-11-22T14:00:00Z', '2026-11-22T14:00:00Z'],
    ['20261122T14:00:00', '2026-11-22T14:00:00Z'],
    ['20261122T140000Z', '2026-11-22T14:00:00Z'],
    ['2026-11-22T14:00:00.123Z', '2026-11-22T14:00:00Z'],
    ['2026-11-22T14:00:00+0130', '2026-11-22T12:30:00Z'],
    ['20261122T00:30:00+01:00', '2026-11-21T23:30:00Z'],
    ['19700101T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['', '1970-01-01T00:00:00Z'],
  ])('%j is %s', (wire, value) => expect(toDatetime(wire)).toBe(value));

  it.each([['20261322T14:00:00Z'], ['yesterday'], [5], [null]])('%j is none', (wire) =>
    expect(toDatetime(wire)).toBe(WRONG),
  );

  it('goes back in the form that every release reads', () => {
    expect(toWireDatetime('2026-11-22T14:00:00Z')).toBe('20261122T14:00:00Z');
  });
});

describe('sets, maps and references', () => {
  it('an enumeration takes members that this version does not know', () => {
    expect(read('enum vm_power_state', 'Hibernating')).toBe('Hibernating');
    expect(valueReader('enum domain_type').missing).toBe('unspecified');
  });

  it('sets of references are put in order, sets of texts are left', () => {
    expect(read('VM ref set', ['OpaqueRef:b', 'OpaqueRef:a'])).toEqual(['OpaqueRef:a', 'OpaqueRef:b']);
    expect(read('string set', ['b', 'a'])).toEqual(['b', 'a']);
  });

  it('an empty text, as XML-RPC writes nothing, is an empty set, map or reference', () => {
    expect(read('VM ref set', '')).toEqual([]);
    expect(read('(string -> string) map', '')).toEqual({});
    expect(read('VM ref', '')).toBe(NULL_REF);
  });

  it('a map has no prototype, and __proto__ is a key', () => {
    const map = read('(string -> string) map', JSON.parse('{"__proto__":"x","constructor":"y","a":1}')) as Record<
      string,
      string
    >;
    expect(Object.getPrototypeOf(map)).toBeNull();
    expect({ ...map }).toEqual(JSON.parse('{"__proto__":"x","constructor":"y","a":"1"}'));
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('converts what is in maps by its type', () => {
    expect(read('(string -> int) map', { a: '12345678901234567890' })).toEqual({ a: 12_345_678_901_234_567_890n });
    expect(read('(int -> float) map', { 0: 'nan' })).toEqual({ 0: Number.NaN });
    expect(read('(string -> int) map', { a: 'x' })).toBe(WRONG);
  });

  it.each([[null], [''], [[]]])('an option of %j is absent', (wire) =>
    expect(read('string option', wire)).toBeUndefined(),
  );
});
