/** What references are ordered by: the uuids of their records. */
export type UuidOf = (ref: string) => string;

type Keyed = readonly [uuid: string, ref: string];

const byKey = ([uuidA, refA]: Keyed, [uuidB, refB]: Keyed): number =>
  uuidA < uuidB ? -1 : uuidA > uuidB ? 1 : refA < refB ? -1 : refA > refB ? 1 : 0;

/** Where in a list in order an item belongs that lies at or behind a place, which is looked for near that place first. */
function placeOf(item: Keyed, list: readonly string[], from: number, uuidOf: UuidOf): number {
  const isBehind = (at: number): boolean => byKey([uuidOf(list[at]!), list[at]!], item) > 0;
  let [low, step] = [from, 1];
  while (low + step <= list.length && !isBehind(low + step - 1)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, list.length);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** A list in order with more items in it, which are in order too. */
function merged(list: readonly string[], more: readonly Keyed[], uuidOf: UuidOf): readonly string[] {
  const out: string[] = [];
  let copied = 0;
  for (const item of more) {
    const place = placeOf(item, list, copied, uuidOf);
    while (copied < place) out.push(list[copied++]!);
    out.push(item[1]);
  }
  while (copied < list.length) out.push(list[copied++]!);
  return out;
}

/**
 * A set of references that is listed in the order of their records' uuids. The list that is handed out is never
 * changed: changes gather and go into a new list when one is asked for, in one pass however many they are.
 */
export class OrderedRefs {
  #list: readonly string[] = [];
  /** Members that the list lacks, and list items that are members no more. */
  #added: Set<string> | undefined;
  #removed: Set<string> | undefined;
  #size = 0;

  constructor(members: Iterable<string> = []) {
    for (const ref of members) this.add(ref);
  }

  get size(): number {
    return this.#size;
  }

  /** Takes a reference that is not a member. */
  add(ref: string): void {
    this.#size++;
    this.#added ??= new Set();
    this.#added.add(ref);
  }

  /** Lets a member go. */
  delete(ref: string): void {
    this.#size--;
    if (this.#added?.delete(ref)) return;
    this.#removed ??= new Set();
    this.#removed.add(ref);
  }

  /** The members; all of them must have their record. */
  list(uuidOf: UuidOf): readonly string[] {
    if (this.#added || this.#removed) this.#rebuild(uuidOf);
    return this.#list;
  }

  #rebuild(uuidOf: UuidOf): void {
    const removed = this.#removed;
    const kept = removed ? this.#list.filter((ref) => !removed.has(ref)) : this.#list;
    const added = Array.from(this.#added ?? [], (ref): Keyed => [uuidOf(ref), ref]).sort(byKey);
    this.#list = added.length > 0 ? merged(kept, added, uuidOf) : kept;
    this.#added = undefined;
    this.#removed = undefined;
  }
}
