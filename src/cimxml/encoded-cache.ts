import type { Page } from '../cim/operation.js';

/** A page as it goes onto the wire. */
export interface EncodedPage {
  readonly bytes: Buffer;
  readonly items: number;
  /** Where each item ends, for a page of which a part can be asked for. */
  readonly ends?: readonly number[];
  /** The host that is named in it. */
  readonly host?: string;
}

type Forms = Map<string, EncodedPage>;

/**
 * Pages kept as bytes, within a budget: those that were not asked for longest go first. A page that is stale is to be
 * dropped by who made it; it is never asked for again.
 */
export class EncodedCache {
  readonly #budget: number;
  /** Least recently used first. */
  readonly #pages = new Map<Page, Forms>();
  #size = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** The bytes held now. */
  get size(): number {
    return this.#size;
  }

  get(page: Page, form: string): EncodedPage | undefined {
    const forms = this.#pages.get(page);
    const found = forms?.get(form);
    if (!forms || !found) return undefined;
    this.#pages.delete(page);
    this.#pages.set(page, forms);
    return found;
  }

  put(page: Page, form: string, encoded: EncodedPage): void {
    if (!page.lasting || encoded.bytes.length > this.#budget / 4) return;
    const forms = this.#pages.get(page) ?? new Map<string, EncodedPage>();
    this.#size += encoded.bytes.length - (forms.get(form)?.bytes.length ?? 0);
    this.#pages.set(page, forms.set(form, encoded));
    for (const [oldest] of this.#pages) {
      if (this.#size <= this.#budget) return;
      this.drop(oldest);
    }
  }

  drop(page: Page): void {
    for (const { bytes } of this.#pages.get(page)?.values() ?? []) this.#size -= bytes.length;
    this.#pages.delete(page);
  }
}
