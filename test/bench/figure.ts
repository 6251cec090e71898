import type { RowName } from './row.js';
import type { Spread } from './statistic.js';

/** Something measured, in a unit of its own. */
export interface Reading {
  readonly what: string;
  readonly unit: string;
  readonly spread: Spread;
}

/** What was found for one row of the table. */
export interface Figure {
  readonly row: RowName;
  /** What is held against the target, in the row's unit. */
  readonly value: Spread;
  /** What the value was worked out from: the bridge's own reading, and the limit that was measured beside it. */
  readonly own?: Reading;
  readonly limit?: Reading;
  readonly notes?: Readonly<Record<string, number>>;
}
