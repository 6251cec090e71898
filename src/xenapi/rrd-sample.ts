import type { Sample } from './reading.js';

/** `AVERAGE:vm:<uuid>:cpu0`; minima and maxima, which some pools keep too, are left out. */
const prefix = 'AVERAGE:';
const entryForm = new RegExp(`^${prefix}((?:vm|host|sr):[^:]+):(.+)$`, 's');

/** Which number of a row is of what. */
export class Legend {
  /** The owner (`vm:<uuid>`) and the name of each data source, by its column; undefined where it is no average. */
  readonly #owners: (string | undefined)[] = [];
  readonly #names: (string | undefined)[] = [];
  readonly #columns = new Map<string, Map<string, number>>();

  constructor(entries: readonly unknown[]) {
    // One text a name: each machine has the same ones, and a piece of an entry would keep the whole of it.
    const texts = new Map<string, string>();
    const once = (text: string | undefined): string | undefined => {
      if (text === undefined) return undefined;
      const known = texts.get(text) ?? text;
      texts.set(known, known);
      return known;
    };
    for (const [column, entry] of entries.entries()) {
      const [, owner, name] = (entryForm.exec(String(entry)) ?? []).map(once);
      this.#owners.push(owner);
      this.#names.push(name);
      if (owner !== undefined && name !== undefined) this.#place(owner, name, column);
    }
  }

  #place(owner: string, name: string, column: number): void {
    const own = this.#columns.get(owner) ?? new Map<string, number>();
    this.#columns.set(owner, own.set(name, column));
  }

  get length(): number {
    return this.#owners.length;
  }

  /** The owner and the name of the source in a column; undefined where there is none. */
  source(column: number): readonly [owner: string, name: string] | undefined {
    const [owner, name] = [this.#owners[column], this.#names[column]];
    return owner === undefined || name === undefined ? undefined : [owner, name];
  }

  column(owner: string, name: string): number | undefined {
    return this.#columns.get(owner)?.get(name);
  }

  /** Whether a legend with these entries would be the same. */
  is(entries: readonly unknown[]): boolean {
    return entries.length === this.length && entries.every((entry, column) => this.#isAt(column, String(entry)));
  }

  #isAt(column: number, entry: string): boolean {
    const [owner, name] = [this.#owners[column], this.#names[column]];
    if (owner === undefined || name === undefined) return !entryForm.test(entry);
    const colon = prefix.length + owner.length;
    const fits = entry.length === colon + 1 + name.length && entry[colon] === ':';
    return fits && entry.endsWith(name) && entry.startsWith(owner, prefix.length) && entry.startsWith(prefix);
  }
}

/** What is kept of a sample: its value, its time and its seconds. */
const numbers = 3;

/** The newest samples of one host. */
export class Samples implements Iterable<readonly [owner: string, source: string, Sample]> {
  readonly legend: Legend;
  /** By column; NaN where there is no sample. */
  readonly #numbers: Float64Array;

  constructor(legend: Legend) {
    this.legend = legend;
    this.#numbers = new Float64Array(legend.length * numbers).fill(Number.NaN);
  }

  put(column: number, { value, time, seconds }: Sample): void {
    this.#numbers.set([value, time, seconds], column * numbers);
  }

  /** The sample of a source; `owner` is `vm:<uuid>`, `host:<uuid>` or `sr:<uuid>`. */
  get(owner: string, source: string): Sample | undefined {
    const column = this.legend.column(owner, source);
    return column === undefined ? undefined : this.#at(column);
  }

  #at(column: number): Sample | undefined {
    const [value, time, seconds] = this.#numbers.subarray(column * numbers);
    return Number.isNaN(value) ? undefined : { value: value!, time: time!, seconds: seconds! };
  }

  *[Symbol.iterator](): Iterator<readonly [owner: string, source: string, Sample]> {
    for (let column = 0; column < this.legend.length; column++) {
      const source = this.legend.source(column);
      const sample = this.#at(column);
      if (source && sample) yield [...source, sample];
    }
  }
}
