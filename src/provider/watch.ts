import type { XenClass } from '../xenapi/records.js';
import { fieldsOf, type Route } from './walk.js';

/** Who reads, by number: the properties of a row by their index, and behind them those that a Watch names. */
type Reader = number;

/** For every field of a class who has read it: `seen[field * readers + reader]`. */
class Ledger {
  readonly #watch: Watch;
  readonly #seen: Uint8Array;

  constructor(watch: Watch, fields: number) {
    this.#watch = watch;
    this.#seen = new Uint8Array(fields * watch.readers);
  }

  note(field: number): void {
    this.#seen[field * this.#watch.readers + this.#watch.reader] = 1;
  }

  /** Adds those who have read the field. */
  addReaders(field: number, to: Set<Reader>): void {
    const { readers } = this.#watch;
    for (let reader = 0; reader < readers; reader++) if (this.#seen[field * readers + reader] === 1) to.add(reader);
  }
}

/** A record as the functions of a row see it: it notes who reads which field. */
class Watched {
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #ledger: Ledger;

  constructor(record: object, ledger: Ledger) {
    this.#record = record as Readonly<Record<string, unknown>>;
    this.#ledger = ledger;
  }

  /** Gives the class a field of this name and number. */
  static field(cls: typeof Watched, name: string, number: number): void {
    Object.defineProperty(cls.prototype, name, {
      enumerable: true,
      get(this: Watched) {
        this.#ledger.note(number);
        return this.#record[name];
      },
    });
  }
}

const watchedClasses = new Map<XenClass, typeof Watched>();

function watchedClass(of: XenClass): typeof Watched {
  const known = watchedClasses.get(of);
  if (known) return known;
  const made = class extends Watched {};
  for (const [number, name] of fieldsOf(of).entries()) Watched.field(made, name, number);
  watchedClasses.set(of, made);
  return made;
}

/**
 * Which fields of which records the properties of a row have ever read. What the row gives can alter only with these; a
 * field that nobody has read cannot be shown in anything that is kept.
 */
export class Watch {
  /** Who reads now. */
  reader: Reader;
  readonly readers: number;
  /** The readers of a record that is new or gone. */
  readonly instances: ReadonlySet<Reader>;
  /** The reader of all that decides which instances there are: conditions, parts and keys. */
  readonly identity: Reader;
  /** The reader of what associations show of their ends. */
  readonly association: Reader;
  /** The reader of whom nothing is kept. */
  readonly nobody: Reader;
  readonly #own: { readonly watched: typeof Watched; readonly ledger: Ledger };
  readonly #met: readonly { readonly watched: typeof Watched; readonly ledger: Ledger; readonly walked: Uint8Array }[];

  /** Of a row of a class with so many properties, which reads other records by routes. */
  constructor(of: XenClass, properties: number, routes: readonly Route[]) {
    this.identity = properties;
    this.association = properties + 1;
    this.nobody = properties + 2;
    this.readers = properties + 3;
    this.reader = this.nobody;
    this.instances = new Set([this.identity]);
    const ledger = (cls: XenClass): Ledger => new Ledger(this, fieldsOf(cls).length);
    this.#own = { watched: watchedClass(of), ledger: ledger(of) };
    this.#met = routes.map(({ to }) => ({
      watched: watchedClass(to),
      ledger: ledger(to),
      walked: new Uint8Array(this.readers),
    }));
  }

  /** The row's own record, watched. */
  own(record: object): object {
    return new this.#own.watched(record, this.#own.ledger);
  }

  /** A record at the end of a route, watched. */
  met(route: number, record: object): object {
    const { watched, ledger } = this.#met[route]!;
    return new watched(record, ledger);
  }

  /** The route is asked for. */
  walk(route: number): void {
    this.#met[route]!.walked[this.reader] = 1;
  }

  /** Who has asked for the route. */
  walkers(route: number): ReadonlySet<Reader> {
    const found = new Set<Reader>();
    this.#met[route]!.walked.forEach((walked, reader) => {
      if (walked === 1 && reader !== this.nobody) found.add(reader);
    });
    return found;
  }

  /** Who has read one of the fields of the row's own record, or of those at the end of a route. */
  altered(route: number | undefined, fields: readonly number[]): ReadonlySet<Reader> {
    const { ledger } = route === undefined ? this.#own : this.#met[route]!;
    const found = new Set<Reader>();
    for (const field of fields) ledger.addReaders(field, found);
    found.delete(this.nobody);
    return found;
  }
}
