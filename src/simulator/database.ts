import type { Records, Ref, RemoteClass } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import { type BackReference, backReferencesOf, leadsToMany } from './back-reference.js';
import { equal } from './equal.js';
import { XenApiFailure } from './failure.js';
import { Table, type TableChanges } from './table.js';
import type { AnyRecord } from './type.js';

/** A record to be put in under a reference. */
export interface Entry {
  readonly of: RemoteClass;
  readonly ref: string;
  readonly record: AnyRecord;
}

/** Classes that have records but no table: nothing counts them, no event speaks of them (facts 2.1). */
const tableless: ReadonlySet<string> = new Set([
  'auth',
  'event',
  'message',
  'data_source',
  'sr_stat',
  'probe_result',
  'vdi_nbd_server_info',
]);

const targets = (record: AnyRecord | undefined, field: string): readonly string[] => {
  const value = record?.[field];
  return Array.isArray(value)
    ? (value as string[])
    : value === undefined || value === NULL_REF
      ? []
      : [value as string];
};

/**
 * The pool's tables: whole records, never changed in place, under their references; each write counts up one generation.
 * A write of what is there already is none. Fields that lead back are kept here and by nobody else.
 */
export class Database {
  readonly #tables = new Map<string, Table>();
  readonly #listeners = new Set<() => void>();
  #generation = 1;

  constructor(classes: Iterable<string>) {
    for (const of of classes) if (!tableless.has(of)) this.#tables.set(of, new Table());
  }

  /** The number of the last change. */
  get generation(): number {
    return this.#generation;
  }

  /** The classes that have a table. */
  get classes(): readonly RemoteClass[] {
    return [...this.#tables.keys()] as RemoteClass[];
  }

  get<C extends RemoteClass>(of: C, ref: string): Records[C] | undefined {
    return this.#tables.get(of)?.rows.get(ref)?.record as Records[C] | undefined;
  }

  /** The record, or HANDLE_INVALID [class, ref]. */
  need<C extends RemoteClass>(of: C, ref: string): Records[C] {
    const record = this.get(of, ref);
    if (record === undefined) throw new XenApiFailure('HANDLE_INVALID', of, ref);
    return record;
  }

  /** References and records of a class in the order of their making. */
  *entries<C extends RemoteClass>(of: C): Iterable<readonly [Ref<C>, Records[C]]> {
    const rows = this.#tables.get(of)?.rows.values() ?? [];
    for (const row of rows) yield [row.ref as Ref<C>, row.record as unknown as Records[C]];
  }

  /** The first record that a condition holds for. */
  find<C extends RemoteClass>(of: C, test: (record: Records[C]) => boolean): readonly [Ref<C>, Records[C]] | undefined {
    for (const entry of this.entries(of)) if (test(entry[1])) return entry;
    return undefined;
  }

  refs<C extends RemoteClass>(of: C): Ref<C>[] {
    return [...(this.#tables.get(of)?.rows.keys() ?? [])] as Ref<C>[];
  }

  count(of: string): number {
    return this.#tables.get(of)?.rows.size ?? 0;
  }

  byUuid<C extends RemoteClass>(of: C, uuid: string): Ref<C> | undefined {
    return this.#tables.get(of)?.byUuid.get(uuid) as Ref<C> | undefined;
  }

  insert(of: RemoteClass, ref: string, record: AnyRecord): void {
    this.#table(of).insert(ref, record, ++this.#generation);
    this.#lead(of, ref, undefined, record);
    this.#tell();
  }

  /** Writes fields of a record; those that hold an equal value already are no change. */
  update<C extends RemoteClass>(of: C, ref: string, patch: Partial<Records[C]>): void {
    const row = this.#table(of).rows.get(ref);
    if (row === undefined) throw new XenApiFailure('HANDLE_INVALID', of, ref);
    const before = row.record;
    if (Object.entries(patch).every(([field, value]) => equal(before[field], value))) return;
    const after = { ...before, ...patch };
    this.#table(of).replace(row, after, ++this.#generation);
    this.#lead(of, ref, before, after);
    this.#tell();
  }

  remove(of: RemoteClass, ref: string): void {
    const row = this.#table(of).rows.get(ref);
    if (row === undefined) return;
    this.#table(of).remove(row, ++this.#generation);
    this.#lead(of, ref, row.record, undefined);
    this.#tell();
  }

  /** A change without a change: the object is told of as modified (event.inject). */
  touch(of: RemoteClass, ref: string): void {
    const row = this.#table(of).rows.get(ref);
    if (row === undefined) throw new XenApiFailure('HANDLE_INVALID', of, ref);
    this.#table(of).replace(row, row.record, ++this.#generation);
    this.#tell();
  }

  /** Puts in many records at once; fields that lead back are worked out for all of them together. */
  load(entries: readonly Entry[]): void {
    for (const { of, ref, record } of entries) this.#table(of).insert(ref, record, ++this.#generation);
    const found = new Map<BackReference, Map<string, string[]>>();
    for (const { of, ref, record } of entries)
      for (const rule of backReferencesOf(of)) {
        const backs = found.get(rule) ?? found.set(rule, new Map()).get(rule);
        for (const target of targets(record, rule.field)) {
          const known = backs?.get(target);
          if (known === undefined) backs?.set(target, [ref]);
          else known.push(ref);
        }
      }
    for (const [rule, backs] of found) for (const [target, refs] of backs) this.#join(rule, target, refs);
    this.#tell();
  }

  changes(of: string, since: number): TableChanges {
    return this.#table(of).changes(since);
  }

  /** Forgets what was deleted, so that only counts tell of it. */
  forgetDeletions(): void {
    for (const table of this.#tables.values()) table.forgetDeletions();
  }

  /** Counts generations from the start again, as a database does that was put back. */
  rewind(): void {
    this.#generation = 1;
    for (const table of this.#tables.values()) this.#generation = table.renumber(this.#generation);
    this.#tell();
  }

  /** Calls back after every change until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #table(of: string): Table {
    const table = this.#tables.get(of);
    if (table === undefined) throw new XenApiFailure('INTERNAL_ERROR', `Class ${of} has no table`);
    return table;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #lead(of: RemoteClass, ref: string, before: AnyRecord | undefined, after: AnyRecord | undefined): void {
    for (const rule of backReferencesOf(of)) {
      if (before?.[rule.field] === after?.[rule.field]) continue;
      const [old, now] = [targets(before, rule.field), targets(after, rule.field)];
      for (const target of old) if (!now.includes(target)) this.#part(rule, target, ref);
      for (const target of now) if (!old.includes(target)) this.#join(rule, target, [ref]);
    }
  }

  #join(rule: BackReference, target: string, refs: readonly string[]): void {
    const row = this.#table(rule.to).rows.get(target);
    if (row === undefined) return;
    const value = leadsToMany(rule) ? [...(row.record[rule.back] as readonly string[]), ...refs] : refs.at(-1);
    this.#table(rule.to).replace(row, { ...row.record, [rule.back]: value }, ++this.#generation);
  }

  #part(rule: BackReference, target: string, ref: string): void {
    const row = this.#table(rule.to).rows.get(target);
    if (row === undefined) return;
    const now = row.record[rule.back];
    const value = leadsToMany(rule)
      ? (now as readonly string[]).filter((each) => each !== ref)
      : now === ref
        ? NULL_REF
        : now;
    this.#table(rule.to).replace(row, { ...row.record, [rule.back]: value }, ++this.#generation);
  }
}
