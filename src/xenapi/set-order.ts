import { classFields } from './datamodel.generated.js';
import type { RemoteClass } from './records.js';

/** Smaller sets are sorted as fast. */
const large = 64;

const referenceSets = new Map<RemoteClass, readonly string[]>();

/** The fields of a class that hold sets of references, which are kept sorted. */
function referenceSetsOf(of: RemoteClass): readonly string[] {
  const known = referenceSets.get(of);
  if (known) return known;
  const fields: Readonly<Record<string, string>> = classFields[of];
  const found = Object.keys(fields).filter((name) => fields[name]!.endsWith(' ref set'));
  referenceSets.set(of, found);
  return found;
}

/** The members of both lists, each of which is sorted, in their order. */
function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  const all: string[] = [];
  let next = 0;
  for (const item of a) {
    while (next < b.length && b[next]! < item) all.push(b[next++]!);
    all.push(item);
  }
  return all.concat(b.slice(next));
}

/** The same set sorted, by an earlier state of it that is: only what is new has to be put in order. Undefined for no set. */
export function sortedAs(before: readonly string[], wire: readonly unknown[]): readonly string[] | undefined {
  const added = new Set(wire);
  if (added.size !== wire.length) return undefined;
  const kept = before.filter((item) => added.delete(item));
  const rest = [...added];
  if (!rest.every((item): item is string => typeof item === 'string')) return undefined;
  return merged(kept, rest.sort());
}

/**
 * Sorts the large sets of references in a record as it was sent: to sort thousands of them anew for each image that a
 * repository gains takes longer than all else of an event. Changes the record.
 */
export function sortSets(of: RemoteClass, sent: object, before: object): void {
  const [to, from] = [sent as Record<string, unknown>, before as Readonly<Record<string, unknown>>];
  for (const name of referenceSetsOf(of)) {
    const [wire, old] = [to[name], from[name]];
    if (!Array.isArray(wire) || !Array.isArray(old) || wire.length < large) continue;
    to[name] = sortedAs(old as readonly string[], wire) ?? wire;
  }
}
