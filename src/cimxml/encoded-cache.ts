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

/** What is kept of one page: the whole of it by form, and single items by their marks as octets, one a character. */
interface Slot {
  readonly pages: Map<string, EncodedPage>;
  readonly items: Map<string, string>;
  size: number;
}

const empty = (): Slot => ({ pages: new Map(), items: new Map(), size: 0 });

/**
 * Pages and their items kept as octets, within a budget: those that were not asked for longest go first. A page that is
 * stale is to be dropped by who made it; it is never asked for again.
 */
export class EncodedCache {
  readonly #budget: number;
  /** Least recently used first. */
  readonly #slots = new Map<Page, Slot>();
  #size = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** The bytes held now. */
  get size(): number {
    return this.#size;
  }

  get(page: Page, form: string): EncodedPage | undefined {
    return this.#used(page)?.pages.get(form);
  }

  /** One item of the page as octets, one a character: as a node of text they are written in one go with a head. */
  item(page: Page, mark: string): string | undefined {
    return this.#used(page)?.items.get(mark);
  }

  put(page: Page, form: string, encoded: EncodedPage): void {
    const { length } = encoded.bytes;
    if (!this.#takes(page, length)) return;
    const slot = this.#slotOf(page);
    this.#grow(slot, length - (slot.pages.get(form)?.bytes.length ?? 0));
    slot.pages.set(form, encoded);
    this.#trim();
  }

  putItem(page: Page, mark: string, octets: string): void {
    if (!this.#takes(page, octets.length)) return;
    const slot = this.#slotOf(page);
    this.#grow(slot, octets.length - (slot.items.get(mark)?.length ?? 0));
    slot.items.set(mark, octets);
    this.#trim();
  }

  drop(page: Page): void {
    this.#size -= this.#slots.get(page)?.size ?? 0;
    this.#slots.delete(page);
  }

  #takes({ lasting }: Page, size: number): boolean {
    return lasting && size <= this.#budget / 4;
  }

  #used(page: Page): Slot | undefined {
    const slot = this.#slots.get(page);
    if (!slot) return undefined;
    this.#slots.delete(page);
    this.#slots.set(page, slot);
    return slot;
  }

  #slotOf(page: Page): Slot {
    const slot = this.#slots.get(page) ?? empty();
    this.#slots.set(page, slot);
    return slot;
  }

  #grow(slot: Slot, size: number): void {
    slot.size += size;
    this.#size += size;
  }

  #trim(): void {
    while (this.#size > this.#budget) {
      const [oldest] = this.#slots.keys();
      if (oldest === undefined) return;
      this.drop(oldest);
    }
  }
}
