import type { Sample } from '../xenapi/reading.js';
import type { Records, XenClass } from '../xenapi/records.js';
import { type Association, association } from './association.js';
import { label } from './codec.js';
import { type AnyElement, type Calculation, type Element, element, type Part } from './element.js';
import type { Key } from './key.js';
import type { Checked, Paths, Reads } from './path.js';

/**
 * The units that hosts measure in (facts 4.2), and how metrics show them: the unit in the form of DSP0004, the type that
 * MetricValue is written as, how many of the shown unit one of the host's is, and whether values of several elements may
 * be summed.
 */
const units = {
  fraction: { shown: 'percent', words: 'Percent', type: 'real64', factor: 100, calculable: 'Non-summable' },
  bytes: { shown: 'byte', words: 'Bytes', type: 'uint64', factor: 1, calculable: 'Summable' },
  kibibytes: { shown: 'byte', words: 'Bytes', type: 'uint64', factor: 2 ** 10, calculable: 'Summable' },
  bytesPerSecond: {
    shown: 'byte / second',
    words: 'Bytes per second',
    type: 'real64',
    factor: 1,
    calculable: 'Summable',
  },
  mebibytesPerSecond: {
    shown: 'byte / second',
    words: 'Bytes per second',
    type: 'real64',
    factor: 2 ** 20,
    calculable: 'Summable',
  },
  perSecond: {
    shown: 'count / second',
    words: 'Operations per second',
    type: 'real64',
    factor: 1,
    calculable: 'Summable',
  },
  microseconds: {
    shown: 'second * 10^-6',
    words: 'Microseconds',
    type: 'real64',
    factor: 1,
    calculable: 'Non-summable',
  },
} as const;

export type Unit = keyof typeof units;

/** What a metric is, apart from what it is measured of (CIM_BaseMetricDefinition). */
export interface Metric {
  /** The class of its definition, `<value class>Def` unless said. */
  readonly definition?: string;
  /** The Id of its definition, the class of which it is unless said. */
  readonly id?: string;
  /** Its Name: for programs. */
  readonly name: string;
  /** What it is called: for people. */
  readonly title: string;
  /** What the host measures in. */
  readonly gives: Unit;
  /** The dimension along which its values are broken down, where they are. */
  readonly by?: string;
}

/** The values of a metric that records of one class have: a line of a table of metrics. */
export interface Line<C extends XenClass, R extends Paths, P> extends Metric {
  readonly value: string;
  /** The name of the host's data source (facts 4.2). */
  readonly source: Calculation<C, R, P, string>;
  /** Which of the measured elements have this metric too; all unless said. */
  readonly where?: (record: Records[C], reads: Reads<C, R>) => boolean;
  /** What follows the slash of InstanceID, where several metrics share the class of their values. */
  readonly suffix?: string;
  /** Works the value out in the unit that is shown, where it is not the number of the source itself. */
  readonly shows?: (measured: number, record: Records[C], reads: Reads<C, R>) => number;
}

/** What the metrics of a kind of element have in common: which records they are of, and who measures them. */
export interface Meter<C extends XenClass, R extends Paths, P> {
  readonly reads: R & { readonly [K in keyof R]: Checked<C, R[K]> };
  /** Whether it is measured now, as far as the records tell (decisions.md 35). */
  readonly where: (record: Records[C], reads: Reads<C, NoInfer<R>>) => boolean;
  readonly parts?: (record: Records[C], reads: Reads<C, NoInfer<R>>) => readonly P[];
  readonly key: Key<C, NoInfer<R>, NoInfer<P>>;
  /** The host that measures it. */
  readonly host: (record: Records[C], reads: Reads<C, NoInfer<R>>) => Records['host'] | undefined;
  /** The machine that its data sources belong to; those of the host itself unless said. */
  readonly machine?: (record: Records[C], reads: Reads<C, NoInfer<R>>) => Records['VM'] | undefined;
  /** MeasuredElementName and ElementName: the name of the whole, and of the thing in it. */
  readonly measured: Calculation<C, NoInfer<R>, NoInfer<P>, string | undefined>;
  readonly device: Calculation<C, NoInfer<R>, NoInfer<P>, string>;
  /** BreakdownValue, where the values are shares of something larger. */
  readonly share?: Calculation<C, NoInfer<R>, NoInfer<P>, string | undefined>;
}

/** The rows of a metric: the one of its definition, and those of its values. */
export interface MetricRows {
  readonly definition: Element<'pool', any, any>;
  readonly values: readonly AnyElement[];
}

const greatest = 2n ** 64n - 1n;

/** MetricValue, a text in the form of the metric's type. */
function textOf(value: number, type: 'real64' | 'uint64'): string {
  if (type === 'real64') return value.toFixed(6);
  const whole = BigInt(Math.max(0, Math.round(value)));
  return String(whole > greatest ? greatest : whole);
}

/** The end of the time that a sample stands for (CIM_BaseMetricValue.TimeStamp). */
const endOf = ({ time }: Sample): string => new Date(time).toISOString();

const two = (count: number): string => String(count).padStart(2, '0');

/** The time that a sample stands for, as a CIM interval. */
function durationOf({ seconds }: Sample): string {
  const whole = Math.floor(seconds);
  const [days, left] = [Math.floor(whole / 86_400), whole % 86_400];
  const clock = two(Math.floor(left / 3600)) + two(Math.floor((left % 3600) / 60)) + two(left % 60);
  return `${String(days).padStart(8, '0')}${clock}.000000:000`;
}

/** The row of a definition: one instance a pool (DSP1053). */
function definitionRow(cim: string, id: string, { name, title, gives, by }: Metric): Element<'pool', any, any> {
  const { shown, words, type, calculable } = units[gives];
  return element(cim, 'pool', {
    key: { form: 'listed', keys: { Id: () => id } },
    properties: {
      Name: { value: name },
      ElementName: { value: title },
      Caption: { value: title },
      Description: { value: `${title}, averaged by the host over each of its intervals` },
      DataType: { value: label(type) },
      Calculable: { value: label(calculable) },
      Units: { value: words },
      ProgrammaticUnits: { value: shown },
      BreakdownDimensions: { value: by === undefined ? null : [by] },
      IsContinuous: { value: true },
      ChangeType: { value: label('Gauge') },
      TimeScope: { value: label('Interval') },
      GatheringType: { value: label('Periodic') },
    },
  });
}

function valueRow<C extends XenClass, const R extends Paths, P extends Part>(
  of: C,
  meter: Meter<C, R, P>,
  id: string,
  line: Line<C, R, P>,
): AnyElement {
  const { reads, where, parts, key, host, machine, measured, device, share } = meter;
  const { factor, type } = units[line.gives];
  const shows = line.shows ?? ((number: number): number => number * factor);
  const suffixed = line.suffix === undefined ? key : { ...key, suffix: { text: line.suffix } };
  return element<C, R, P>(line.value, of, {
    reads,
    where: (record, read) => where(record, read) && (line.where?.(record, read) ?? true),
    ...(parts && { parts }),
    key: suffixed as Key<C, R, P>,
    reading: (record, read, part) => {
      const by = host(record, read);
      const owner = machine ? machine(record, read) : by;
      if (!by || !owner) return undefined;
      const source = line.source(record, read, part);
      return { host: by.uuid, owner: `${machine ? 'vm' : 'host'}:${owner.uuid}`, source };
    },
    properties: {
      MetricDefinitionId: { value: id },
      MetricValue: {
        sample: ({ value }: Sample, record: Records[C], read: Reads<C, R>) => textOf(shows(value, record, read), type),
      },
      TimeStamp: { sample: endOf },
      Duration: { sample: durationOf },
      Volatile: { value: true },
      MeasuredElementName: { calc: measured },
      ElementName: { calc: device },
      Caption: { value: line.title },
      Description: { calc: line.source },
      BreakdownDimension: { value: line.by !== undefined && share ? line.by : null },
      ...(share && { BreakdownValue: { calc: share } }),
    } as never,
  });
}

/** Makes the rows of a metric from its line, for elements that are measured so. */
export function meter<C extends XenClass, const R extends Paths, P extends Part = Part>(
  of: C,
  how: Meter<C, R, P>,
): (line: Line<C, R, P>) => MetricRows {
  return (line) => {
    const cim = line.definition ?? `${line.value}Def`;
    const id = line.id ?? cim;
    return { definition: definitionRow(cim, id, line), values: [valueRow(of, how, id, line)] };
  };
}

/** The classes that tie an element to the definitions and the values of its metrics, and these to each other. */
interface TieNames {
  /** CIM_MetricDefForME; none where another call has tied the definitions already. */
  readonly definitions?: string;
  /** CIM_MetricForME */
  readonly values: string;
  /** CIM_MetricInstance */
  readonly instances: string;
}

/** Ties metrics to the elements that they are of; the way leads from the record of a value to that of its element. */
export function metricTies(
  names: TieNames,
  measured: AnyElement,
  metrics: readonly MetricRows[],
  way: readonly string[] = [],
): readonly Association[] {
  const definitions = metrics.map(({ definition }) => definition);
  const values = metrics.flatMap((metric) => metric.values);
  const ends = [
    ['Dependent', values],
    ['Antecedent', measured],
  ] as const;
  return [
    ...(names.definitions === undefined
      ? []
      : [
          association(names.definitions, ['Dependent', definitions], ['Antecedent', measured], 'every', {
            properties: { MetricCollectionEnabled: { value: label('Enabled') } },
          }),
        ]),
    association(names.values, ends[0], ends[1], way as never),
    ...metrics.map((metric) =>
      association(names.instances, ['Antecedent', metric.definition], ['Dependent', metric.values], 'every'),
    ),
  ];
}

/** The rows of several metrics, each once. */
export const metricElements = (metrics: readonly MetricRows[]): readonly AnyElement[] => [
  ...new Set(metrics.flatMap(({ definition, values }) => [definition, ...values])),
];
