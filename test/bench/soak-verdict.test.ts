import { describe, expect, it } from 'vitest';
import { judge, type Sample, verdictText } from './soak-verdict.js';

/** A sample every twelve seconds. */
const samples = (minutes: number, at: (minute: number) => Omit<Sample, 'minute'>): readonly Sample[] =>
  Array.from({ length: minutes * 5 }, (_, i) => ({ minute: i / 5, ...at(i / 5) }));

describe('the verdict of a soak', () => {
  it('counts from the eleventh minute on', () => {
    const filling = samples(30, (minute) => ({ memory: minute < 10 ? 100 + 30 * minute : 400, descriptors: 50 }));
    expect(judge(filling, 30)).toMatchObject({ from: 10, complaints: [], growth: 0 });
    expect(judge(filling, 30).slope).toBeCloseTo(0);
  });

  it('counts the last two thirds of a short run', () => {
    expect(
      judge(
        samples(3, () => ({ memory: 1, descriptors: 1 })),
        3,
      ).from,
    ).toBe(1);
  });

  it('is against memory that rises by a megabyte a minute', () => {
    const rising = (by: number) => samples(30, (minute) => ({ memory: 400 + by * minute, descriptors: 50 }));
    expect(judge(rising(0.9), 30).complaints).toEqual([]);
    expect(judge(rising(1.1), 30).complaints).toEqual([
      'resident memory rises by 1.10 MB a minute where less than 1 is wanted',
    ]);
  });

  it('is against descriptors that are not given back, but for connections that come and go', () => {
    const leaking = samples(30, (minute) => ({ memory: 1, descriptors: Math.floor(minute) }));
    expect(judge(leaking, 30).complaints).toEqual([
      'there are 13 more descriptors in the last third of the time than in the first',
    ]);
    const busy = samples(30, (minute) => ({ memory: 1, descriptors: 50 + (Math.round(minute * 5) % 7) }));
    expect(judge(busy, 30).complaints).toEqual([]);
  });

  it('is never good where nothing was measured', () => {
    expect(judge([], 30).complaints).toHaveLength(2);
    expect(
      judge(
        samples(30, () => ({ memory: Number.NaN, descriptors: Number.NaN })),
        30,
      ).complaints,
    ).toHaveLength(2);
  });

  it('is printed', () => {
    const text = verdictText(
      judge(
        samples(30, (minute) => ({ memory: 2 * minute, descriptors: 7 })),
        30,
      ),
    );
    expect(text).toContain('slope 2.000 MB a minute');
    expect(text).toContain('descriptors: first 7, last 7, least 7, most 7');
    expect(text).toContain('NOT FLAT: resident memory rises by 2.00 MB a minute');
  });
});
