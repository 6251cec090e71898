import { inspect, isDeepStrictEqual } from 'node:util';
import type { RemoteClass } from '../../../src/xenapi/records.js';
import type { Stage } from '../stage.js';

type AnyRecord = Readonly<Record<string, unknown>>;

/** Every record of a pool at some moment, by class and reference. */
export type PoolState = ReadonlyMap<string, ReadonlyMap<string, AnyRecord>>;

/** What is no matter of a method: who is logged in. */
const aside: ReadonlySet<string> = new Set(['session']);

/** What follows from the rest, moves by itself, or is what a storage manager keeps for itself (the parent of a VHD). */
const moving: ReadonlySet<string> = new Set(['allowed_operations', 'current_operations', 'last_updated', 'sm_config']);

const recordsOf = (on: Stage, of: RemoteClass): ReadonlyMap<string, AnyRecord> =>
  new Map(on.db.refs(of).map((ref) => [ref, on.db.need(of, ref) as unknown as AnyRecord]));

export const stateOf = (on: Stage): PoolState =>
  new Map(on.db.classes.filter((of) => !aside.has(of)).map((of) => [of, recordsOf(on, of)]));

/** How many records there are of each class. */
export const countsOf = (state: PoolState): Readonly<Record<string, number>> =>
  Object.fromEntries([...state].map(([of, records]) => [of, records.size]));

/** Maps are equal whatever made them. */
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(structuredClone(a), structuredClone(b));

function changedFields(before: AnyRecord, after: AnyRecord): string[] {
  if (before === after) return [];
  return Object.keys(after)
    .filter((field) => !moving.has(field) && !same(before[field], after[field]))
    .map((field) => `${field} was ${inspect(before[field])}, is ${inspect(after[field])}`);
}

/** What is other than it was, in words. */
export function differences(before: PoolState, after: PoolState): string[] {
  return [...after].flatMap(([of, records]) => {
    const old = before.get(of)!;
    const gone = [...old.keys()].filter((ref) => !records.has(ref)).map((ref) => `${of} ${ref} is gone`);
    const other = [...records].flatMap(([ref, record]) => {
      const known = old.get(ref);
      if (!known) return [`${of} ${ref} is new`];
      return changedFields(known, record).map((field) => `${of} ${ref} ${field}`);
    });
    return [...gone, ...other];
  });
}
