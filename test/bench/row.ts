import type { Figure } from './figure.js';

/** A line of the table: what is measured, in which unit, and what is wanted of it. */
export interface Row {
  readonly what: string;
  readonly unit: string;
  /** Which of two values is the better one. */
  readonly better: 'more' | 'less';
  readonly target: string;
  readonly met: (figure: Figure) => boolean;
}

const least = (bound: number): Pick<Row, 'better' | 'target' | 'met'> => ({
  better: 'more',
  target: `at least ${bound}`,
  met: ({ value }) => value.median >= bound,
});

const most = (bound: number): Pick<Row, 'better' | 'target' | 'met'> => ({
  better: 'less',
  target: `at most ${bound}`,
  met: ({ value }) => value.median <= bound,
});

const under = (bound: number): Pick<Row, 'better' | 'target' | 'met'> => ({
  better: 'less',
  target: `under ${bound}`,
  met: ({ value }) => value.median < bound,
});

/** 30 % of bare, or as many instances a second. */
const changedRate = 100_000;

/** What the bridge may take with nothing encoded, and its budget for encoded instances unless told otherwise, in MB. */
const emptyMemory = 450;
export const budget = Math.round((128 * 1024 ** 2) / 1e6);

/** The table, in the order of its lines. Of a pool of 64 hosts and 5,000 machines unless said otherwise. */
export const rows = {
  enumerate: { what: 'EnumerateInstances, 10,000 Xen_ComputerSystem, unchanged', unit: '% of bare', ...least(85) },
  enumerateCpu: { what: '  server CPU over that of bare', unit: 'µs an instance', ...most(0.5) },
  changed: {
    what: 'the same right after every record changed',
    unit: '% of bare',
    better: 'more',
    target: 'at least 30, or 100,000/s',
    met: ({ value, own }) => value.median >= 30 || (own?.spread.median ?? 0) >= changedRate,
  },
  names: { what: 'EnumerateInstanceNames, Xen_ComputerSystem', unit: '% of bare', ...least(60) },
  association: { what: 'EnumerateInstances, the largest association class', unit: '% of bare', ...least(60) },
  pull: { what: 'Pull, MaxObjectCount 1,000, Xen_ComputerSystem', unit: '% of bare', ...least(60) },
  get: { what: 'GetInstance, 32 connections, 10,000 keys', unit: '% of bare', ...least(60) },
  getTail: { what: '  its p99 beside its p50', unit: 'times', ...under(4) },
  getBeside: { what: 'GetInstance p99 while 10,000 are enumerated in a loop', unit: 'ms', ...under(25) },
  associatorsSmall: { what: 'Associators of one machine, 500 machines', unit: 'ms', ...under(1) },
  associatorsLarge: { what: 'Associators of one machine, 10,000 machines', unit: 'ms', ...under(1) },
  associatorsGrowth: { what: '  the latter beside the former', unit: 'times', ...under(1.25) },
  start: { what: 'start until the first complete answer', unit: 'times JSON.parse', ...under(4) },
  memoryEmpty: { what: 'resident memory with nothing encoded', unit: 'MB', ...under(emptyMemory) },
  memoryFull: { what: '  with everything encoded: that and the budget', unit: 'MB', ...under(emptyMemory + budget) },
  callsOne: { what: 'XenAPI calls a CIM read, 1 client', unit: 'calls', ...most(0) },
  callsMany: { what: 'XenAPI calls a CIM read, 100 clients', unit: 'calls', ...most(0) },
  news: { what: 'change at the pool until a read shows it, p99', unit: 'ms', ...under(150) },
} as const satisfies Readonly<Record<string, Row>>;

export type RowName = keyof typeof rows;

export const rowOf = (name: RowName): Row => rows[name];

export const rowNames = Object.keys(rows) as readonly RowName[];
