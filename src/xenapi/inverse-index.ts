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

/** Those of a few that are not among others. */
function without(few: readonly string[], others: readonly string[]): readonly string[] {
  if (few.length === 0 || others.length === 0) return few;
  const has = Math.min(few.length, others.length) < 16 ? undefined : new Set(others);
  return few.filter((item) => !(has ? has.has(item) : others.includes(item)));
}

/** How many items two lists begin with alike, and how many more they end with alike. */
function alike(a: readonly string[], b: readonly string[]): readonly [start: number, end: number] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [start, end];
}

const isFilled = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');

/**
 * The targets that a value has and another has not, and the reverse. Sets hold thousands of references, of which one
 * comes or goes: only what lies between their equal ends is looked at.
 */
function moved(from: unknown, to: unknown): readonly [gone: readonly string[], come: readonly string[]] {
  if (!isFilled(from) || !isFilled(to)) {
    const [old, fresh] = [targetsOf(from), targetsOf(to)];
    return [without(old, fresh), without(fresh, old)];
  }
  const [start, end] = alike(from, to);
  const between = (list: readonly string[]): readonly string[] => [...new Set(list.slice(start, list.length - end))];
  return [without(between(from), to), without(between(to), from)];
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
  move(ref: string, before: object | undefined, after: object | undefined): void {
    if (before === undefined && after === undefined) return;
    const from = before && fieldOf(before, this.#path);
    const to = after && fieldOf(after, this.#path);
    if (before && after && from === to) return;
    const [gone, come] =
      before === undefined ? [none, targetsOf(to)] : after === undefined ? [targetsOf(from), none] : moved(from, to);
    for (const target of gone) this.#remove(target, ref);
    for (const target of come) this.#add(target, ref);
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
