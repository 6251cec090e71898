import { CimError } from '../cim/error.js';
import { sameName } from '../cim/name.js';
import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import type { Side } from './binding.js';
import { paired, sources, targets } from './bound-association.js';
import type { Bookmark, TieFilter } from './provider.js';
import type { BoundRow } from './row.js';
import { position } from './sequence.js';
import type { Provided, Tied } from './subject.js';

/** What has the instances of records: the engine. */
interface Source {
  subjects(row: BoundRow, ref: string): readonly Provided[];
}

/** A tie of the instance that is walked from, what is at its other end, and its place among all that the walk leads to. */
export interface WalkedTie {
  readonly tie: Tied;
  readonly other: Provided;
  bookmark(): Bookmark;
}

/** What a walk leads to: each of these comes once. */
export type Goal = 'associations' | 'others';

/**
 * A place in the order of a walk: the side by its names, the uuid of the record at the other end, and which of that
 * record's instances. It holds no reference, since those change on a new listing.
 */
type Place = readonly [side: string, uuid: string, within: string];

/** Whether ties of the side can pass the filter. */
export const meets = ({ association, role, otherRole, others }: Side, filter: TieFilter): boolean =>
  (filter.association?.(association.cls.name) ?? true) &&
  (filter.role === undefined || sameName(filter.role, role)) &&
  (filter.resultRole === undefined || sameName(filter.resultRole, otherRole)) &&
  (!filter.resultClass || others.some((row) => filter.resultClass!(row.cls.name)));

/** The instance of the side's association between the instance at the side and another. */
export const tieOf = ({ association, forward }: Side, own: Provided, other: Provided): Tied => ({
  kind: 'tie',
  className: association.cls.name,
  association,
  from: forward ? own : other,
  to: forward ? other : own,
});

const isSame = (one: Provided, other: Provided): boolean =>
  one.row === other.row && one.ref === other.ref && one.part.name === other.part.name;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isSorted = (texts: readonly string[]): boolean => texts.every((text, i) => i === 0 || texts[i - 1]! <= text);

/** One side of an instance: the records at the other end, by their uuids, and their instances as they are asked for. */
class Reach {
  readonly side: Side;
  readonly name: string;
  readonly #own: Provided;
  readonly #view: View;
  readonly #source: Source;
  #refs: ReadonlySet<string> | undefined;

  constructor(side: Side, name: string, own: Provided, view: View, source: Source) {
    [this.side, this.name, this.#own, this.#view, this.#source] = [side, name, own, view, source];
  }

  /** The records with their uuids, in the order of these. */
  records(): readonly (readonly [uuid: string, ref: string])[] {
    const records = [...this.#all()].flatMap((ref) => {
      const uuid = this.#uuid(ref);
      return uuid === undefined ? [] : [[uuid, ref] as const];
    });
    return isSorted(records.map(([uuid]) => uuid)) ? records : records.sort(([a], [b]) => compare(a, b));
  }

  /** The instances of one of the records, in the order of their names within it. */
  at(ref: string): readonly (readonly [within: string, other: Provided])[] {
    const { association, forward, others } = this.side;
    const found = others.flatMap((row, number) =>
      this.#source
        .subjects(row, ref)
        .filter((other) => (forward ? paired(association, this.#own, other) : paired(association, other, this.#own)))
        .map((other) => [`${number} ${other.part.name}`, other] as const),
    );
    return found.length < 2 ? found : found.sort(([a], [b]) => compare(a, b));
  }

  leadsTo(other: Provided): boolean {
    if (!this.side.others.includes(other.row) || !this.#all().has(other.ref)) return false;
    return this.at(other.ref).some(([, one]) => isSame(one, other));
  }

  #all(): ReadonlySet<string> {
    const { association, forward } = this.side;
    this.#refs ??= new Set((forward ? targets : sources)(this.#view, association, this.#own.ref));
    return this.#refs;
  }

  #uuid(ref: string): string | undefined {
    const [row] = this.side.others;
    return (this.#view.get(row!.element.of as XenClass, ref) as { readonly uuid: string } | undefined)?.uuid;
  }
}

/** Whether the earlier side gives the same: the other end, or between the same two the same association. */
function gives(earlier: Reach, { side }: Reach, own: Provided, other: Provided, goal: Goal): boolean {
  const { association, forward } = earlier.side;
  const isOne = association.cls === side.association.cls && (forward === side.forward || isSame(own, other));
  return (goal === 'others' || isOne) && earlier.leadsTo(other);
}

/** By association and role, which name them lastingly; a number tells those apart that have both in common. */
function nameOf({ association, role }: Side, counts: Map<string, number>): string {
  const name = `${association.cls.name}.${role}`;
  const count = counts.get(name) ?? 0;
  counts.set(name, count + 1);
  return count === 0 ? name : `${name} ${count}`;
}

/** Where in the walk a place stands. */
function startOf(reaches: readonly Reach[], place: Place | undefined): number {
  const start = place ? reaches.findIndex(({ name }) => name === place[0]) : 0;
  if (start >= 0) return start;
  throw new CimError(
    'INVALID_ENUMERATION_CONTEXT',
    `the enumeration context cannot be found: ${place![0]} is no longer walked along`,
  );
}

/**
 * Goes along the sides of an instance in an order that outlasts every change of the others: by side, uuid and name within
 * the record. To go on behind a place costs a look at the references of that side and of those before it that lead to the
 * same classes; instances are made of what is given alone.
 */
export function* walkTies(
  view: View,
  source: Source,
  sides: readonly Side[],
  own: Provided,
  filter: TieFilter,
  goal: Goal,
  bookmark?: Bookmark,
): Iterable<WalkedTie> {
  const counts = new Map<string, number>();
  const named = sides.map((side) => new Reach(side, nameOf(side, counts), own, view, source));
  const reaches = named.filter(({ side }) => meets(side, filter));
  const place = bookmark === undefined ? undefined : (JSON.parse(bookmark) as Place);
  const start = startOf(reaches, place);
  for (const [number, reach] of reaches.entries()) {
    if (number < start) continue;
    const earlier = reaches.slice(0, number);
    for (const [uuid, within, other] of behind(reach, number === start ? place : undefined)) {
      if (filter.resultClass && !filter.resultClass(other.className)) continue;
      if (earlier.some((one) => gives(one, reach, own, other, goal))) continue;
      const at: Place = [reach.name, uuid, within];
      yield { tie: tieOf(reach.side, own, other), other, bookmark: () => JSON.stringify(at) };
    }
  }
}

function* behind(reach: Reach, place: Place | undefined): Iterable<readonly [uuid: string, string, Provided]> {
  const records = reach.records();
  const [, marked, last] = place ?? [];
  const from = marked === undefined ? 0 : position(records, ([uuid]) => uuid < marked);
  for (let i = from; i < records.length; i++) {
    const [uuid, ref] = records[i]!;
    for (const [within, other] of reach.at(ref)) {
      if (uuid !== marked || within > last!) yield [uuid, within, other];
    }
  }
}
