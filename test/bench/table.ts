import type { Figure, Reading } from './figure.js';
import { rowNames, rowOf } from './row.js';
import { digits, spreadText } from './statistic.js';

/** Lines of cells in columns as wide as their widest cell, the first line a heading. */
export function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  const text = (line: readonly string[]): string =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  const [head, ...rest] = lines.map(text);
  return [head, widths.map((width) => '-'.repeat(width)).join('  '), ...rest].join('\n');
}

const readingText = (reading: Reading | undefined): string =>
  reading ? `${reading.what}: ${spreadText(reading.spread)} ${reading.unit}` : '';

export const met = (figure: Figure): boolean => rowOf(figure.row).met(figure);

function cells(figure: Figure): readonly string[] {
  const { what, unit, target } = rowOf(figure.row);
  const value = `${spreadText(figure.value)} ${unit}`;
  return [what, value, target, met(figure) ? 'met' : 'MISSED', readingText(figure.own), readingText(figure.limit)];
}

const heading = ['what', 'median (least to most)', 'target', '', 'measured', 'limit measured beside'];

/** The figures as the table, in its order, and how many of its targets are met. */
export function tableText(figures: readonly Figure[]): string {
  const ordered = rowNames.flatMap((name) => figures.filter(({ row }) => row === name));
  const missed = ordered.filter((figure) => !met(figure)).length;
  const end = missed === 0 ? 'Every target is met.' : `${missed} of ${ordered.length} targets are missed.`;
  return `${columns([heading, ...ordered.map(cells)])}\n\n${end}`;
}

/** One figure with its notes, as it is printed once it is known. */
export function figureText(figure: Figure): string {
  const [what, value, target, verdict, ...readings] = cells(figure);
  const notes = Object.entries(figure.notes ?? {}).map(([name, number]) => `    ${name}: ${digits(number)}`);
  const lines = readings.filter((text) => text !== '').map((text) => `    ${text}`);
  return [`${what!.trim()}: ${value}; ${target}: ${verdict}`, ...lines, ...notes].join('\n');
}
