import type { XenClass } from '../xenapi/records.js';
import type { Change, View } from '../xenapi/view.js';
import type { BoundAssociation } from './bound-association.js';
import type { BoundRow } from './row.js';
import { backward, fieldOf, type Route } from './walk.js';

/** A way on which a record of a class is met: the legs up to it, and the field by which the way goes on from it. */
interface Meeting<T> {
  readonly owner: T;
  /** Undefined where the record is the owner's own. */
  readonly way: Route | undefined;
  /** Undefined at the end of the way. */
  readonly next: string | undefined;
}

type Meetings<T> = ReadonlyMap<XenClass, readonly Meeting<T>[]>;

type Leg = Route['legs'][number];

const rootOf = (leg: Leg): string => fieldOf(leg)?.field.split('.')[0] ?? '';

/**
 * The field that a leg starts from: none at the end of a way, and one that never changes where no field of the record
 * says where it leads.
 */
const start = (leg: Leg | undefined): string | undefined => leg && (leg.kind === 'inverse' ? '' : rootOf(leg));

/** The ways on which the routes from a class meet records, by the class of what is met. */
function* met<T>(owner: T, routes: readonly Route[]): Iterable<readonly [XenClass, Meeting<T>]> {
  for (const { of, legs } of routes) {
    for (const [i, leg] of legs.entries()) {
      const way = { of, to: leg.to, legs: legs.slice(0, i + 1), many: true };
      yield [leg.to, { owner, way, next: start(legs[i + 1]) }];
      if (leg.kind === 'inverse') yield [leg.to, { owner, way, next: rootOf(leg) }];
    }
  }
}

function grouped<T>(entries: Iterable<readonly [XenClass, Meeting<T>]>): Meetings<T> {
  const groups = new Map<XenClass, Meeting<T>[]>();
  for (const [of, meeting] of entries) groups.set(of, [...(groups.get(of) ?? []), meeting]);
  return groups;
}

function* ofRows(rows: readonly BoundRow[]): Iterable<readonly [XenClass, Meeting<BoundRow>]> {
  for (const row of rows) {
    yield [row.element.of as XenClass, { owner: row, way: undefined, next: undefined }];
    yield* met(row, row.routes);
  }
}

function* ofTies(ties: readonly BoundAssociation[]): Iterable<readonly [XenClass, Meeting<BoundAssociation>]> {
  for (const tie of ties) {
    for (const { of, legs } of tie.routes) yield [of, { owner: tie, way: undefined, next: start(legs[0]) }];
    yield* met(tie, tie.routes);
  }
}

const always = (): boolean => true;

/** Whether the record leads elsewhere than before by the field, or is new or gone. */
function leadsElsewhere({ before, after }: Change, field: string): boolean {
  if (before === undefined || after === undefined) return true;
  const [old, now] = [before, after].map((record) => JSON.stringify((record as Readonly<Record<string, any>>)[field]));
  return old !== now;
}

/**
 * What a changed record can alter, by what rows and associations say they read (decisions.md 8, 12). To be asked in the
 * view before the change and in the one after it: what only one of them shows counts too.
 */
export class Dependence {
  readonly #rows: Meetings<BoundRow>;
  readonly #ties: Meetings<BoundAssociation>;

  constructor(rows: readonly BoundRow[], ties: readonly BoundAssociation[]) {
    this.#rows = grouped(ofRows(rows));
    this.#ties = grouped(ofTies(ties));
  }

  /** The rows, of those that are asked for, with the references of those of their records whose instances the change can alter. */
  *rows(view: View, change: Change, asked: (row: BoundRow) => boolean = always): Iterable<readonly [BoundRow, string]> {
    for (const { owner, way, next } of this.#rows.get(change.of) ?? []) {
      if (!asked(owner)) continue;
      if (next !== undefined && !leadsElsewhere(change, next)) continue;
      for (const ref of way ? backward(view, way, change.ref) : [change.ref]) yield [owner, ref];
    }
  }

  /** The associations, of those that are asked for, with the references of those `from` records that the change can tie otherwise. */
  *ties(
    view: View,
    change: Change,
    asked: (association: BoundAssociation) => boolean = always,
  ): Iterable<readonly [BoundAssociation, string]> {
    const lasting = change.before !== undefined && change.after !== undefined;
    for (const { owner, way, next } of this.#ties.get(change.of) ?? []) {
      if (!asked(owner)) continue;
      if (lasting && (next === undefined || !leadsElsewhere(change, next))) continue;
      for (const ref of way ? backward(view, way, change.ref) : [change.ref]) yield [owner, ref];
    }
  }
}
