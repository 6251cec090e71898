import type { Page } from '../cim/operation.js';
import type { EncodedCache, EncodedPage } from './encoded-cache.js';
import { endsOf, renewed } from './renewal.js';

/** A form in which pages go onto the wire. */
export interface PageForm {
  /** Under which the page is kept. */
  readonly name: string;
  /** What every item ends with, and nothing in it; undefined where items are paths, which last as long as the page. */
  readonly closing: Buffer | undefined;
  encode(page: Page): Omit<EncodedPage, 'version'>;
  /** Whether what was kept under the name will do. */
  suits?(kept: EncodedPage): boolean;
}

/** A page in a form: as it was kept, or with only those properties written anew that have changed since, or made anew. */
export function encodedPage(page: Page, form: PageForm, cache: EncodedCache | undefined): EncodedPage {
  const kept = cache?.get(page, form.name);
  const known = kept && form.suits?.(kept) !== false ? kept : undefined;
  const version = page.course?.version ?? 0;
  if (known && (known.version === version || !form.closing)) return known;
  const made = known ? renew(known, page, form.closing!, version) : { ...form.encode(page), version };
  cache?.put(page, form.name, made);
  return made;
}

function renew(kept: EncodedPage, page: Page, closing: Buffer, version: number): EncodedPage {
  const ends = kept.ends ?? endsOf(kept.bytes, kept.items, closing);
  return { ...kept, ...renewed({ bytes: kept.bytes, ends }, page.course!.since(kept.version)), version };
}
