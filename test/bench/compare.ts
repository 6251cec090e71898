import type { Figure } from './figure.js';
import type { Result } from './result-file.js';
import { type RowName, rowNames, rowOf } from './row.js';
import { digits, type Spread } from './statistic.js';
import { columns, met } from './table.js';

/** A row in two results. */
export interface Compared {
  readonly row: RowName;
  readonly older: Figure | undefined;
  readonly newer: Figure | undefined;
  /** New by old; undefined where one is missing, or the old one is nothing. */
  readonly ratio: number | undefined;
  readonly verdict: 'better' | 'worse' | 'same' | '';
}

/** Smaller differences are taken for chance. */
const chance = 0.05;

const within = ({ min, max }: Spread, value: number): boolean => value >= min && value <= max;

/** Of several rounds each, a difference is one when the medians lie outside of each other's rounds. */
function verdictOf(row: RowName, older: Spread, newer: Spread): 'better' | 'worse' | 'same' {
  const [before, after] = [older.median, newer.median];
  if (Math.abs(after - before) <= Math.abs(before) * chance) return 'same';
  if (within(older, after) && within(newer, before)) return 'same';
  return after > before === (rowOf(row).better === 'more') ? 'better' : 'worse';
}

function compared(row: RowName, older: Figure | undefined, newer: Figure | undefined): Compared {
  if (!older || !newer) return { row, older, newer, ratio: undefined, verdict: '' };
  const [before, after] = [older.value.median, newer.value.median];
  const ratio = before === 0 ? undefined : after / before;
  return { row, older, newer, ratio, verdict: verdictOf(row, older.value, newer.value) };
}

/** Every row that one of the results has. */
export function compare(older: Result, newer: Result): readonly Compared[] {
  const find = ({ figures }: Result, name: RowName): Figure | undefined => figures.find(({ row }) => row === name);
  return rowNames
    .map((name) => compared(name, find(older, name), find(newer, name)))
    .filter(({ older, newer }) => older ?? newer);
}

const valueText = (figure: Figure | undefined): string =>
  figure ? `${digits(figure.value.median)}${met(figure) ? '' : ' (missed)'}` : '-';

const cells = ({ row, older, newer, ratio, verdict }: Compared): readonly string[] => [
  rowOf(row).what,
  rowOf(row).unit,
  valueText(older),
  valueText(newer),
  ratio === undefined ? '-' : digits(ratio),
  verdict,
];

const machineOf = ({ machine, mode }: Result): string => `${machine.processor}, ${machine.cores} cores, ${mode}`;

/** Old, new and their ratio, row by row. */
export function compareText(older: Result, newer: Result): string {
  const table = columns([['what', 'unit', 'old', 'new', 'new/old', ''], ...compare(older, newer).map(cells)]);
  const alike = machineOf(older) === machineOf(newer);
  const warning = `\n\nNot measured alike: ${machineOf(older)} before, ${machineOf(newer)} now.`;
  return `old ${older.at}, new ${newer.at}\n\n${table}${alike ? '' : warning}`;
}
