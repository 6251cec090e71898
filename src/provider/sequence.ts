import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { type BoundAssociation, byFrom } from './bound-association.js';
import type { Bookmark } from './provider.js';
import type { BoundRow } from './row.js';
import type { Provided, RowSubject, Tied } from './subject.js';

/** What has the instances of records: the engine. */
interface Source {
  subjects(row: BoundRow, ref: string): readonly Provided[];
  tiesOf(association: BoundAssociation, ahead: boolean, ref: string): Iterable<Tied>;
}

/** The rows and associations of one class, in their order. */
export type BoundClass = readonly (BoundRow | BoundAssociation)[];

/**
 * A place in the order of a class: the number of the row, the uuid of the record, and where the record has several
 * instances the one of them; without it, behind all of them. It holds no reference, since those change on a new listing.
 */
export type Place = readonly [row: number, uuid: string, within?: string];

const isRow = (bound: BoundRow | BoundAssociation): bound is BoundRow => 'element' in bound;

export const placeOf = (bookmark: Bookmark): Place => JSON.parse(bookmark) as Place;

export const bookmarkAt = (place: Place): Bookmark => JSON.stringify(place);

const ends = ({ association, from, to }: Tied): readonly [own: Provided, other: Provided] =>
  byFrom(association) ? [from, to] : [to, from];

/** What tells the ties of one record apart, in an order that lasts. */
function tieName(tie: Tied): string {
  const [own, other] = ends(tie);
  const { from, to } = tie.association;
  const [ownRows, otherRows] = byFrom(tie.association) ? [from, to] : [to, from];
  const rows = [ownRows.indexOf(own.row), otherRows.indexOf(other.row)];
  return [rows[0], own.part.name, other.record.uuid, rows[1], other.part.name].join('\u0000');
}

/** The name of the instance within its record; undefined where the record has but one. */
function within(subject: RowSubject): string | undefined {
  if (subject.kind === 'tie') return tieName(subject);
  return subject.row.element.parts ? subject.part.name : undefined;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** How many of the first items the test holds for; it must hold for a beginning of them only. */
export function position<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The instances of a class in an order that outlasts every change of the others: by row, uuid, and name within the record.
 * To go on behind a place is a look-up.
 */
export class Sequence {
  readonly #view: View;
  readonly #source: Source;

  constructor(view: View, source: Source) {
    this.#view = view;
    this.#source = source;
  }

  *behind(bound: BoundClass, bookmark?: Bookmark): Iterable<RowSubject> {
    const place = bookmark === undefined ? undefined : placeOf(bookmark);
    for (const [number, one] of bound.entries()) {
      if (place && number < place[0]) continue;
      yield* this.#ofRow(one, place?.[0] === number ? place : undefined);
    }
  }

  bookmark(bound: BoundClass, subject: RowSubject): Bookmark {
    const owner = subject.kind === 'row' ? subject.row : subject.association;
    const record = subject.kind === 'row' ? subject.record : ends(subject)[0].record;
    const name = within(subject);
    const number = bound.indexOf(owner);
    return bookmarkAt(name === undefined ? [number, record.uuid] : [number, record.uuid, name]);
  }

  *#ofRow(bound: BoundRow | BoundAssociation, place: Place | undefined): Iterable<RowSubject> {
    const of = isRow(bound) ? bound.element.of : (byFrom(bound) ? bound.from : bound.to)[0]!.element.of;
    const refs = this.#view.refs(of as XenClass);
    const uuidOf = (ref: string): string => (this.#view.get(of as XenClass, ref) as { readonly uuid: string }).uuid;
    const [, uuid = '', name] = place ?? [];
    const from = place ? position(refs, (ref) => uuidOf(ref) < uuid) : 0;
    for (const ref of refs.slice(from)) {
      if (this.#view.get(of as XenClass, ref) === undefined) continue;
      const marked = place !== undefined && uuidOf(ref) === uuid;
      if (!marked) yield* this.#ofRecord(bound, ref);
      else if (name !== undefined) {
        for (const subject of this.#ofRecord(bound, ref)) if ((within(subject) ?? '') > name) yield subject;
      }
    }
  }

  #ofRecord(bound: BoundRow | BoundAssociation, ref: string): readonly RowSubject[] {
    const subjects: RowSubject[] = isRow(bound)
      ? [...this.#source.subjects(bound, ref)]
      : [...this.#source.tiesOf(bound, byFrom(bound), ref)];
    if (subjects.length < 2) return subjects;
    const named = subjects.map((subject) => [within(subject) ?? '', subject] as const);
    return named.sort(([a], [b]) => compare(a, b)).map(([, subject]) => subject);
  }
}
