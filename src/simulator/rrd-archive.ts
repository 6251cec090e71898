import type { Export } from './rrd-form.js';
import type { Source } from './rrd-source.js';

/** The archives of every database, the finest first: the seconds of a row, and how many rows are kept (facts 4.1). */
const archives = [
  { step: 5, rows: 120 },
  { step: 60, rows: 120 },
  { step: 3_600, rows: 168 },
  { step: 86_400, rows: 366 },
] as const;

const finest = archives[0].step;
const mostPoints = 12;

const floor = (seconds: number, step: number): number => Math.floor(seconds / step) * step;

/** The average over the step that ends then; NaN for what was not measured all along. */
function averaged({ at, since }: Source, end: number, step: number): number {
  if (end - step < since) return Number.NaN;
  const points = Math.min(mostPoints, step / finest);
  let sum = 0;
  for (let i = 0; i < points; i++) sum += at(end - (i * step) / points);
  return sum / points;
}

/**
 * What the sources showed since `start` (seconds since 1970, negative: before the last update) in the finest archive
 * whose steps are not below `interval` and that reaches back so far, else in the last one.
 */
export function exportOf(sources: readonly Source[], start: number, interval: number, now: number): Export {
  const updated = floor(now, finest);
  const from = start < 0 ? updated + start : start;
  const fitting = archives.filter(({ step }) => step >= interval);
  const archive =
    fitting.find(({ step, rows }) => floor(now, step) - step * rows <= from) ?? fitting.at(-1) ?? archives[3];
  const { step } = archive;
  const end = floor(updated, step);
  const rows: Export['rows'][number][] = [];
  for (let t = end; t >= from && rows.length < archive.rows; t -= step) {
    rows.push({ t, values: sources.map((source) => averaged(source, t, step)) });
  }
  const legend = sources.map(({ owner, name }) => `AVERAGE:${owner}:${name}`);
  return { start: floor(from, step) + step, step, end, legend, rows };
}
