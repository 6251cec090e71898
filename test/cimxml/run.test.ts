import { describe, expect, it } from 'vitest';
import type { Page } from '../../src/cim/operation.js';
import { type DraftPage, EncodedCache, type EncodedPage } from '../../src/cimxml/encoded-cache.js';
import { type Piece, Run } from '../../src/cimxml/run.js';

const page = (): Page => ({ lasting: true, instances: () => [], paths: () => [] });

/** Pages that are kept, each of its own bytes. */
function kept(...texts: readonly string[]) {
  const cache = new EncodedCache(10_000);
  const pages = texts.map((text) => {
    const one = page();
    cache.put(one, 'f', { version: 0, bytes: Buffer.from(text), items: 1 });
    return one;
  });
  const piece = (one: Page): Piece => {
    const encoded = cache.get(one, 'f')!;
    return { page: one, form: 'f', encoded, start: 0, end: encoded.bytes.length };
  };
  const put = (one: Page, text: string): void =>
    cache.put(one, 'f', { ...cache.get(one, 'f')!, bytes: Buffer.from(text) });
  const send = (pieces = pages.map(piece)): readonly string[] => {
    const run = new Run(1_000, cache);
    for (const each of pieces) run.add(each);
    return run.take().map((bytes) => bytes.toString());
  };
  return { cache, pages, piece, put, send };
}

describe('a run of pages', () => {
  it('is one buffer, and the same one as long as none of the pages is another', () => {
    const { cache, pages, send } = kept('one ', 'two ', 'three ', 'four ');
    expect(send()).toEqual(['one two three four ']);
    const encoded = pages.map((one) => cache.get(one, 'f')) as EncodedPage[];
    expect(new Set(encoded.map(({ bytes }) => bytes.buffer)).size).toBe(1);
    expect(send()).toEqual(['one two three four ']);
    expect(pages.map((one) => cache.get(one, 'f'))).toEqual(encoded);
    expect(cache.size).toBe('one two three four '.length);
  });

  it('is gathered anew when its pages lie in many places', () => {
    const { pages, put, send } = kept('a', 'b', 'c', 'd');
    send();
    put(pages[1]!, 'BB');
    expect(send()).toEqual(['aBBcd']);
    put(pages[3]!, 'DD');
    expect(send(), 'the last lies elsewhere, and may').toEqual(['aBBc', 'DD']);
  });

  it('goes out in part, and is gathered whole', () => {
    const { pages, piece, send } = kept('abc', 'def', 'ghi');
    const [first, second, third] = pages.map(piece);
    const part = () => [{ ...first!, start: 1 }, second!, { ...third!, end: 2 }];
    expect(send(part())).toEqual(['bcdefgh']);
    expect(send()).toEqual(['abcdefghi']);
  });

  it('has drafts put beside the others, and keeps them', () => {
    const { cache, pages, piece, send } = kept('abc', 'def', 'ghi');
    const [first, second, third] = pages.map(piece);
    const write = (to: Buffer, at: number): void => void to.write('DEFG', at);
    const draft: DraftPage = { version: 1, items: 1, length: 4, write };
    expect(send([first!, { ...second!, encoded: draft, end: 4 }, third!])).toEqual(['abcDEFGghi']);
    expect(cache.get(pages[1]!, 'f')).toMatchObject({ version: 1, items: 1, bytes: Buffer.from('DEFG') });
    expect(cache.size).toBe('abcDEFGghi'.length);
    expect(send([{ ...second!, encoded: draft, start: 1, end: 3 }])).toEqual(['EF']);
  });

  it('tells when there is enough for a write', () => {
    const { pages, piece } = kept('abc', 'def');
    const run = new Run(5, undefined);
    expect(pages.map((one) => run.add(piece(one)))).toEqual([false, true]);
    expect(run.size).toBe(6);
    expect(run.take().map(String)).toEqual(['abc', 'def']);
    expect([run.size, run.take()]).toEqual([0, []]);
  });
});
