import type { CimInstance } from '../cim/instance.js';
import { NameMap, type NameSet, sameName } from '../cim/name.js';
import type { KeptPlace, Page } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import { parsePath } from '../cim/path-text.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';
import type { Readings } from '../xenapi/reading.js';
import type { XenClass } from '../xenapi/records.js';
import type { Store } from '../xenapi/view.js';
import { type Bound, bind, type Rows } from './binding.js';
import { type BoundAssociation, byFrom, paired, sources, targets } from './bound-association.js';
import { sameKeys } from './identity.js';
import { Lookup } from './lookup.js';
import { PageBook } from './page-book.js';
import type { Bookmark, CarriedMethod, PageRun, Provider, Tie, TieFilter, Waypoint, Writer } from './provider.js';
import type { BoundRow } from './row.js';
import { type BoundClass, Sequence } from './sequence.js';
import { type Provided, providedPath, type RowSubject, type Tied } from './subject.js';
import { type Goal, meets, tieOf, walkTies } from './tie-sequence.js';
import { fieldOf, type Route } from './walk.js';

export interface EngineOptions {
  readonly store: Store;
  /** The namespaces by their own names, with their schemas. */
  readonly schemas: ReadonlyMap<string, Schema>;
  readonly rows: Rows;
  readonly readings: Readings;
  /** The own name of a namespace that a client asked for under any of its names. */
  readonly canonical: (namespace: string) => string | undefined;
  /** Carries out methods and writing; without it nothing can be written. */
  readonly carrier?: Carrier;
  /** Told of a page whose instances have changed. */
  readonly onStale?: (page: Page) => void;
}

/** Carries out what changes the pool. */
export interface Carrier {
  method(className: string, name: string): CarriedMethod<RowSubject> | undefined;
  /** `setters`: the properties that the class's rows say how to write. */
  writer(className: string, setters: readonly string[]): Writer<RowSubject> | undefined;
}

const noPart = Object.freeze({ name: '' });
const wholeRecord: readonly unknown[] = [noPart];

/** The provider that runs the rows: enumerations, look-ups and walks, all from memory. */
export class Engine implements Provider<RowSubject> {
  readonly #store: Store;
  readonly #canonical: (namespace: string) => string | undefined;
  readonly #readings: Readings;
  readonly #bound: ReadonlyMap<string, Bound>;

  readonly #pages: PageBook;
  readonly #carrier: Carrier | undefined;
  readonly #sequence: Sequence;
  readonly #lookup: Lookup;

  constructor({ store, schemas, rows, readings, canonical, carrier, onStale = () => {} }: EngineOptions) {
    this.#store = store;
    this.#carrier = carrier;
    this.#readings = readings;
    this.#canonical = canonical;
    this.#bound = bind(schemas, rows, readings);
    for (const { rows, associations } of this.#bound.values()) {
      for (const row of [...rows].flat()) for (const way of row.routes) this.#index(way);
      for (const association of [...associations].flat()) for (const way of association.routes) this.#index(way);
    }
    this.#pages = new PageBook(store, [...this.#bound.values()], this, onStale);
    this.#sequence = new Sequence(store, this);
    this.#lookup = new Lookup(store);
  }

  #index({ legs }: Route): void {
    for (const leg of legs) {
      const by = fieldOf(leg);
      if (by) this.#store.index(by.of, by.field);
    }
  }

  #in(namespace: string): Bound | undefined {
    return this.#bound.get(this.#canonical(namespace) ?? '');
  }

  *classes(namespace: string): Iterable<string> {
    const bound = this.#in(namespace);
    if (!bound) return;
    for (const [row] of bound.rows) yield row!.cls.name;
    for (const [association] of bound.associations) yield association!.cls.name;
  }

  *enumerate(namespace: string, className: string): Iterable<RowSubject> {
    const bound = this.#in(namespace);
    for (const row of bound?.rows.get(className) ?? []) yield* this.#all(row);
    for (const association of bound?.associations.get(className) ?? []) yield* this.#tied(association);
  }

  pages(namespace: string, className: string): Iterable<Page> | undefined {
    return this.#in(namespace) && this.#pages.pages(this.#class(namespace, className));
  }

  place(subject: RowSubject): KeptPlace | undefined {
    return subject.kind === 'row' ? this.#pages.place(subject) : undefined;
  }

  pagesFrom(namespace: string, className: string, bookmark?: Bookmark): Iterable<PageRun> | undefined {
    return this.#pages.pagesFrom(this.#class(namespace, className), bookmark);
  }

  enumerateFrom(namespace: string, className: string, bookmark?: Bookmark): Iterable<RowSubject> {
    return this.#sequence.behind(this.#class(namespace, className), bookmark);
  }

  bookmark(namespace: string, subject: RowSubject): Bookmark {
    return this.#sequence.bookmark(this.#class(namespace, subject.className), subject);
  }

  /** The rows and associations of a class; none for a class that is not there. */
  #class(namespace: string, className: string): BoundClass {
    const bound = this.#in(namespace);
    return [...(bound?.rows.get(className) ?? []), ...(bound?.associations.get(className) ?? [])];
  }

  lookup(namespace: string, className: string, property: string, value: string): Iterable<RowSubject> | undefined {
    const found: Iterable<RowSubject>[] = [];
    for (const bound of this.#class(namespace, className)) {
      const some =
        'element' in bound ? this.#rowsBy(bound, property, value) : this.#tiesBy(bound, namespace, property, value);
      if (!some) return undefined;
      found.push(some);
    }
    return found.flatMap((some) => [...some]);
  }

  #rowsBy(row: BoundRow, property: string, value: string): Iterable<Provided> | undefined {
    return this.#lookup.refs(row, property, value)?.flatMap((ref) => this.subjects(row, ref));
  }

  /** The ties of the instance whose path stands in the reference property. */
  #tiesBy(
    association: BoundAssociation,
    namespace: string,
    property: string,
    value: string,
  ): Iterable<Tied> | undefined {
    const { from, to } = association.declared;
    const end = [from, to].find(({ role }) => sameName(role, property));
    const path = end && pathIn(value);
    const own = path && this.find(path.namespace ?? namespace, path);
    if (!end || own?.kind !== 'row') return end && path ? [] : undefined;
    return this.tiesOf(association, end === from, own.ref);
  }

  *#all(row: BoundRow): Iterable<Provided> {
    for (const ref of this.#store.refs(row.element.of as XenClass)) yield* this.subjects(row, ref);
  }

  /** The instances of the row that one record stands for. */
  subjects(row: BoundRow, ref: string): readonly Provided[] {
    const { element, watch } = row;
    const record = this.#store.get(element.of as XenClass, ref);
    if (record === undefined) return [];
    const watched: any = watch.own(record);
    const reads = row.read(this.#store, ref);
    watch.reader = watch.identity;
    if (element.where && !element.where(watched, reads)) return [];
    const parts = element.parts ? element.parts(watched, reads) : wholeRecord;
    const found: Provided[] = [];
    for (const part of parts) {
      const keys = row.keys(watched, reads, part);
      if (keys) found.push({ kind: 'row', className: row.cls.name, row, ref, record, watched, reads, part, keys });
    }
    return found;
  }

  *#tied(association: BoundAssociation): Iterable<Tied> {
    const ahead = byFrom(association);
    const of = (ahead ? association.from : association.to)[0]!.element.of as XenClass;
    for (const ref of this.#store.refs(of)) yield* this.tiesOf(association, ahead, ref);
  }

  /** The instances of the association at one record: at its `from` end, or with `ahead` false at its `to` end. */
  *tiesOf(association: BoundAssociation, ahead: boolean, ref: string): Iterable<Tied> {
    for (const row of ahead ? association.from : association.to) {
      for (const own of this.subjects(row, ref)) {
        for (const other of this.#others(association, ahead, own)) {
          yield ahead ? tied(association, own, other) : tied(association, other, own);
        }
      }
    }
  }

  /** The instances at the other end. */
  *#others(association: BoundAssociation, ahead: boolean, own: Provided): Iterable<Provided> {
    const refs = ahead ? targets(this.#store, association, own.ref) : sources(this.#store, association, own.ref);
    for (const ref of refs) {
      for (const row of ahead ? association.to : association.from) {
        for (const other of this.subjects(row, ref)) {
          if (ahead ? paired(association, own, other) : paired(association, other, own)) yield other;
        }
      }
    }
  }

  find(namespace: string, path: InstancePath): RowSubject | undefined {
    const bound = this.#in(namespace);
    for (const row of bound?.rows.get(path.className) ?? []) {
      const found = this.#find(row, path);
      if (found) return found;
    }
    for (const association of bound?.associations.get(path.className) ?? []) {
      const found = this.#findTied(association, namespace, path);
      if (found) return found;
    }
    return undefined;
  }

  #find(row: BoundRow, { keys }: InstancePath): Provided | undefined {
    const given: string[] = [];
    for (const name of row.cls.keys) {
      const value = keys.find((key) => sameName(key.name, name))?.value;
      if (value !== undefined && typeof value !== 'object') given.push(String(value));
    }
    if (keys.length !== given.length || given.length !== row.cls.keys.length) return undefined;
    const identity = row.identify((name) => given[row.cls.keys.findIndex((key) => sameName(key, name))]);
    if (identity === undefined) return undefined;
    const candidates = identity === 'search' ? this.#all(row) : this.#byUuid(row, identity.uuid);
    for (const candidate of candidates) {
      if (sameKeys(row.element, row.cls.keys, given, candidate.keys)) return candidate;
    }
    return undefined;
  }

  #byUuid(row: BoundRow, uuid: string): readonly Provided[] {
    const ref = this.#store.byUuid(row.element.of as XenClass, uuid);
    return ref === undefined ? [] : this.subjects(row, ref);
  }

  /** The instances by which a record shows in a class, of whatever row. */
  faces(namespace: string, className: string, ref: string): readonly Provided[] {
    return (this.#in(namespace)?.rows.get(className) ?? []).flatMap((row) => this.subjects(row, ref));
  }

  recognize(namespace: string, path: InstancePath): Provided | undefined {
    const get = (name: string): string | undefined => {
      const value = path.keys.find((key) => sameName(key.name, name))?.value;
      return value === undefined || typeof value === 'object' ? undefined : String(value);
    };
    for (const row of this.#in(namespace)?.rows.get(path.className) ?? []) {
      const identity = row.identify(get);
      if (identity === undefined) continue;
      const candidates = identity === 'search' ? [...this.#all(row)] : this.#byUuid(row, identity.uuid);
      // Of what has to be searched for, there is mostly but one: a service, whatever it is called.
      if (identity === 'search' && candidates.length > 1) continue;
      const part = identity === 'search' ? undefined : identity.part;
      const named = candidates.find((candidate) => candidate.part.name === part) ?? candidates[0];
      if (named) return named;
    }
    return undefined;
  }

  method(className: string, name: string): CarriedMethod<RowSubject> | undefined {
    return this.#carrier?.method(className, name);
  }

  writer(className: string): Writer<RowSubject> | undefined {
    const rows = [...this.#bound.values()].flatMap((bound) => bound.rows.get(className) ?? []);
    const setters = rows.flatMap(({ element }) => Object.keys(element.setters ?? {}));
    return this.#carrier?.writer(className, setters);
  }

  #findTied(association: BoundAssociation, namespace: string, { keys }: InstancePath): Tied | undefined {
    const { declared } = association;
    const [from, to] = [declared.from, declared.to].map(({ role }) => {
      const value = keys.find((key) => sameName(key.name, role))?.value;
      return typeof value === 'object' ? this.find(value.namespace ?? namespace, value) : undefined;
    });
    if (keys.length !== 2 || from?.kind !== 'row' || to?.kind !== 'row') return undefined;
    if (!association.from.includes(from.row)) return undefined;
    for (const other of this.#others(association, true, from)) {
      if (other.row === to.row && other.ref === to.ref && other.part.name === to.part.name)
        return tied(association, from, to);
    }
    return undefined;
  }

  *ties(namespace: string, subject: RowSubject, filter: TieFilter): Iterable<Tie<RowSubject>> {
    if (subject.kind !== 'row') return;
    for (const side of this.#in(namespace)?.sides.get(subject.row.element) ?? []) {
      const { association, role, otherRole } = side;
      if (!meets(side, filter)) continue;
      for (const other of this.#others(association, side.forward, subject)) {
        if (filter.resultClass && !filter.resultClass(other.className)) continue;
        const pair = tieOf(side, subject, other);
        yield { association: pair, role, otherRole, other, otherNamespace: this.#spoken(namespace, other.row) };
      }
    }
  }

  *walkFrom(
    namespace: string,
    subject: RowSubject,
    filter: TieFilter,
    to: Goal,
    bookmark?: Bookmark,
  ): Iterable<Waypoint<RowSubject>> {
    if (subject.kind !== 'row') return;
    const sides = this.#in(namespace)?.sides.get(subject.row.element) ?? [];
    for (const { tie, other, bookmark: mark } of walkTies(this.#store, this, sides, subject, filter, to, bookmark)) {
      if (to === 'associations') yield { subject: tie, namespace, bookmark: mark };
      else yield { subject: other, namespace: this.#spoken(namespace, other.row), bookmark: mark };
    }
  }

  /** The namespace of a row's instances as the client who asked in `namespace` is told it. */
  #spoken(namespace: string, row: { readonly namespace: string }): string {
    return this.#canonical(namespace) === row.namespace ? namespace : row.namespace;
  }

  path(namespace: string, subject: RowSubject): InstancePath {
    if (subject.kind === 'row') return providedPath(subject, this.#spoken(namespace, subject.row));
    const { association, from, to } = subject;
    const { declared, cls } = association;
    const ends = new NameMap([
      [declared.from.role, from],
      [declared.to.role, to],
    ]);
    return {
      kind: 'path',
      namespace: this.#spoken(namespace, association),
      className: cls.name,
      keys: cls.keys.map((name) => ({ name, type: 'reference', value: this.path(namespace, ends.get(name)!) })),
    };
  }

  instance(namespace: string, subject: RowSubject, wanted?: NameSet): CimInstance {
    const path = this.path(namespace, subject);
    if (subject.kind === 'tie') {
      const reference = (end: Provided): CimValue => this.path(namespace, end);
      const { shape, getters } = subject.association;
      return { kind: 'instance', shape, values: getters.map((get) => get(subject, reference)), path };
    }
    const { shape, getters } = subject.row;
    const values = wanted
      ? getters.map((get, i) => (wanted.has(shape.properties[i]!.name) ? get(subject) : null))
      : getters.map((get) => get(subject));
    return { kind: 'instance', shape, values, path };
  }

  isLive(namespace: string, className: string, wanted?: NameSet): boolean {
    const rows = this.#in(namespace)?.rows.get(className) ?? [];
    return rows.some(({ live, shape }) => live.some((i) => !wanted || wanted.has(shape.properties[i]!.name)));
  }

  readyAll(namespace: string, classNames: readonly string[], wanted?: NameSet): Promise<void> | undefined {
    const isLive = classNames.some((name) => this.isLive(namespace, name, wanted));
    return isLive ? this.#readings.refresh() : undefined;
  }

  ready(subjects: Iterable<RowSubject>, wanted?: NameSet): Promise<void> | undefined {
    const hosts = new Set<string>();
    for (const subject of subjects) {
      if (subject.kind !== 'row' || subject.row.live.length === 0) continue;
      const { live, shape, reading } = subject.row;
      if (wanted && !live.some((i) => wanted.has(shape.properties[i]!.name))) continue;
      const key = reading(subject);
      if (key) hosts.add(key.host);
    }
    return hosts.size === 0 ? undefined : this.#readings.refresh(hosts);
  }
}

function pathIn(text: string): InstancePath | undefined {
  try {
    const path = parsePath(text);
    return path.kind === 'path' ? path : undefined;
  } catch {
    return undefined;
  }
}

const tied = (association: BoundAssociation, from: Provided, to: Provided): Tied => ({
  kind: 'tie',
  className: association.cls.name,
  association,
  from,
  to,
});
