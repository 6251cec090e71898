import { describe, expect, it } from 'vitest';
import { type CimType, integerRange, isWide } from '../../src/cim/value.js';
import { readNumber, readScalar } from '../../src/cimxml/scalar-in.js';

describe('the text of a value, by type (DSP0201 5.2.2)', () => {
  it.each(Object.entries(integerRange))('%s: its bounds, and nothing beyond them', (name, [min, max]) => {
    const type = name as CimType;
    const wanted = (value: bigint) => (isWide(type) ? value : Number(value));
    expect(readScalar(type, String(min))).toBe(wanted(min));
    expect(readScalar(type, String(max))).toBe(wanted(max));
    expect(() => readScalar(type, String(min - 1n))).toThrow(`is no ${type}`);
    expect(() => readScalar(type, String(max + 1n))).toThrow(`is no ${type}`);
  });
  it.each([
    ['uint16', ' 42\n', 42],
    ['uint16', '+42', 42],
    ['uint16', '007', 7],
    ['uint16', '0x1F', 31],
    ['sint16', '-0X1f', -31],
    ['uint8', '-0', 0],
    ['real32', '1.5', 1.5],
    ['real64', '-1.5E+3', -1500],
    ['real64', '.5', 0.5],
    ['real64', '3', 3],
    ['real64', 'NaN', Number.NaN],
    ['real64', '-INF', Number.NEGATIVE_INFINITY],
    ['boolean', 'TRUE', true],
    ['boolean', ' false ', false],
    ['string', ' a ', ' a '],
    ['string', '', ''],
    ['char16', ' ', ' '],
    ['char16', '€', '€'],
    ['datetime', '20261122235959.123456+060', '20261122235959.123456+060'],
    ['datetime', '00000001020304.******:000', '00000001020304.******:000'],
  ] as const)('%s %j is %j', (type, text, value) => expect(readScalar(type, text)).toBe(value));

  it.each([
    ['uint16', ''],
    ['uint16', ' '],
    ['uint16', '1.0'],
    ['uint16', '1e3'],
    ['uint16', '12abc'],
    ['uint16', '0x'],
    ['uint16', '--1'],
    ['uint16', '1 2'],
    ['uint16', '٣'],
    ['real64', ''],
    ['real64', '1.5f'],
    ['real64', 'Infinity'],
    ['real64', '1e999'],
    ['boolean', ''],
    ['boolean', '1'],
    ['boolean', 'yes'],
    ['char16', ''],
    ['char16', 'ab'],
    ['char16', '😀'],
    ['datetime', '2026-11-22'],
    ['datetime', '20261122235959.123456*000'],
    ['reference', 'a.b=1'],
  ] as const)('%s %j is INVALID_PARAMETER', (type, text) => {
    expect(() => readScalar(type, text)).toThrowError(expect.objectContaining({ status: 'INVALID_PARAMETER' }));
  });

  it('numbers of no type: exact ones as numbers, greater ones as bigint, the rest as reals', () => {
    expect(readNumber('9007199254740991')).toBe(9_007_199_254_740_991);
    expect(readNumber('9007199254740992')).toBe(9_007_199_254_740_992n);
    expect(readNumber('-1.25')).toBe(-1.25);
    expect(() => readNumber('a')).toThrow('numeric');
  });
  it.each(['1'.repeat(1_000_000), `${'1'.repeat(1_000_000)}x`, '.'.repeat(1_000_000), `1.${'1'.repeat(1_000_000)}`])(
    'a million characters are refused, and take no more than their length to read',
    (text) => {
      for (const type of ['uint64', 'real64', 'boolean', 'datetime', 'char16'] as const)
        expect(() => readScalar(type, text)).toThrow();
    },
  );
});
