import { equalValues } from './equal.js';
import { OrderedRefs, type UuidOf } from './ordered-refs.js';
import { NULL_REF } from './records.js';

const none: readonly string[] = Object.freeze([]);

function fieldOf(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  return value;
}

/**
 * What a field of a record points to: the text itself, each member of a set, each value of a map. A field that is
 * empty or absent points to OpaqueRef:NULL.
 */
function targetsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [NULL_REF] : [value];
  if (typeof value !== 'object' || value === null) return [NULL_REF];
  const texts = Object.values(value).filter((item): item is string => typeof item === 'string');
  return texts.length === 0 ? [NULL_REF] : texts.length === 1 ? texts : [...new Set(texts)];
}

function without(all: readonly string[], others: readonly string[]): readonly string[] {
  if (others.length === 0) return all;
  const has = others.length < 16 ? { has: (item: string) => others.includes(item) } : new Set(others);
  return all.filter((item) => !has.has(item));
}

/**
 * For one field of a class, who points where. A dot in the field's name leads into a map: `sm_config.vhd-parent`.
 * Most targets have one holder, which then stands for itself.
 */
export class InverseIndex {
  readonly #path: readonly string[];
  readonly #holders = new Map<string, string | OrderedRefs>();

  constructor(field: string) {
    const dot = field.indexOf('.');
    this.#path = dot < 0 ? [field] : [field.slice(0, dot), field.slice(dot + 1)];
  }

  /** The holders of a target in the order of their uuids; the list is never changed afterwards. */
  holders(target: string, uuidOf: UuidOf): readonly string[] {
    const holders = this.#holders.get(target === '' ? NULL_REF : target);
    if (holders === undefined) return none;
    return typeof holders === 'string' ? [holders] : holders.list(uuidOf);
  }

  /** Follows a record from one state to the next; either may be undefined. */
  move(ref: string, before: unknown, after: unknown): void {
    const from = before === undefined ? undefined : fieldOf(before, this.#path);
    const to = after === undefined ? undefined : fieldOf(after, this.#path);
    if (before !== undefined && after !== undefined && equalValues(from, to)) return;
    const old = before === undefined ? none : targetsOf(from);
    const fresh = after === undefined ? none : targetsOf(to);
    for (const target of without(old, fresh)) this.#remove(target, ref);
    for (const target of without(fresh, old)) this.#add(target, ref);
  }

  #add(target: string, ref: string): void {
    const holders = this.#holders.get(target);
    if (holders === undefined) {
      this.#holders.set(target, ref);
    } else if (typeof holders === 'string') {
      const both = new OrderedRefs();
      both.add(holders);
      both.add(ref);
      this.#holders.set(target, both);
    } else holders.add(ref);
  }

  #remove(target: string, ref: string): void {
    const holders = this.#holders.get(target);
    if (typeof holders === 'string' || holders === undefined) this.#holders.delete(target);
    else if (holders.size === 1) this.#holders.delete(target);
    else holders.delete(ref);
  }
}
