import { describe, expect, it } from 'vitest';
import type { CimClass } from '../../src/cim/class.js';
import { coerce, coerceKeys } from '../../src/cim/coerce.js';
import { CimError } from '../../src/cim/error.js';
import type { CimInstance } from '../../src/cim/instance.js';
import { instancePath } from '../../src/cim/path.js';
import type { CimType } from '../../src/cim/value.js';
import { compileSchema } from '../../src/mof/compile.js';
import { textSource } from '../../src/mof/source.js';

const one = (type: CimType) => ({ name: 'Amount', type, isArray: false });
const many = (type: CimType) => ({ name: 'Amounts', type, isArray: true });
const instance: CimInstance = { kind: 'instance', shape: { className: 'C', properties: [] }, values: [] };

describe('DSP0201: text as a value of its declared type', () => {
  it.each<[CimType, string, unknown]>([
    ['uint8', '255', 255],
    ['uint16', ' 12 ', 12],
    ['uint32', '0xFF', 255],
    ['uint32', '101b', 5],
    ['uint32', '017', 15],
    ['uint64', '18446744073709551615', 18_446_744_073_709_551_615n],
    ['sint64', '-9223372036854775808', -9_223_372_036_854_775_808n],
    ['sint8', '-128', -128],
    ['boolean', 'TRUE', true],
    ['boolean', 'false', false],
    ['string', ' kept ', ' kept '],
    ['char16', 'ä', 'ä'],
    ['real32', '1.5', 1.5],
    ['real64', '-INF', -Infinity],
    ['real64', 'NaN', Number.NaN],
    ['datetime', '20261122140000.000000+000', '20261122140000.000000+000'],
    ['reference', 'C.K="v"', instancePath('C', [{ name: 'K', type: undefined, value: 'v' }])],
  ])('reads a %s from %j', (type, text, value) => {
    expect(coerce(text, one(type))).toEqual(value);
  });

  it.each<[CimType, string, string]>([
    ['uint8', '256', 'Amount wants a uint8 (0 to 255), not "256"'],
    ['uint8', '-1', '(0 to 255)'],
    ['uint8', '1.0', '(0 to 255)'],
    ['uint64', '18446744073709551616', '(0 to 18446744073709551615)'],
    ['boolean', '1', 'TRUE or FALSE'],
    ['char16', '😀', 'one UTF-16 character'],
    ['char16', '', 'one UTF-16 character'],
    ['real32', '1e39', 'a real32'],
    ['real64', 'Infinity', 'a real64'],
    ['datetime', 'now', '3 characters instead of 25'],
    ['reference', 'C', 'with keys, was wanted'],
  ])('refuses as %s the text %j', (type, text, why) => {
    expect(() => coerce(text, one(type))).toThrow(why);
    expect(() => coerce(text, one(type))).toThrow(expect.objectContaining({ status: 'TYPE_MISMATCH' }));
  });

  it('takes values of a looser type', () => {
    expect(coerce(5, one('uint64'))).toBe(5n);
    expect(coerce(5n, one('uint8'))).toBe(5);
    expect(coerce(5n, one('real32'))).toBe(5);
    expect(() => coerce(5.5, one('uint8'))).toThrow(CimError);
    expect(() => coerce(true, one('string'))).toThrow('a string');
  });

  it('keeps NULL, "" and [] apart', () => {
    expect(coerce(null, one('string'))).toBeNull();
    expect(coerce('', one('string'))).toBe('');
    expect(coerce([], many('string'))).toEqual([]);
    expect(coerce(['1', null], many('uint8'))).toEqual([1, null]);
  });

  it('refuses an array for a value and a value for an array, with the status asked for', () => {
    expect(() => coerce(['1'], one('uint8'))).toThrow('not an array of 1');
    expect(() => coerce('1', many('uint8'), 'INVALID_PARAMETER')).toThrow(
      expect.objectContaining({ status: 'INVALID_PARAMETER', message: expect.stringContaining('an array of uint8') }),
    );
    expect(() => coerce(['1', '2'], { ...many('uint8'), arraySize: 1 })).toThrow('at most 1 values');
  });

  it('takes instances where they are embedded, and nothing else there', () => {
    expect(coerce(instance, { ...one('string'), embedded: 'instance' })).toBe(instance);
    expect(coerce([instance], { ...many('string'), embedded: 'object' })).toEqual([instance]);
    expect(() => coerce('<INSTANCE/>', { ...one('string'), embedded: 'instance' })).toThrow('an embedded instance');
    expect(() => coerce(instance, one('string'))).toThrow('not an instance');
  });
});

describe('keys as their class declares them', () => {
  const schema = compileSchema(
    textSource({
      'a.mof': `Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
        class C { [Key] string Name; [Key] uint64 Number; [Key] boolean Flag; string Other; };`,
    }),
  );
  const of = schema.class('C') as CimClass;

  it('get their type and their spelling', () => {
    const given = instancePath('c', [
      { name: 'NAME', type: undefined, value: 5 },
      { name: 'number', type: undefined, value: '7' },
      { name: 'flag', type: undefined, value: 'true' },
    ]);
    expect(coerceKeys(given, of).keys).toEqual([
      { name: 'Flag', type: 'boolean', value: true },
      { name: 'Name', type: 'string', value: '5' },
      { name: 'Number', type: 'uint64', value: 7n },
    ]);
  });

  it('take the text of a path for a string, and stay as they came where the class has none', () => {
    const inner = instancePath('X', [{ name: 'K', type: undefined, value: 'v' }]);
    const given = instancePath('C', [
      { name: 'Name', type: 'reference', value: inner },
      { name: 'Other', type: undefined, value: 1 },
    ]);
    expect(coerceKeys(given, of).keys.map((key) => key.value)).toEqual(['X.K="v"', 1]);
  });

  it('are refused where they say nothing of the type', () => {
    const given = instancePath('C', [{ name: 'Number', type: undefined, value: 'x' }]);
    expect(() => coerceKeys(given, of)).toThrow(expect.objectContaining({ status: 'INVALID_PARAMETER' }));
  });
});
