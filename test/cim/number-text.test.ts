import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerOfText, realOfText, textOfReal } from '../../src/cim/number-text.js';
import { runs } from '../fuzz/runs.js';

describe('DSP0004 annex A: numbers as text', () => {
  it.each([
    ['0', 0n],
    ['+42', 42n],
    ['-42', -42n],
    ['0x1F', 31n],
    ['-0XfF', -255n],
    ['0101b', 5n],
    ['-11B', -3n],
    ['017', 15n],
    ['00', 0n],
    ['18446744073709551615', 18_446_744_073_709_551_615n],
  ])('reads the integer %s', (text, value) => {
    expect(integerOfText(text)).toBe(value);
  });

  it.each(['', ' 1', '08', '0x', 'b', '102b', '1.0', '1e3', '--1', '1_000', '٣'])(
    'refuses %j as an integer',
    (text) => {
      expect(integerOfText(text)).toBeUndefined();
    },
  );

  it.each([
    ['1.5', 1.5],
    ['-.5', -0.5],
    ['1.0E-3', 0.001],
    ['7', 7],
    ['INF', Infinity],
    ['-INF', -Infinity],
    ['NaN', Number.NaN],
  ])('reads the real %s (DSP0201: INF, -INF, NaN)', (text, value) => {
    expect(realOfText(text)).toBe(value);
  });

  it.each(['', 'inf', 'Infinity', 'nan', '+INF', '1e', '.', '0x1F', '1e999'])('refuses %j as a real', (text) => {
    expect(realOfText(text)).toBeUndefined();
  });

  it('takes no more digits than any number has', () => {
    const digits = '9'.repeat(1_000_000);
    expect(integerOfText(digits)).toBeUndefined();
    expect(realOfText(`${digits}.5`)).toBeUndefined();
  });

  it('writes every real so that it reads back', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(realOfText(textOfReal(value))).toBe(value);
      }),
      runs(100, 20_000),
    );
    expect([textOfReal(5), textOfReal(1e21), textOfReal(-0)]).toEqual(['5.0', '1.0E+21', '-0.0']);
  });
});
