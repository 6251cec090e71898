import { callXml, ofClass } from '../intrinsic-call.js';
import { download } from './client.js';
import { type Pair, startPair } from './measure.js';

/** Pools of the same hosts, one with ten times the machines of the other. */
const sizes = ['64x500', '64x5000'] as const;
const shown = 10;

interface Cost {
  readonly name: string;
  readonly association: boolean;
  readonly count: number;
  readonly bytes: number;
  /** Milliseconds of the first answer, nothing encoded, and of the next. */
  readonly first: number;
  readonly again: number;
}

const namesIn = (answer: string): readonly string[] =>
  [...answer.matchAll(/<CLASSNAME NAME="(Xen_\w+)"/g)].map(([, name]) => name!);

async function text(pair: Pair, operation: string, parameters: string): Promise<string> {
  const { chunks } = await download(pair.bridge.url, callXml(operation, parameters), true);
  return Buffer.concat(chunks).toString('latin1');
}

const deep = '<IPARAMVALUE NAME="DeepInheritance"><VALUE>TRUE</VALUE></IPARAMVALUE>';

async function cost(pair: Pair, name: string): Promise<Cost> {
  const call = callXml('EnumerateInstances', ofClass(name));
  const one = await download(pair.bridge.url, call, true);
  const two = await download(pair.bridge.url, call);
  const answer = Buffer.concat(one.chunks).toString('latin1');
  return {
    name,
    association: answer.includes('<PROPERTY.REFERENCE'),
    count: answer.split('<VALUE.NAMEDINSTANCE>').length - 1,
    bytes: one.bytes,
    first: one.time,
    again: two.time,
  };
}

/** How often each XenAPI method was called, but for those by which the pool is followed. */
async function calls(pair: Pair): Promise<number> {
  const response = await fetch(new URL('/simulator/calls', pair.simulator.url));
  const counted = (await response.json()) as Readonly<Record<string, number>>;
  const following = /^(event\.|session\.|pool\.get_all_records|\S*rrd_updates)/;
  return Object.entries(counted).reduce((sum, [name, n]) => (following.test(name) ? sum : sum + n), 0);
}

async function measure(size: string): Promise<{ readonly costs: ReadonlyMap<string, Cost>; readonly calls: number }> {
  const pair = await startPair(size);
  try {
    const names = namesIn(await text(pair, 'EnumerateClassNames', deep));
    const before = await calls(pair);
    const costs = new Map<string, Cost>();
    for (const name of names) costs.set(name, await cost(pair, name));
    return { costs, calls: (await calls(pair)) - before };
  } finally {
    await pair.stop();
  }
}

const cell = (value: string | number, width: number): string => String(value).padStart(width);

function row(large: Cost, small: Cost | undefined): string {
  const per = (one: Cost): string => (one.count === 0 ? '-' : ((one.first * 1000) / one.count).toFixed(1));
  return [
    large.name.padEnd(58),
    cell(large.count, 7),
    cell((large.bytes / 1e6).toFixed(1), 7),
    cell(large.first.toFixed(0), 7),
    cell(large.again.toFixed(0), 7),
    cell(per(large), 8),
    cell(small ? small.count : '-', 7),
    cell(small ? per(small) : '-', 8),
  ].join(' ');
}

const head = `${'class'.padEnd(58)} ${['number', 'MB', 'ms', 'again', 'µs each', 'of 500', 'µs each'].map((text, i) => cell(text, i === 4 || i === 6 ? 8 : 7)).join(' ')}`;

/**
 * The ten largest classes and association classes of a pool of 64 hosts and 5,000 machines: what all their instances
 * cost at first and again, and each one beside what it costs with 500 machines.
 */
export async function scaling(): Promise<void> {
  const small = await measure(sizes[0]);
  const large = await measure(sizes[1]);
  for (const association of [false, true]) {
    const largest = [...large.costs.values()].filter((one) => one.association === association);
    largest.sort((a, b) => b.bytes - a.bytes);
    console.log(`\n${association ? 'association classes' : 'classes'} of ${sizes[1]}\n${head}`);
    for (const one of largest.slice(0, shown)) console.log(row(one, small.costs.get(one.name)));
  }
  console.log(`\nXenAPI calls by ${large.costs.size} enumerations, each made twice: ${large.calls}`);
}
