import { InverseIndex } from './inverse-index.js';
import { OrderedRefs } from './ordered-refs.js';

interface WithUuid {
  readonly uuid?: unknown;
}

const uuidIn = (record: unknown): string => {
  const uuid = (record as WithUuid | undefined)?.uuid;
  return typeof uuid === 'string' ? uuid : '';
};

/** The records of one class, found by reference, by uuid and by what they point to. */
export class Table {
  readonly records = new Map<string, object>();
  readonly #refs = new Map<string, string>();
  /** References whose uuid another one has taken over: while a pool changes its references, both are there. */
  readonly #hidden = new Map<string, Set<string>>();
  /** The order, and the indexes by field, are made when first asked for: most long after the pool was listed, some never. */
  #ordered: OrderedRefs | undefined;
  readonly #indexes = new Map<string, InverseIndex | undefined>();
  readonly #uuidOf = (ref: string): string => uuidIn(this.records.get(ref));

  byUuid(uuid: string): string | undefined {
    return this.#refs.get(uuid);
  }

  /** All references in the order of their uuids; the list is never changed afterwards. */
  refs(): readonly string[] {
    this.#ordered ??= new OrderedRefs(this.records.keys());
    return this.#ordered.list(this.#uuidOf);
  }

  index(field: string): void {
    if (!this.#indexes.has(field)) this.#indexes.set(field, undefined);
  }

  hasIndex(field: string): boolean {
    return this.#indexes.has(field);
  }

  /** Who points to a target with a field that has an index. */
  holders(field: string, target: string): readonly string[] {
    const index = this.#indexes.get(field) ?? this.#makeIndex(field);
    return index.holders(target, this.#uuidOf);
  }

  /** Puts a record in the place of another (or of none), or takes it away. */
  set(ref: string, after: object | undefined): void {
    const before = this.records.get(ref);
    const renamed = before !== undefined && after !== undefined && uuidIn(before) !== uuidIn(after);
    if (renamed) this.#replace(ref, before, undefined);
    this.#replace(ref, renamed ? undefined : before, after);
  }

  #makeIndex(field: string): InverseIndex {
    const index = new InverseIndex(field);
    for (const [ref, record] of this.records) index.move(ref, undefined, record);
    this.#indexes.set(field, index);
    return index;
  }

  #replace(ref: string, before: object | undefined, after: object | undefined): void {
    if (before === undefined && after === undefined) return;
    if (after === undefined) this.#remove(ref, before);
    else this.records.set(ref, after);
    if (before === undefined) this.#ordered?.add(ref);
    if (after !== undefined) this.#name(uuidIn(after), ref);
    for (const index of this.#indexes.values()) index?.move(ref, before, after);
  }

  #remove(ref: string, before: object | undefined): void {
    this.records.delete(ref);
    this.#ordered?.delete(ref);
    this.#unname(uuidIn(before), ref);
  }

  #name(uuid: string, ref: string): void {
    const holder = this.#refs.get(uuid);
    if (uuid === '' || holder === ref) return;
    this.#refs.set(uuid, ref);
    const hidden = this.#hidden.get(uuid);
    if (holder !== undefined) this.#hidden.set(uuid, (hidden ?? new Set()).add(holder));
    hidden?.delete(ref);
  }

  #unname(uuid: string, ref: string): void {
    const hidden = this.#hidden.get(uuid);
    hidden?.delete(ref);
    if (this.#refs.get(uuid) === ref) {
      const [heir] = hidden ?? [];
      if (heir === undefined) this.#refs.delete(uuid);
      else this.#refs.set(uuid, heir);
      if (heir !== undefined) hidden?.delete(heir);
    }
    if (hidden?.size === 0) this.#hidden.delete(uuid);
  }
}
