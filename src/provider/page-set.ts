import type { Page } from '../cim/operation.js';
import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { position } from './sequence.js';

/** Records to a page: some 16 instances of 4 kB are one write to a socket. */
const pageSize = 16;

/**
 * The instances of a class in pages by the uuids of their records. A page is the same object as long as none of its
 * instances has changed, so that what is worked out from it may be kept.
 */
export class PageSet<P extends Page = Page> {
  readonly #view: View;
  readonly #of: XenClass;
  readonly #make: (refs: () => readonly string[]) => P;
  readonly #drop: (page: P) => void;
  /** The lowest uuid of each page; that of the first is below all. */
  #bounds: string[] = [];
  #pages: (P | undefined)[] = [];
  #size = 0;

  constructor(view: View, of: XenClass, make: (refs: () => readonly string[]) => P, drop: (page: P) => void) {
    this.#view = view;
    this.#of = of;
    this.#make = make;
    this.#drop = drop;
  }

  /** All pages in order, from the one on that a uuid falls to; made anew where they have been dropped. */
  *pages(uuid = ''): Iterable<P> {
    this.#fit();
    const bounds = this.#bounds;
    const from = Math.max(0, position(bounds, (bound) => bound <= uuid) - 1);
    for (let i = from; i < bounds.length; i++) {
      const low = bounds[i]!;
      if (bounds !== this.#bounds) return yield this.#rest(low);
      this.#pages[i] ??= this.#make(() => this.#between(low, bounds[i + 1]));
      yield this.#pages[i]!;
    }
  }

  /** All from a uuid on, as a page that is no part of the set. */
  #rest(low: string): P {
    const page = this.#make(() => this.#between(low, undefined));
    this.#drop(page);
    return page;
  }

  /** The page of the record with this uuid. */
  page(uuid: string): P {
    this.#fit();
    const i = Math.max(0, position(this.#bounds, (bound) => bound <= uuid) - 1);
    const [low, high] = [this.#bounds[i] ?? '', this.#bounds[i + 1]];
    const page = this.#pages[i] ?? this.#make(() => this.#between(low, high));
    this.#pages[i] = page;
    return page;
  }

  /** The record's instances have changed, have come or have gone. */
  touch(uuid: string): void {
    const i = position(this.#bounds, (bound) => bound <= uuid) - 1;
    const page = this.#pages[i];
    if (page) this.#drop(page);
    this.#pages[i] = undefined;
  }

  /** The page of the record, where it has been made and lasts. */
  made(uuid: string): P | undefined {
    return this.#pages[position(this.#bounds, (bound) => bound <= uuid) - 1];
  }

  touchAll(): void {
    for (const page of this.#pages) if (page) this.#drop(page);
    this.#pages.fill(undefined);
  }

  /** Draws the bounds anew when the class has grown or shrunk by a quarter since. */
  #fit(): void {
    const refs = this.#view.refs(this.#of);
    if (this.#bounds.length > 0 && Math.abs(refs.length - this.#size) <= Math.max(pageSize, this.#size / 4)) return;
    this.touchAll();
    this.#size = refs.length;
    this.#bounds = refs.filter((_ref, i) => i % pageSize === 0).map((ref) => this.#uuid(ref));
    this.#bounds[0] = '';
    this.#pages = this.#bounds.map(() => undefined);
  }

  #uuid(ref: string): string {
    return (this.#view.get(this.#of, ref) as { readonly uuid: string }).uuid;
  }

  #between(low: string, high: string | undefined): readonly string[] {
    const refs = this.#view.refs(this.#of);
    const from = position(refs, (ref) => this.#uuid(ref) < low);
    return refs.slice(from, high === undefined ? undefined : position(refs, (ref) => this.#uuid(ref) < high));
  }
}
