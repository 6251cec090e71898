/** What references are ordered by: the uuids of their records. */
export type UuidOf = (ref: string) => string;

type Keyed = readonly [uuid: string, ref: string];

const byKey = ([uuidA, refA]: Keyed, [uuidB, refB]: Keyed): number =>
  uuidA < uuidB ? -1 : uuidA > uuidB ? 1 : refA < refB ? -1 : refA > refB ? 1 : 0;

/** Merges two lists that are in order. */
function merged(a: readonly Keyed[], b: readonly Keyed[]): readonly string[] {
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) out.push(byKey(a[i]!, b[j]!) <= 0 ? a[i++]![1] : b[j++]![1]);
  while (i < a.length) out.push(a[i++]![1]);
  while (j < b.length) out.push(b[j++]![1]);
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
    const keyed = (ref: string): Keyed => [uuidOf(ref), ref];
    const removed = this.#removed;
    const kept = removed ? this.#list.filter((ref) => !removed.has(ref)) : this.#list;
    const added = Array.from(this.#added ?? [], keyed).sort(byKey);
    this.#list = added.length > 0 ? merged(kept.map(keyed), added) : kept;
    this.#added = undefined;
    this.#removed = undefined;
  }
}
