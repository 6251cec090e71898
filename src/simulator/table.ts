import type { AnyRecord } from './type.js';

/** A record and the generations of its making and its last change. */
export interface Row {
  readonly ref: string;
  created: number;
  record: AnyRecord;
  modified: number;
}

/** An object that is gone. */
interface Deletion {
  readonly ref: string;
  readonly created: number;
  readonly deleted: number;
}

/** What happened to a table after a generation. */
export interface TableChanges {
  readonly added: readonly Row[];
  readonly modified: readonly Row[];
  readonly deleted: readonly Deletion[];
}

/** Deletions are trimmed to the lower number when the higher is reached; older ones go missing without a word (facts 0.1). */
const kept = { from: 512, to: 256 };

/** The records of one class, with what event.from needs to tell changes from: at most one change an object. */
export class Table {
  readonly rows = new Map<string, Row>();
  readonly byUuid = new Map<string, string>();
  #log: { readonly generation: number; readonly row: Row }[] = [];
  #deletions: Deletion[] = [];

  insert(ref: string, record: AnyRecord, generation: number): void {
    const row: Row = { ref, record, created: generation, modified: generation };
    this.rows.set(ref, row);
    if (typeof record['uuid'] === 'string') this.byUuid.set(record['uuid'], ref);
    this.#note(row, generation);
  }

  replace(row: Row, record: AnyRecord, generation: number): void {
    row.record = record;
    row.modified = generation;
    this.#note(row, generation);
  }

  remove(row: Row, generation: number): void {
    this.rows.delete(row.ref);
    if (typeof row.record['uuid'] === 'string') this.byUuid.delete(row.record['uuid']);
    this.#deletions.push({ ref: row.ref, created: row.created, deleted: generation });
    if (this.#deletions.length >= kept.from) this.#deletions = this.#deletions.slice(-kept.to);
  }

  /** What changed after a generation, each object once: made and gone in between is nothing (facts 2.1). */
  changes(since: number): TableChanges {
    const added: Row[] = [];
    const modified: Row[] = [];
    for (let i = this.#log.length - 1; i >= 0; i--) {
      const { generation, row } = this.#log[i] as { generation: number; row: Row };
      if (generation <= since) break;
      if (row.modified !== generation || this.rows.get(row.ref) !== row) continue;
      (row.created > since ? added : modified).push(row);
    }
    const deleted = this.#deletions.filter((d) => d.deleted > since && d.created <= since);
    return { added, modified, deleted };
  }

  /** Forgets all deletions, as a table does that has seen many more. */
  forgetDeletions(): void {
    this.#deletions = [];
  }

  /** Gives every row a generation after `last` and forgets what was; the answer is the last one given. */
  renumber(last: number): number {
    let generation = last;
    this.#deletions = [];
    this.#log = [];
    for (const row of this.rows.values()) {
      row.created = row.modified = ++generation;
      this.#log.push({ generation, row });
    }
    return generation;
  }

  #note(row: Row, generation: number): void {
    this.#log.push({ generation, row });
    if (this.#log.length > 2 * this.rows.size + 1024)
      this.#log = this.#log.filter(
        (each) => each.row.modified === each.generation && this.rows.get(each.row.ref) === each.row,
      );
  }
}
