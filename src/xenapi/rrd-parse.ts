import { XMLParser } from 'fast-xml-parser';
import { parseJson } from './json-text.js';
import { MalformedAnswer } from './protocol.js';
import { Legend, Samples } from './rrd-sample.js';
import { toFloat } from './value.js';

/** A row of an answer: seconds since the epoch, and a value for each entry of the legend; numbers as they came. */
interface Row {
  readonly t: unknown;
  readonly values: readonly unknown[];
}

/** An answer to /rrd_updates, whichever form it had. */
interface Updates {
  readonly step: unknown;
  readonly legend: readonly unknown[];
  readonly rows: readonly Row[];
}

const repeated = new Set(['xport.meta.legend.entry', 'xport.data.row', 'xport.data.row.v']);

/** Everything stays text, and no entity is expanded: the names of data sources need none. */
const xml = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  processEntities: false,
  isArray: (_name, path) => repeated.has(String(path)),
});

type Tree = Readonly<Record<string, any>> | undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function fromXml(text: string): Updates {
  const { meta, data } = ((xml.parse(text) as Tree)?.['xport'] ?? {}) as Record<string, Tree>;
  const rows = listOf(data?.['row']).map((row) => ({ t: (row as Tree)?.['t'], values: listOf((row as Tree)?.['v']) }));
  return { step: meta?.['step'], legend: listOf(meta?.['legend']?.entry), rows };
}

function fromJson(text: string): Updates {
  const tree = parseJson(text) as Tree;
  const meta = tree?.['meta'] as Tree;
  const rows = listOf(tree?.['data']).map((row) => ({
    t: (row as Tree)?.['t'],
    values: listOf((row as Tree)?.['values']),
  }));
  return { step: meta?.['step'], legend: listOf(meta?.['legend']), rows };
}

const number = (wire: unknown): number => {
  const value = toFloat(wire);
  return typeof value === 'number' ? value : Number.NaN;
};

/** Seconds that a CIM timestamp can say: until the end of the year 9999. */
const isTime = (seconds: number): boolean => seconds >= 0 && seconds < 253_402_300_800;

/** The longest that a sample can stand for (seconds). */
const longest = 366 * 86_400;

/** A row with its time (seconds since the epoch). */
interface DatedRow {
  readonly t: number;
  readonly values: readonly unknown[];
}

/** The newest of a source's numbers, and when it was measured; one that is missing yet is NaN in the newest row. */
function newest(rows: readonly DatedRow[], column: number): readonly [value: number, t: number] | undefined {
  for (const { t, values } of rows) {
    const value = number(values[column]);
    if (Number.isFinite(value)) return [value, t];
  }
  return undefined;
}

function samplesOf({ step, legend: entries, rows }: Updates, before: Samples): Samples {
  const seconds = number(step);
  const dated = rows.map(({ t, values }) => ({ t: number(t), values })).filter(({ t }) => isTime(t));
  const fromNewest = dated.sort((a, b) => b.t - a.t);
  const samples = new Samples(before.legend.is(entries) ? before.legend : new Legend(entries));
  for (let column = 0; column < entries.length; column++) {
    const source = samples.legend.source(column);
    if (!source) continue;
    const found = newest(fromNewest, column);
    const sample = found ? { value: found[0], time: found[1] * 1000, seconds } : before.get(...source);
    if (sample) samples.put(column, sample);
  }
  return samples;
}

export const noSamples = new Samples(new Legend([]));

/**
 * Reads an answer to /rrd_updates in XML or in JSON of any release (numbers bare or as text, NaN either way). A source
 * of which every row says NaN keeps the sample that it had `before`; one that is no longer listed has none. Throws
 * MalformedAnswer, for JSON with unquoted names too (the oldest releases).
 */
export function parseUpdates(text: string, before: Samples = noSamples): Samples {
  let updates: Updates;
  try {
    updates = /^\s*</.test(text) ? fromXml(text) : fromJson(text);
  } catch (cause) {
    throw new MalformedAnswer('the readings are neither XML nor JSON', { cause });
  }
  const step = number(updates.step);
  if (!(step > 0 && step <= longest) || updates.legend.length === 0) {
    throw new MalformedAnswer('the readings have no step or no legend');
  }
  return samplesOf(updates, before);
}
