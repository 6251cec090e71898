import { callXml } from '../intrinsic-call.js';
import { occurrences } from './alternating.js';
import { enumerationOf, instanceMark } from './call.js';
import { download, downloadText } from './client.js';

/** What one class has, and what its enumeration took. */
export interface Counted {
  readonly name: string;
  readonly association: boolean;
  readonly count: number;
  readonly bytes: number;
  /** Milliseconds. */
  readonly time: number;
}

const deep = '<IPARAMVALUE NAME="DeepInheritance"><VALUE>TRUE</VALUE></IPARAMVALUE>';

/** The names of the classes that have rows of their own. */
export async function classNames(url: URL): Promise<readonly string[]> {
  const answer = await downloadText(url, callXml('EnumerateClassNames', deep));
  return [...answer.matchAll(/<CLASSNAME NAME="(Xen_\w+)"/g)].map(([, name]) => name!);
}

async function counted(url: URL, name: string): Promise<Counted> {
  const { bytes, time, chunks } = await download(url, enumerationOf(name), true);
  const association = chunks.some((chunk) => chunk.includes('<PROPERTY.REFERENCE'));
  return { name, association, count: occurrences(chunks, instanceMark), bytes, time };
}

/** Enumerates every class, one after the other, until the answers have come to so many MB. */
export async function census(url: URL, most = Number.POSITIVE_INFINITY): Promise<readonly Counted[]> {
  const all: Counted[] = [];
  let size = 0;
  for (const name of await classNames(url)) {
    if (size > most) break;
    const one = await counted(url, name);
    all.push(one);
    size += one.bytes / 1e6;
  }
  return all;
}

/** The association class with the most instances; its name. */
export function largestAssociation(all: readonly Counted[]): string {
  const [largest] = all.filter(({ association }) => association).sort((a, b) => b.count - a.count);
  if (!largest) throw new Error('wanted an association class with instances, got none');
  return largest.name;
}
