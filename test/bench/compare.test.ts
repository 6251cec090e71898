import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compare, compareText } from './compare.js';
import type { Figure } from './figure.js';
import type { Machine } from './machine.js';
import { keepResult, lastResults, type Result, readResult } from './result-file.js';
import type { RowName } from './row.js';
import { single } from './statistic.js';

const machine: Machine = { processor: 'P', cores: 2, memory: '1 GiB', node: 'v20', platform: 'linux x64', load: 0.5 };

const result = (at: string, values: Readonly<Partial<Record<RowName, number>>>, cores = 2): Result => ({
  at,
  mode: 'quick',
  machine: { ...machine, cores },
  figures: Object.entries(values).map(([row, value]): Figure => ({ row: row as RowName, value: single(value) })),
});

const older = result('2026-01-01T00:00:00.000Z', { enumerate: 80, news: 100, callsOne: 0, getTail: 3, start: 5 });
const newer = result('2026-01-02T00:00:00.000Z', { enumerate: 88, news: 120, callsOne: 0, getTail: 3.1, names: 50 });

describe('a comparison', () => {
  it('tells of each row what became of it, and whether that is good', () => {
    const found = compare(older, newer).map(({ row, ratio, verdict }) => [
      row,
      ratio && Number(ratio.toFixed(2)),
      verdict,
    ]);
    expect(found).toEqual([
      ['enumerate', 1.1, 'better'],
      ['names', undefined, ''],
      ['getTail', 1.03, 'same'],
      ['start', undefined, ''],
      ['callsOne', undefined, 'same'],
      ['news', 1.2, 'worse'],
    ]);
  });

  it('of a call where there was none is worse', () => {
    const [row] = compare(result('a', { callsOne: 0 }), result('b', { callsOne: 1 }));
    expect(row).toMatchObject({ ratio: undefined, verdict: 'worse' });
  });

  it('takes medians that lie within each other rounds for the same', () => {
    const rounds = (median: number, min: number, max: number): Result => ({
      ...older,
      figures: [{ row: 'enumerate', value: { median, min, max } }],
    });
    const verdict = (one: Result, other: Result): unknown => compare(one, other)[0]!.verdict;
    expect(verdict(rounds(60, 40, 80), rounds(75, 50, 90))).toBe('same');
    expect(verdict(rounds(60, 40, 70), rounds(75, 50, 90))).toBe('better');
    expect(verdict(rounds(75, 65, 90), rounds(60, 40, 80))).toBe('worse');
  });

  it('is printed with old, new and their ratio', () => {
    const text = compareText(older, newer);
    expect(text.split('\n').find((line) => line.startsWith('EnumerateInstances, 10,000'))).toMatch(
      /% of bare +80 \(missed\) +88 +1\.1 +better$/,
    );
    expect(text.split('\n').find((line) => line.startsWith('start'))).toMatch(/5 \(missed\) +- +-$/);
    expect(text).not.toContain('Not measured alike');
  });

  it('says when machines or modes differ', () => {
    expect(compareText(older, result('c', {}, 8))).toContain(
      'Not measured alike: P, 2 cores, quick before, P, 8 cores',
    );
  });
});

describe('kept results', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are read as they were written, and the last two are found', () => {
    const inside = join(folder, 'made', 'for them');
    expect(readResult(keepResult(inside, 'table', older))).toEqual(older);
    expect(() => lastResults(inside)).toThrow('wanted two kept results to compare, got 1');
    const last = keepResult(inside, 'table', newer);
    keepResult(inside, 'soak', { at: '2026-01-03T00:00:00.000Z' });
    const [first, second] = lastResults(inside);
    expect([readResult(first).at, second]).toEqual([older.at, last]);
  });

  it('that are not there are named', () => {
    expect(() => readResult(join(folder, 'none.json'))).toThrow(`${join(folder, 'none.json')}: wanted a kept result`);
  });

  it('of something else are refused by name', () => {
    const path = join(folder, 'other.json');
    writeFileSync(path, '{"samples": []}');
    expect(() => readResult(path)).toThrow(`${path}: wanted a kept result of the table`);
  });
});
