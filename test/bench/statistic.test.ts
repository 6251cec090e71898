import { describe, expect, it } from 'vitest';
import { digits, quantile, single, slope, spread, spreadText } from './statistic.js';

describe('quantiles', () => {
  it('are values that occur, by the nearest rank', () => {
    const values = [5, 1, 4, 2, 3];
    expect([0, 0.2, 0.21, 0.5, 0.99, 1].map((fraction) => quantile(values, fraction))).toEqual([1, 1, 2, 3, 5, 5]);
    expect(values, 'the values are left in their order').toEqual([5, 1, 4, 2, 3]);
  });

  it('are told apart where a hundredth of the values is far off', () => {
    const values = Array.from({ length: 200 }, (_, i) => (i < 197 ? 1 : 100));
    expect([quantile(values, 0.5), quantile(values, 0.98), quantile(values, 0.99)]).toEqual([1, 1, 100]);
  });

  it('of nothing are no number', () => {
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('a spread', () => {
  it('is the median, the least and the most', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spread(Array.from({ length: 300_000 }, (_, i) => i)).max, 'of more values than a call takes').toBe(299_999);
  });

  it('is written with its bounds, unless it is one value', () => {
    expect(spreadText({ median: 12_345.6, min: 0.456, max: 78.91 })).toBe('12,346 (0.46 to 78.9)');
    expect(spreadText(single(-7.128))).toBe('-7.13');
    expect(digits(99.96)).toBe('100');
  });
});

describe('the slope of the line that fits', () => {
  it('is that of points on a line', () => {
    expect(slope([0, 1, 2, 5].map((x) => ({ x, y: 7 - 2 * x })))).toBeCloseTo(-2);
  });

  it('is none of noise around a level', () => {
    expect(slope([0, 1, 2, 3].map((x) => ({ x, y: [5, 6, 6, 5][x]! })))).toBeCloseTo(0);
  });

  it('of one point is no number', () => {
    expect(slope([{ x: 1, y: 1 }])).toBeNaN();
  });
});
