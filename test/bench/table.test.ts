import { describe, expect, it } from 'vitest';
import type { Figure } from './figure.js';
import { type RowName, rowNames, rowOf } from './row.js';
import { single } from './statistic.js';
import { columns, figureText, met, tableText } from './table.js';

const figure = (row: RowName, value: number, own?: number): Figure => ({
  row,
  value: single(value),
  ...(own !== undefined && { own: { what: 'bridge', unit: 'instances/s', spread: single(own) } }),
});

describe('targets', () => {
  const bounds: readonly (readonly [RowName, number, boolean])[] = [
    ['enumerate', 85, true],
    ['enumerate', 84.9, false],
    ['enumerateCpu', 0.5, true],
    ['enumerateCpu', 0.51, false],
    ['names', 60, true],
    ['association', 59.9, false],
    ['pull', 59.9, false],
    ['get', 59.9, false],
    ['getTail', 4, false],
    ['getTail', 3.9, true],
    ['getBeside', 25, false],
    ['associatorsSmall', 0.99, true],
    ['associatorsLarge', 1, false],
    ['start', 4, false],
    ['memoryEmpty', 449, true],
    ['memoryFull', 583, true],
    ['memoryFull', 584, false],
    ['callsOne', 0, true],
    ['callsMany', 0.001, false],
    ['news', 150, false],
  ];
  it.each(bounds)('%s of %d: %s', (row, value, wanted) => {
    expect(met(figure(row, value))).toBe(wanted);
  });

  it('of enumerations after a change are a share of bare, or a rate', () => {
    expect([
      met(figure('changed', 30, 1)),
      met(figure('changed', 20, 100_000)),
      met(figure('changed', 20, 99_999)),
    ]).toEqual([true, true, false]);
  });

  it.each(rowNames)('a value that is no number does not meet that of %s', (name) => {
    expect(met(figure(name, Number.NaN, Number.NaN))).toBe(false);
  });
});

describe('the table', () => {
  const figures: readonly Figure[] = [
    { ...figure('get', 70), limit: { what: 'bare', unit: 'requests/s', spread: { median: 9, min: 8, max: 10 } } },
    {
      row: 'enumerate',
      value: { median: 80, min: 70, max: 90 },
      own: figure('enumerate', 0, 12_345).own!,
      notes: { n: 3 },
    },
  ];

  it('has the lines of the rows in their order, with what was measured beside and whether the target is met', () => {
    const [head, , first, second, , end] = tableText(figures).split('\n');
    const cellsOf = (line: string): string[] => line.split(/ {2,}/);
    expect(cellsOf(head!)[0]).toBe('what');
    expect(cellsOf(first!)).toEqual([
      rowOf('enumerate').what,
      '80 (70 to 90) % of bare',
      'at least 85',
      'MISSED',
      'bridge: 12,345 instances/s',
    ]);
    expect(cellsOf(second!)).toEqual([
      rowOf('get').what,
      '70 % of bare',
      'at least 60',
      'met',
      'bare: 9 (8 to 10) requests/s',
    ]);
    expect(end).toBe('1 of 2 targets are missed.');
    expect(tableText([figures[0]!])).toContain('Every target is met.');
  });

  it('begins each column at one place', () => {
    expect(columns([['a', 'b'], ['long', 'c'], ['d']]).split('\n')).toEqual(['a     b', '----  -', 'long  c', 'd']);
  });

  it('tells one figure with its notes', () => {
    expect(figureText(figures[1]!)).toBe(
      `${rowOf('enumerate').what}: 80 (70 to 90) % of bare; at least 85: MISSED\n    bridge: 12,345 instances/s\n    n: 3`,
    );
  });
});
