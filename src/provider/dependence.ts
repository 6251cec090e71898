import { equalValues } from '../xenapi/equal.js';
import type { XenClass } from '../xenapi/records.js';
import type { Change, View } from '../xenapi/view.js';
import type { BoundAssociation } from './bound-association.js';
import type { BoundRow } from './row.js';
import { backward, fieldOf, fieldsOf, type Route } from './walk.js';

/** A way on which a record of a class is met: the legs up to it, and the field by which the way goes on from it. */
interface Meeting<T> {
  readonly owner: T;
  /** Undefined where the record is the owner's own. */
  readonly way: Route | undefined;
  /** The number of the owner's route that it is a part of. */
  readonly route: number | undefined;
  /** Undefined at the end of the way. */
  readonly next: string | undefined;
}

type Leg = Route['legs'][number];

const rootOf = (leg: Leg): string => fieldOf(leg)?.field.split('.')[0] ?? '';

/**
 * The field that a leg starts from: none at the end of a way, and one that never changes where no field of the record
 * says where it leads.
 */
const start = (leg: Leg | undefined): string | undefined => leg && (leg.kind === 'inverse' ? '' : rootOf(leg));

/** The ways on which the routes from a class meet records, by the class of what is met. */
function* met<T>(owner: T, routes: readonly Route[]): Iterable<readonly [XenClass, Meeting<T>]> {
  for (const [route, { of, legs }] of routes.entries()) {
    for (const [i, leg] of legs.entries()) {
      const way = { of, to: leg.to, legs: legs.slice(0, i + 1), many: true };
      yield [leg.to, { owner, way, route, next: start(legs[i + 1]) }];
      if (leg.kind === 'inverse') yield [leg.to, { owner, way, route, next: rootOf(leg) }];
    }
  }
}

function* ofRow(row: BoundRow): Iterable<readonly [XenClass, Meeting<BoundRow>]> {
  const of = row.element.of as XenClass;
  yield [of, { owner: row, way: undefined, route: undefined, next: undefined }];
  for (const [route, { legs }] of row.routes.entries()) {
    if (legs[0]) yield [of, { owner: row, way: undefined, route, next: start(legs[0]) }];
  }
  yield* met(row, row.routes);
}

function* ofTies(ties: BoundAssociation): Iterable<readonly [XenClass, Meeting<BoundAssociation>]> {
  for (const [route, { of, legs }] of ties.routes.entries()) {
    yield [of, { owner: ties, way: undefined, route, next: start(legs[0]) }];
  }
  yield* met(ties, ties.routes);
}

/** The ways of those that are followed. */
class Followed<T> {
  readonly #waysOf: (owner: T) => Iterable<readonly [XenClass, Meeting<T>]>;
  readonly #owners = new Set<T>();
  readonly #meetings = new Map<XenClass, Meeting<T>[]>();

  constructor(waysOf: (owner: T) => Iterable<readonly [XenClass, Meeting<T>]>) {
    this.#waysOf = waysOf;
  }

  add(owner: T): void {
    if (this.#owners.has(owner)) return;
    this.#owners.add(owner);
    for (const [of, meeting] of this.#waysOf(owner)) {
      const known = this.#meetings.get(of);
      if (known) known.push(meeting);
      else this.#meetings.set(of, [meeting]);
    }
  }

  meeting(of: XenClass): readonly Meeting<T>[] {
    return this.#meetings.get(of) ?? [];
  }
}

const lasts = ({ before, after }: Change): boolean => before !== undefined && after !== undefined;

/** The numbers of the fields that are otherwise than before. */
function changedFields({ of, before, after }: Change): readonly number[] {
  const [old, now] = [before, after] as unknown as readonly Readonly<Record<string, unknown>>[];
  const changed: number[] = [];
  for (const [number, name] of fieldsOf(of).entries()) if (!equalValues(old![name], now![name])) changed.push(number);
  return changed;
}

/** A change, and what of the record is otherwise. */
export class Alteration {
  readonly change: Change;
  /** Whether the record was there before, and still is. */
  readonly lasts: boolean;
  readonly fields: readonly number[];

  constructor(change: Change) {
    this.change = change;
    this.lasts = lasts(change);
    this.fields = this.lasts ? changedFields(change) : [];
  }

  /** Whether the record leads elsewhere than before by the field, or is new or gone. */
  leadsElsewhere(field: string): boolean {
    if (!this.lasts) return true;
    const names = fieldsOf(this.change.of);
    return this.fields.some((number) => names[number] === field);
  }
}

/** A record of whose instances something can be otherwise: what the row's readers have read. */
export interface Altered {
  readonly row: BoundRow;
  readonly ref: string;
  readonly readers: ReadonlySet<number>;
}

/**
 * What a changed record can alter, by what the rows and associations that are followed read (decisions.md 8, 12). To be
 * asked in the view before the change and in the one after it: what only one of them shows counts too.
 */
export class Dependence {
  readonly #rows = new Followed(ofRow);
  readonly #ties = new Followed(ofTies);

  followRow(row: BoundRow): void {
    this.#rows.add(row);
  }

  followTies(ties: BoundAssociation): void {
    this.#ties.add(ties);
  }

  /**
   * The records of rows of whose instances the change can alter something. In the view before
   * the change only what it shows otherwise than the one after: where the change alters which instances there are, or which
   * of them meet the record.
   */
  *rows(view: View, alteration: Alteration, state: 'before' | 'after'): Iterable<Altered> {
    const { change, lasts } = alteration;
    for (const meeting of this.#rows.meeting(change.of)) {
      const { owner: row, way, next } = meeting;
      const readers = readersOf(meeting, alteration);
      if (readers.size === 0) continue;
      if (state === 'before' && lasts && next === undefined && !readers.has(row.watch.identity)) continue;
      for (const ref of way ? backward(view, way, change.ref) : [change.ref]) yield { row, ref, readers };
    }
  }

  /** The associations with the references of those `from` records that the change can tie otherwise. */
  *ties(view: View, alteration: Alteration): Iterable<readonly [BoundAssociation, string]> {
    const { change } = alteration;
    for (const { owner, way, next } of this.#ties.meeting(change.of)) {
      if (alteration.lasts && (next === undefined || !alteration.leadsElsewhere(next))) continue;
      for (const ref of way ? backward(view, way, change.ref) : [change.ref]) yield [owner, ref];
    }
  }
}

/** The readers of the row that see the change of a record that is met so. */
function readersOf({ owner: { watch }, route, next }: Meeting<BoundRow>, alteration: Alteration): ReadonlySet<number> {
  if (route === undefined) return alteration.lasts ? watch.altered(undefined, alteration.fields) : watch.instances;
  if (next !== undefined) return alteration.leadsElsewhere(next) ? watch.walkers(route) : none;
  return alteration.lasts ? watch.altered(route, alteration.fields) : watch.walkers(route);
}

const none: ReadonlySet<number> = new Set();
