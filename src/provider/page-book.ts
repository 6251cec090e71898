import type { CimInstance } from '../cim/instance.js';
import type { KeptPlace, Page } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import type { XenClass } from '../xenapi/records.js';
import type { Change, Store } from '../xenapi/view.js';
import type { Bound } from './binding.js';
import { BookPage, PagePlace, type PageSource } from './book-page.js';
import { BookRun } from './book-run.js';
import { type BoundAssociation, byFrom, sources, targets } from './bound-association.js';
import { Alteration, type Altered, Dependence } from './dependence.js';
import { PageSet } from './page-set.js';
import type { Bookmark, PageRun } from './provider.js';
import type { BoundRow } from './row.js';
import { type BoundClass, placeOf } from './sequence.js';
import type { Provided, RowSubject, Tied } from './subject.js';

/** What the pages are made with: the engine. */
interface Source {
  subjects(row: BoundRow, ref: string): readonly Provided[];
  tiesOf(association: BoundAssociation, ahead: boolean, ref: string): Iterable<Tied>;
  path(namespace: string, subject: RowSubject): InstancePath;
  instance(namespace: string, subject: RowSubject): CimInstance;
}

interface Paged {
  readonly association: BoundAssociation;
  /** Whether it is paged by the records of its `from` end. */
  readonly ahead: boolean;
  /** Whether more than the paths of its ends shows in it, so that any change of an end counts. */
  readonly telling: boolean;
}

type AnyPage = BookPage<any>;

/** What a batch of changes alters of one record's instances. */
interface Touch {
  readonly readers: Set<number>;
  /** What others can see of the instances, where some may be new, gone or renamed: their keys. */
  seen: string | undefined;
}

/** Records that are gone, by class and reference. */
type Gone = ReadonlyMap<string, unknown>;

type Touches = Map<BoundRow, Map<string, Touch>>;

/** Whether no record has the uuid any more that this one had. */
const isGone = ({ before, after }: Change): boolean => before !== undefined && uuidOf(before) !== uuidOf(after);

const uuidOf = (record: object | undefined): string | undefined =>
  (record as { readonly uuid?: string } | undefined)?.uuid;

/** What was seen of a record that only the view after the changes leads to: anything else. */
const unknown = '\u0002';

const isRow = (bound: BoundRow | BoundAssociation): bound is BoundRow => 'element' in bound;

const isKept = (row: BoundRow): boolean => !row.volatile.includes(true);

/** Whether the class may be listed by pages: those are the same for all who ask, and stay until a change is heard of. */
const isPaged = (bound: BoundRow | BoundAssociation): boolean => !isRow(bound) || isKept(bound);

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
  /** Follows the rows whose instances show in pages that there are. */
  readonly #dependence = new Dependence();
  readonly #sets = new Map<BoundRow | BoundAssociation, PageSet<AnyPage>>();
  readonly #paged = new Map<BoundAssociation, Paged>();
  /** By row: the associations at one of whose ends it stands. */
  readonly #ends = new Map<BoundRow, Paged[]>();
  /** The rows whose keys show in pages that there are. */
  readonly #named = new Set<BoundRow>();
  #alterations: readonly Alteration[] = [];
  #touches: Touches = new Map();
  #ties = new Map<BoundAssociation, Set<string>>();

  constructor(store: Store, bounds: readonly Bound[], source: Source, onStale: (page: Page) => void) {
    this.#store = store;
    this.#source = source;
    this.#onStale = onStale;
    const associations = bounds.flatMap((bound) => [...bound.associations].flat());
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

  /** Where an instance of a row lies; undefined where a property changes without notice. */
  place({ row, record, keys }: Provided): KeptPlace | undefined {
    if (!isKept(row)) return undefined;
    const { uuid } = record;
    return new PagePlace(this.#set(row).page(uuid), uuid, keys.join('\u0000'));
  }

  /** The pages of rows and associations of one class; undefined where a property changes without notice. */
  pages(bound: BoundClass): Iterable<Page> | undefined {
    if (!bound.every(isPaged)) return undefined;
    const sets = bound.map((one) => this.#set(one));
    return sets.length === 1 ? sets[0]!.pages() : this.#all(sets);
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
      for (const page of this.#set(one).pages(behind)) yield new BookRun(page, number, behind);
    }
  }

  *#all(sets: readonly PageSet<AnyPage>[]): Iterable<Page> {
    for (const set of sets) yield* set.pages();
  }

  #set(bound: BoundRow | BoundAssociation): PageSet<AnyPage> {
    const known = this.#sets.get(bound);
    if (known) return known;
    const made = isRow(bound) ? this.#ofRow(bound) : this.#ofTies(this.#paged.get(bound)!);
    this.#sets.set(bound, made);
    if (isRow(bound)) this.#dependence.followRow(bound);
    else this.#followEnds(bound);
    return made;
  }

  #followEnds(association: BoundAssociation): void {
    this.#dependence.followTies(association);
    for (const row of [...association.from, ...association.to]) {
      this.#dependence.followRow(row);
      this.#named.add(row);
    }
  }

  #ofRow(row: BoundRow): PageSet<AnyPage> {
    const of = row.element.of as XenClass;
    return this.#pageSet<Provided>(of, {
      ...this.#asThey(row.namespace, of),
      subjects: (ref) => this.#source.subjects(row, ref),
      value: (subject, property) => row.getters[property]!(subject),
      shape: () => row.shape,
    });
  }

  #ofTies({ association, ahead }: Paged): PageSet<AnyPage> {
    const { from, to, namespace, shape } = association;
    const of = (ahead ? from : to)[0]!.element.of as XenClass;
    return this.#pageSet<Tied>(of, {
      ...this.#asThey(namespace, of),
      subjects: (ref) => [...this.#source.tiesOf(association, ahead, ref)],
      value: (tie, property) => this.#source.instance(namespace, tie).values[property]!,
      shape: () => shape,
    });
  }

  /** What the pages of rows and of associations have in common. */
  #asThey(namespace: string, of: XenClass): Pick<PageSource<RowSubject>, 'uuid' | 'path' | 'instance'> {
    const [source, store] = [this.#source, this.#store];
    return {
      uuid: (ref) => (store.get(of, ref) as { readonly uuid: string }).uuid,
      path: (subject) => source.path(namespace, subject),
      instance: (subject) => source.instance(namespace, subject),
    };
  }

  #pageSet<S extends RowSubject>(of: XenClass, source: Omit<PageSource<S>, 'refs'>): PageSet<AnyPage> {
    const make = (refs: () => readonly string[]): AnyPage => new BookPage<S>({ ...source, refs });
    const drop = (page: AnyPage): void => {
      page.end();
      this.#onStale(page);
    };
    return new PageSet<AnyPage>(this.#store, of, make, drop);
  }

  /** What the changes can alter, while the view still shows the old state. */
  #expect(changes: readonly Change[]): void {
    this.#touches = new Map();
    this.#ties = new Map();
    this.#alterations = this.#sets.size > 0 ? changes.map((change) => new Alteration(change)) : [];
    this.#collect('before');
  }

  #collect(state: 'before' | 'after'): void {
    for (const alteration of this.#alterations) {
      for (const altered of this.#dependence.rows(this.#store, alteration, state)) this.#note(altered, state);
      for (const [association, ref] of this.#dependence.ties(this.#store, alteration)) {
        this.#ties.set(association, (this.#ties.get(association) ?? new Set()).add(ref));
      }
    }
  }

  #note({ row, ref, readers }: Altered, state: 'before' | 'after'): void {
    const touches = this.#touches.get(row) ?? new Map<string, Touch>();
    this.#touches.set(row, touches);
    const touch = touches.get(ref) ?? { readers: new Set<number>(), seen: undefined };
    touches.set(ref, touch);
    for (const reader of readers) touch.readers.add(reader);
    if (readers.has(row.watch.identity)) touch.seen ??= state === 'before' ? this.#seen(row, ref) : unknown;
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
    this.#collect('after');
    const gone = new Map(changes.filter(isGone).map(({ of, ref, before }) => [`${of}:${ref}`, before]));
    for (const [row, touches] of this.#touches) {
      for (const [ref, touch] of touches) {
        if (touch.seen === undefined) this.#alter(row, ref, touch, gone);
        else this.#touch(row, ref, touch.seen !== this.#seen(row, ref), gone);
      }
    }
    for (const [association, refs] of this.#ties) for (const ref of refs) this.#touchFrom(association, ref, gone);
  }

  /** The same instances have other properties. */
  #alter(row: BoundRow, ref: string, { readers }: Touch, gone: Gone): void {
    const { uuid } = this.#store.get(row.element.of as XenClass, ref) as { readonly uuid: string };
    const { association } = row.watch;
    const told = readers.delete(association);
    if (readers.size > 0) this.#sets.get(row)?.made(uuid)?.alter(uuid, readers);
    if (told) this.#touchTies(row, ref, false, gone);
  }

  /** The record has other instances, or they have other keys where `changed`. */
  #touch(row: BoundRow, ref: string, changed: boolean, gone: Gone): void {
    this.#touchSet(row, row.element.of, ref, gone);
    this.#touchTies(row, ref, changed, gone);
  }

  #touchTies(row: BoundRow, ref: string, changed: boolean, gone: Gone): void {
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
  #touchFrom(association: BoundAssociation, ref: string, gone: Gone): void {
    if (!this.#sets.has(association)) return;
    const { from, to } = association;
    if (this.#paged.get(association)!.ahead) this.#touchSet(association, from[0]!.element.of, ref, gone);
    else
      for (const target of targets(this.#store, association, ref))
        this.#touchSet(association, to[0]!.element.of, target, gone);
  }

  #touchSet(bound: BoundRow | BoundAssociation, of: string, ref: string, gone: Gone): void {
    const set = this.#sets.get(bound);
    if (!set) return;
    for (const record of [this.#store.get(of as XenClass, ref), gone.get(`${of}:${ref}`)]) {
      if (record) set.touch((record as { readonly uuid: string }).uuid);
    }
  }
}
