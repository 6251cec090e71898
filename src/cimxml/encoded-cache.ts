import type { Page } from '../cim/operation.js';
import { type Block, BlockPool } from './block-pool.js';

/** What is known of a page as it goes onto the wire. */
export interface PageFacts {
  /** The version of the page that it shows. */
  readonly version: number;
  readonly items: number;
  /** Where each item ends, for a page of which a part can be asked for. */
  readonly ends?: readonly number[] | undefined;
  /** The host that is named in it. */
  readonly host?: string | undefined;
}

/** A page as it goes onto the wire. */
export interface EncodedPage extends PageFacts {
  readonly bytes: Buffer;
  /** Where they lie. */
  readonly block?: Block | undefined;
}

/** A page as it will go onto the wire, of which the bytes lie nowhere yet. */
export interface DraftPage extends PageFacts {
  readonly bytes?: undefined;
  readonly length: number;
  /** Puts its bytes there. */
  write(to: Buffer, at: number): void;
}

/** One item of a page as octets, one a character: as a node of text they are written in one go with a head. */
export interface EncodedItem {
  /** The version of the page that it shows. */
  readonly version: number;
  readonly octets: string;
}

/** What is kept of one page: the whole of it by form, and single items by their marks. */
interface Slot {
  readonly pages: Map<string, EncodedPage>;
  readonly items: Map<string, EncodedItem>;
  size: number;
  /** When it was put behind all others, by what the cache had taken in until then. */
  used: number;
}

/**
 * Pages and their items kept as octets, within a budget: those that were not asked for longest go first. They are of
 * whatever version they were kept in. A page that has ended is to be dropped by who made it; it is never asked for again.
 */
export class EncodedCache {
  readonly #budget: number;
  readonly #blocks = new BlockPool();
  /** Least recently used first. */
  readonly #slots = new Map<Page, Slot>();
  #size = 0;
  /** The octets that were put in so far. */
  #taken = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** The bytes held now. */
  get size(): number {
    return this.#size;
  }

  /**
   * What is kept is only lent: whoever reads pages that are kept, or has them put into blocks, says so before, and gives the
   * number that he gets to `leave` when he needs none of their bytes any more. Until then they stay as they are.
   */
  enter(): number {
    return this.#blocks.enter();
  }

  leave(reader: number): void {
    this.#blocks.leave(reader);
  }

  /** Memory for pages that are to be kept side by side. */
  block(size: number): Block {
    return this.#blocks.take(size);
  }

  get(page: Page, form: string): EncodedPage | undefined {
    return this.#used(page)?.pages.get(form);
  }

  item(page: Page, mark: string): EncodedItem | undefined {
    return this.#used(page)?.items.get(mark);
  }

  put(page: Page, form: string, encoded: EncodedPage): void {
    const { length } = encoded.bytes;
    if (!this.#takes(page, length)) return;
    const slot = this.#slotOf(page);
    const before = slot.pages.get(form);
    this.#grow(slot, length - (before?.bytes.length ?? 0));
    slot.pages.set(form, encoded);
    if (encoded.block) this.#blocks.hold(encoded.block);
    if (before?.block) this.#blocks.release(before.block);
    this.#trim();
  }

  putItem(page: Page, mark: string, item: EncodedItem): void {
    const { length } = item.octets;
    if (!this.#takes(page, length)) return;
    const slot = this.#slotOf(page);
    this.#grow(slot, length - (slot.items.get(mark)?.octets.length ?? 0));
    slot.items.set(mark, item);
    this.#trim();
  }

  drop(page: Page): void {
    const slot = this.#slots.get(page);
    if (!slot) return;
    this.#size -= slot.size;
    this.#slots.delete(page);
    for (const { block } of slot.pages.values()) if (block) this.#blocks.release(block);
  }

  #takes({ lasting }: Page, size: number): boolean {
    return lasting && size <= this.#budget / 4;
  }

  #used(page: Page): Slot | undefined {
    const slot = this.#slots.get(page);
    // It went behind the others a moment ago, as measured by what goes: that is near enough, and costs nothing.
    if (!slot || this.#taken - slot.used < this.#budget / 16) return slot;
    slot.used = this.#taken;
    this.#slots.delete(page);
    this.#slots.set(page, slot);
    return slot;
  }

  #slotOf(page: Page): Slot {
    const slot = this.#slots.get(page) ?? { pages: new Map(), items: new Map(), size: 0, used: this.#taken };
    this.#slots.set(page, slot);
    return slot;
  }

  #grow(slot: Slot, size: number): void {
    slot.size += size;
    this.#size += size;
    this.#taken += Math.max(0, size);
  }

  #trim(): void {
    while (this.#size > this.#budget) {
      const [oldest] = this.#slots.keys();
      if (oldest === undefined) break;
      this.drop(oldest);
    }
    this.#blocks.shrink(Math.max(this.#budget - this.#size, this.#budget / 8));
  }
}
