import { setTimeout as pause } from 'node:timers/promises';
import { census } from './census.js';
import type { Effort } from './effort.js';
import type { Figure } from './figure.js';
import type { Pair } from './pair.js';
import { residentMemory } from './process-usage.js';
import { budget } from './row.js';
import { single } from './statistic.js';

const interval = 250;

/** Memory is taken for settled when the samples of so many intervals differ by less than a hundredth. */
const calm = 12;

/** The resident memory of a process once it has settled, or at the end of the patience, in MB. */
export async function settledMemory(pid: number, patience: number): Promise<number> {
  const samples: number[] = [];
  const until = performance.now() + patience;
  for (;;) {
    samples.push(residentMemory(pid));
    const last = samples.slice(-calm);
    const still = last.length === calm && Math.max(...last) < Math.min(...last) * 1.01;
    if (still || performance.now() > until) return samples.at(-1)!;
    await pause(interval);
  }
}

/**
 * Resident memory just after the start, and after every instance of every class was asked for, or of so many classes that
 * the budget is exceeded by far.
 */
export async function remembering(pair: Pair, { settling, encoding }: Effort): Promise<readonly Figure[]> {
  const { pid, url } = pair.bridge;
  const empty = await settledMemory(pid, settling);
  const classes = await census(url, encoding);
  const full = await settledMemory(pid, settling);
  return [
    { row: 'memoryEmpty', value: single(empty) },
    {
      row: 'memoryFull',
      value: single(full),
      own: { what: 'more than before', unit: 'MB', spread: single(full - empty) },
      limit: { what: 'budget', unit: 'MB', spread: single(budget) },
      notes: {
        classes: classes.length,
        'instances of them': classes.reduce((sum, { count }) => sum + count, 0),
        'MB of answers': classes.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6,
        'seconds for all': classes.reduce((sum, { time }) => sum + time, 0) / 1000,
      },
    },
  ];
}
