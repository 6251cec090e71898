import type { Page } from '../../src/cim/operation.js';
import { newBlock } from '../../src/cimxml/block-pool.js';
import type { EncodedCache, EncodedPage } from '../../src/cimxml/encoded-cache.js';
import { isDraft, type PageForm, pageOut, settled } from '../../src/cimxml/page-out.js';

/** A page in a form, a draft put into memory of its own and kept. */
export function encodedPage(page: Page, form: PageForm, cache: EncodedCache | undefined): EncodedPage {
  const out = pageOut(page, form, cache);
  if (!isDraft(out)) return out;
  const encoded = settled(out, newBlock(out.length), 0);
  cache?.put(page, form.name, encoded);
  return encoded;
}
