import type { CimInstance } from '../cim/instance.js';
import type { Page } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import type { XenClass } from '../xenapi/records.js';
import type { Change, Store } from '../xenapi/view.js';
import type { Bound } from './binding.js';
import { type BoundAssociation, byFrom, sources, targets } from './bound-association.js';
import { Dependence } from './dependence.js';
import { PageSet } from './page-set.js';
import type { Bookmark, PageRun } from './provider.js';
import type { BoundRow } from './row.js';
import { type BoundClass, bookmarkAt, placeOf, position } from './sequence.js';
import type { Provided, RowSubject, Tied } from './subject.js';

/** What the pages are made with: the engine. */
interface Source {
  subjects(row: BoundRow, ref: string): readonly Provided[];
  tiesOf(association: BoundAssociation, ahead: boolean, ref: string): Iterable<Tied>;
  path(namespace: string, subject: RowSubject): InstancePath;
  instance(namespace: string, subject: RowSubject): CimInstance;
}

/** The records of a page in order: their uuids, and how many items of the page there are up to the last of each. */
interface Extent {
  readonly uuids: readonly string[];
  readonly ends: readonly number[];
}

/** A page that knows where in it the instances of each record end. */
interface BookPage extends Page {
  /** Worked out once. */
  extent(): Extent;
  /** One of its instances has changed: it is not met again. */
  end(): void;
}

interface Paged {
  readonly association: BoundAssociation;
  /** Whether it is paged by the records of its `from` end. */
  readonly ahead: boolean;
  /** Whether more than the paths of its ends shows in it, so that any change of an end counts. */
  readonly telling: boolean;
}

/** One record's instances of a row, by what others can see of them: their keys. */
type Touches = Map<BoundRow, Map<string, string>>;

const isRow = (bound: BoundRow | BoundAssociation): bound is BoundRow => 'element' in bound;

const isKept = (row: BoundRow): boolean => !row.volatile.includes(true);

/** Whether the class may be listed by pages: those are the same for all who ask, and stay until a change is heard of. */
const isPaged = (bound: BoundRow | BoundAssociation): boolean => !isRow(bound) || isKept(bound);

function extentOf(
  refs: readonly string[],
  recordOf: (ref: string) => { readonly uuid: string },
  subjects: (refs: readonly string[]) => readonly RowSubject[],
): Extent {
  let end = 0;
  const ends = refs.map((ref) => {
    end += subjects([ref]).length;
    return end;
  });
  return { uuids: refs.map((ref) => recordOf(ref).uuid), ends };
}

/** The page from behind a record on. */
function run(page: BookPage, number: number, behind: string | undefined): PageRun {
  const { uuids, ends } = page.extent();
  const first = behind === undefined ? 0 : position(uuids, (uuid) => uuid <= behind);
  const bookmark = (place: number): Bookmark => bookmarkAt([number, uuids[place]!]);
  return { page, start: ends[first - 1] ?? 0, ends, first, bookmark };
}

function pagedAs(association: BoundAssociation): Paged {
  const { pair, properties } = association.declared;
  const telling = pair !== undefined || Object.values(properties).some((spec) => 'calc' in spec);
  return { association, ahead: byFrom(association), telling };
}

/**
 * The pages of every class, and the listener that lets go of those that a change has made stale: by the rows' own
 * account of what they read, before and after the change.
 */
export class PageBook {
  readonly #store: Store;
  readonly #source: Source;
  readonly #onStale: (page: Page) => void;
  readonly #dependence: Dependence;
  readonly #sets = new Map<BoundRow | BoundAssociation, PageSet<BookPage>>();
  readonly #paged = new Map<BoundAssociation, Paged>();
  /** By row: the associations at one of whose ends it stands. */
  readonly #ends = new Map<BoundRow, Paged[]>();
  /** The rows whose instances show in pages that there are, and of these the ones whose keys do. */
  readonly #met = new Set<BoundRow>();
  readonly #named = new Set<BoundRow>();
  #before: Touches = new Map();
  #ties = new Map<BoundAssociation, Set<string>>();

  constructor(store: Store, bounds: readonly Bound[], source: Source, onStale: (page: Page) => void) {
    this.#store = store;
    this.#source = source;
    this.#onStale = onStale;
    const rows = bounds.flatMap((bound) => [...bound.rows].flat());
    const associations = bounds.flatMap((bound) => [...bound.associations].flat());
    this.#dependence = new Dependence(rows, associations);
    for (const association of associations) this.#add(pagedAs(association));
    store.listen({ before: (changes) => this.#expect(changes), after: (changes) => this.#settle(changes) });
  }

  #add(paged: Paged): void {
    const { association } = paged;
    this.#paged.set(association, paged);
    for (const row of new Set([...association.from, ...association.to])) {
      this.#ends.set(row, [...(this.#ends.get(row) ?? []), paged]);
    }
  }

  /** The page on which an instance of a row lies; undefined where a property changes without notice. */
  page({ row, record }: Provided): Page | undefined {
    return isKept(row) ? this.#set(row).page(record.uuid) : undefined;
  }

  /** The pages of rows and associations of one class; undefined where a property changes without notice. */
  pages(bound: BoundClass): Iterable<Page> | undefined {
    return bound.every(isPaged) ? this.#all(bound.map((one) => this.#set(one))) : undefined;
  }

  /** The same with the places between records, from behind one on; undefined where that is amid a record's instances. */
  pagesFrom(bound: BoundClass, bookmark?: Bookmark): Iterable<PageRun> | undefined {
    const [number, uuid, within] = bookmark === undefined ? [0] : placeOf(bookmark);
    return within === undefined && bound.every(isPaged) ? this.#runs(bound, number, uuid) : undefined;
  }

  *#runs(bound: BoundClass, from: number, uuid: string | undefined): Iterable<PageRun> {
    for (const [number, one] of bound.entries()) {
      if (number < from) continue;
      const behind = number === from ? uuid : undefined;
      for (const page of this.#set(one).pages(behind)) yield run(page, number, behind);
    }
  }

  *#all(sets: readonly PageSet<BookPage>[]): Iterable<Page> {
    for (const set of sets) yield* set.pages();
  }

  #set(bound: BoundRow | BoundAssociation): PageSet<BookPage> {
    const known = this.#sets.get(bound);
    if (known) return known;
    const made = isRow(bound) ? this.#ofRow(bound) : this.#ofTies(this.#paged.get(bound)!);
    this.#sets.set(bound, made);
    if (isRow(bound)) this.#met.add(bound);
    for (const row of isRow(bound) ? [] : [...bound.from, ...bound.to]) {
      this.#met.add(row);
      this.#named.add(row);
    }
    return made;
  }

  #ofRow(row: BoundRow): PageSet<BookPage> {
    const subjects = (refs: readonly string[]): Provided[] => refs.flatMap((ref) => this.#source.subjects(row, ref));
    const of = row.element.of as XenClass;
    return new PageSet(this.#store, of, this.#page(row.namespace, of, subjects), (page) => this.#drop(page));
  }

  #ofTies({ association, ahead }: Paged): PageSet<BookPage> {
    const { from, to } = association;
    const of = (ahead ? from : to)[0]!.element.of as XenClass;
    const subjects = (refs: readonly string[]): Tied[] =>
      refs.flatMap((ref) => [...this.#source.tiesOf(association, ahead, ref)]);
    return new PageSet(this.#store, of, this.#page(association.namespace, of, subjects), (page) => this.#drop(page));
  }

  #drop(page: BookPage): void {
    page.end();
    this.#onStale(page);
  }

  #page(namespace: string, of: XenClass, subjects: (refs: readonly string[]) => readonly RowSubject[]) {
    const [source, store] = [this.#source, this.#store];
    return (refs: () => readonly string[]): BookPage => {
      let extent: Extent | undefined;
      let lasting = true;
      return {
        get lasting() {
          return lasting;
        },
        end() {
          lasting = false;
        },
        *instances() {
          for (const subject of subjects(refs())) yield source.instance(namespace, subject);
        },
        *paths() {
          for (const subject of subjects(refs())) yield source.path(namespace, subject);
        },
        extent() {
          extent ??= extentOf(refs(), (ref) => store.get(of, ref) as { readonly uuid: string }, subjects);
          return extent;
        },
      };
    };
  }

  /** What the changes can alter, while the view still shows the old state. */
  #expect(changes: readonly Change[]): void {
    this.#before = new Map();
    this.#ties = new Map();
    if (this.#sets.size > 0) this.#collect(changes, this.#before);
  }

  #collect(changes: readonly Change[], touches: Touches): void {
    const isMet = (row: BoundRow): boolean => this.#met.has(row);
    const isSet = (association: BoundAssociation): boolean => this.#sets.has(association);
    for (const change of changes) {
      for (const [row, ref] of this.#dependence.rows(this.#store, change, isMet)) {
        const refs = touches.get(row) ?? new Map<string, string>();
        touches.set(row, refs);
        if (!refs.has(ref)) refs.set(ref, this.#seen(row, ref));
      }
      for (const [association, ref] of this.#dependence.ties(this.#store, change, isSet)) {
        this.#ties.set(association, (this.#ties.get(association) ?? new Set()).add(ref));
      }
    }
  }

  /** What other instances can see of a record's: their keys; nothing where no association asks. */
  #seen(row: BoundRow, ref: string): string {
    if (!this.#named.has(row)) return '';
    return this.#source
      .subjects(row, ref)
      .map(({ keys }) => keys.join('\u0000'))
      .join('\u0001');
  }

  #settle(changes: readonly Change[]): void {
    if (this.#sets.size === 0) return;
    const after: Touches = new Map();
    this.#collect(changes, after);
    const gone = new Map(changes.flatMap(({ of, ref, before }) => (before ? [[`${of}:${ref}`, before]] : [])));
    for (const row of new Set([...this.#before.keys(), ...after.keys()])) {
      const [old, now] = [this.#before.get(row), after.get(row)];
      for (const ref of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])) {
        const changed = (old?.get(ref) ?? this.#seen(row, ref)) !== (now?.get(ref) ?? this.#seen(row, ref));
        this.#touch(row, ref, changed, gone);
      }
    }
    for (const [association, refs] of this.#ties) for (const ref of refs) this.#touchFrom(association, ref, gone);
  }

  #touch(row: BoundRow, ref: string, changed: boolean, gone: ReadonlyMap<string, unknown>): void {
    this.#touchSet(row, row.element.of, ref, gone);
    for (const { association, ahead, telling } of this.#ends.get(row) ?? []) {
      if (!(changed || telling) || !this.#sets.has(association)) continue;
      const { from, to } = association;
      if (from.includes(row)) this.#touchFrom(association, ref, gone);
      if (!to.includes(row)) continue;
      if (!ahead) this.#touchSet(association, to[0]!.element.of, ref, gone);
      else for (const source of sources(this.#store, association, ref)) this.#touchFrom(association, source, gone);
    }
  }

  /** The ties of a `from` record are stale: on the page that holds it, or on those of the records it is tied to. */
  #touchFrom(association: BoundAssociation, ref: string, gone: ReadonlyMap<string, unknown>): void {
    if (!this.#sets.has(association)) return;
    const { from, to } = association;
    if (this.#paged.get(association)!.ahead) this.#touchSet(association, from[0]!.element.of, ref, gone);
    else
      for (const target of targets(this.#store, association, ref))
        this.#touchSet(association, to[0]!.element.of, target, gone);
  }

  #touchSet(bound: BoundRow | BoundAssociation, of: string, ref: string, gone: ReadonlyMap<string, unknown>): void {
    const set = this.#sets.get(bound);
    if (!set) return;
    for (const record of [this.#store.get(of as XenClass, ref), gone.get(`${of}:${ref}`)]) {
      if (record) set.touch((record as { readonly uuid: string }).uuid);
    }
  }
}
