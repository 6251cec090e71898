import type { BookPage } from './book-page.js';
import type { Bookmark, PageRun } from './provider.js';
import { bookmarkAt, position } from './sequence.js';

/** A page of a class from behind a record on. Where its records end is looked up only where it is not taken whole. */
export class BookRun implements PageRun {
  readonly page: BookPage<any>;
  readonly start: number;
  readonly end: number;
  readonly #row: number;

  /** `row`: the number of the page's row or association in its class; `behind`: the uuid of the record. */
  constructor(page: BookPage<any>, row: number, behind: string | undefined) {
    this.page = page;
    this.start = behind === undefined ? 0 : itemsUpTo(page, behind);
    this.end = page.items;
    this.#row = row;
  }

  endWithin(items: number): number {
    return this.page.extent().ends[this.#place(items)] ?? 0;
  }

  bookmark(items: number): Bookmark {
    return bookmarkAt([this.#row, this.page.extent().uuids[this.#place(items)]!]);
  }

  /** The last record up to which there are no more than so many items; -1 where there is none. */
  #place(items: number): number {
    return position(this.page.extent().ends, (end) => end <= items) - 1;
  }
}

function itemsUpTo(page: BookPage<any>, behind: string): number {
  const { uuids, ends } = page.extent();
  return ends[position(uuids, (uuid) => uuid <= behind) - 1] ?? 0;
}
