import type { Page } from '../cim/operation.js';
import type { Block } from './block-pool.js';
import type { DraftPage, EncodedCache, EncodedPage, PageFacts } from './encoded-cache.js';
import { endsOf, renewed } from './renewal.js';

/** All items of a page as one text, and what is known of them. */
export interface PageText extends Omit<PageFacts, 'version'> {
  readonly text: string;
}

/** A form in which pages go onto the wire. */
export interface PageForm {
  /** Under which the page is kept. */
  readonly name: string;
  /** What every item ends with, and nothing in it; undefined where items are paths, which last as long as the page. */
  readonly closing: Buffer | undefined;
  encode(page: Page): PageText;
  /** Whether what was kept under the name will do. */
  suits?(kept: EncodedPage): boolean;
}

/**
 * A page in a form: as it was kept, or drafted, where it is made anew or only those properties are that have changed since.
 * Who asked puts a draft somewhere, and keeps it.
 */
export function pageOut(page: Page, form: PageForm, cache: EncodedCache | undefined): EncodedPage | DraftPage {
  const kept = cache?.get(page, form.name);
  const known = kept && form.suits?.(kept) !== false ? kept : undefined;
  const version = page.course?.version ?? 0;
  if (known && (known.version === version || !form.closing)) return known;
  if (known) return renew(known, page, form.closing!, version);
  const { text, items, ends, host } = form.encode(page);
  const write = (to: Buffer, at: number): void => void to.write(text, at, 'utf8');
  return { version, items, ends, host, length: Buffer.byteLength(text, 'utf8'), write };
}

export const isDraft = (page: EncodedPage | DraftPage): page is DraftPage => page.bytes === undefined;

export const lengthOf = (page: EncodedPage | DraftPage): number => (isDraft(page) ? page.length : page.bytes.length);

/** The page in a place of its own in the block, wherever its bytes lay before. */
export function settled(page: EncodedPage | DraftPage, block: Block, at: number): EncodedPage {
  const { memory } = block;
  const bytes = memory.subarray(at, at + lengthOf(page));
  if (isDraft(page)) page.write(memory, at);
  else page.bytes.copy(memory, at);
  const { version, items, ends, host } = page;
  return { version, items, bytes, ends, host, block };
}

function renew(kept: EncodedPage, page: Page, closing: Buffer, version: number): DraftPage {
  const { bytes, items, host } = kept;
  const ends = kept.ends ?? endsOf(bytes, items, closing);
  const draft = renewed({ bytes, ends }, page.course!.since(kept.version));
  return { version, items, host, ...draft };
}
