import { equalValues } from './equal.js';
import type { Records, Ref, XenClass } from './records.js';
import { Table } from './table.js';
import type { Change, ChangeListener, Store } from './view.js';

/** A record as it is to be; undefined when it is to go. */
export interface Update {
  readonly of: XenClass;
  readonly ref: string;
  readonly after: unknown;
}

/** All records of some classes, by reference: what is not among them is to go. */
export type Listing = ReadonlyMap<XenClass, ReadonlyMap<string, unknown>>;

/** What a batch changes, worked out when its turn has come. */
type Batch = () => readonly Change[];

/** Told when a listener threw, which it must not: the store is whole nevertheless. */
export type ListenerFault = (error: unknown) => void;

/**
 * The pool in memory. Batches are applied within one tick; one that comes while another is being applied (from a
 * listener) waits until that is done. Records are never changed in place: each state is an object of its own.
 */
export class RecordStore implements Store {
  readonly #tables = new Map<XenClass, Table>();
  readonly #listeners = new Set<ChangeListener>();
  readonly #waiting: Batch[] = [];
  readonly #fault: ListenerFault;
  #applying = false;

  constructor(fault: ListenerFault = () => {}) {
    this.#fault = fault;
  }

  get<C extends XenClass>(of: C, ref: string): Records[C] | undefined {
    return this.#tables.get(of)?.records.get(ref) as Records[C] | undefined;
  }

  byUuid<C extends XenClass>(of: C, uuid: string): Ref<C> | undefined {
    return this.#tables.get(of)?.byUuid(uuid) as Ref<C> | undefined;
  }

  refs<C extends XenClass>(of: C): readonly Ref<C>[] {
    return this.#table(of).refs() as readonly Ref<C>[];
  }

  /** In the order of the holders' uuids. An array that is never changed afterwards. */
  holders<C extends XenClass>(of: C, field: string, target: string): readonly Ref<C>[] {
    const table = this.#table(of);
    if (!table.hasIndex(field))
      throw new Error(`${of}.${field} has no inverse index: index('${of}', '${field}') makes it`);
    return table.holders(field, target) as readonly Ref<C>[];
  }

  /** How many records of the class there are. */
  count(of: XenClass): number {
    return this.#tables.get(of)?.records.size ?? 0;
  }

  /** A field that holds a reference or a set of them; also any text, and one key of a map (`sm_config.vhd-parent`). */
  index(of: XenClass, field: string): void {
    this.#table(of).index(field);
  }

  apply(updates: readonly Update[]): void {
    this.#take(() => this.#changed(updates));
  }

  /** Makes the classes hold exactly these records, as one batch. */
  replaceAll(listing: Listing): void {
    this.#take(() => this.#differences(listing));
  }

  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #table(of: XenClass): Table {
    let table = this.#tables.get(of);
    if (!table) {
      table = new Table();
      this.#tables.set(of, table);
    }
    return table;
  }

  /** A batch, once those before it are applied: what it changes is worked out then. */
  #take(batch: Batch): void {
    this.#waiting.push(batch);
    if (this.#applying) return;
    this.#applying = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#applyAll(next());
    } finally {
      this.#applying = false;
    }
  }

  #applyAll(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const listeners = [...this.#listeners];
    for (const listener of listeners) this.#tell(() => listener.before?.(changes));
    for (const { of, ref, after } of changes) this.#table(of).set(ref, after);
    for (const listener of listeners) this.#tell(() => listener.after(changes));
  }

  /** What updates change; of several to one record the last counts. */
  #changed(updates: readonly Update[]): readonly Change[] {
    const last = new Map<XenClass, Map<string, unknown>>();
    for (const { of, ref, after } of updates) {
      const ofClass = last.get(of) ?? new Map<string, unknown>();
      last.set(of, ofClass.set(ref, after));
    }
    const changes: Change[] = [];
    for (const [of, records] of last) this.#compare(of, records, changes);
    return changes;
  }

  /** What makes the classes hold exactly the records of a listing. */
  #differences(listing: Listing): readonly Change[] {
    const changes: Change[] = [];
    for (const [of, records] of listing) {
      for (const [ref, before] of this.#table(of).records) {
        if (!records.has(ref)) changes.push({ of, ref, before: before as Records[XenClass], after: undefined });
      }
      this.#compare(of, records, changes);
    }
    return changes;
  }

  /** Gathers what changes when records of a class take the places of those of the same references. */
  #compare(of: XenClass, records: ReadonlyMap<string, unknown>, changes: Change[]): void {
    const known = this.#table(of).records as ReadonlyMap<string, Records[XenClass]>;
    for (const [ref, after] of records as ReadonlyMap<string, Records[XenClass] | undefined>) {
      const before = known.get(ref);
      if (before === undefined ? after !== undefined : !equalValues(before, after)) {
        changes.push({ of, ref, before, after });
      }
    }
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#fault(error);
    }
  }
}
