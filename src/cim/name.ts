/** The form in which CIM names are compared: case-insensitive (DSP0004 5.1.2). */
export const fold = (name: string): string => name.toLowerCase();

export const sameName = (a: string, b: string): boolean => a === b || fold(a) === fold(b);

/** A map whose keys are CIM names: looked up case-insensitively, listed as they were declared. */
export class NameMap<V> implements Iterable<V> {
  readonly #entries = new Map<string, V>();

  constructor(entries: Iterable<readonly [name: string, value: V]> = []) {
    for (const [name, value] of entries) this.set(name, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(name: string): V | undefined {
    return this.#entries.get(fold(name));
  }

  has(name: string): boolean {
    return this.#entries.has(fold(name));
  }

  set(name: string, value: V): void {
    this.#entries.set(fold(name), value);
  }

  delete(name: string): boolean {
    return this.#entries.delete(fold(name));
  }

  [Symbol.iterator](): IterableIterator<V> {
    return this.#entries.values();
  }
}

/** A set of CIM names; iterated in the form in which they are compared. */
export class NameSet implements Iterable<string> {
  readonly #names = new Set<string>();

  constructor(names: Iterable<string> = []) {
    for (const name of names) this.#names.add(fold(name));
  }

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(fold(name));
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.#names.values();
  }
}
