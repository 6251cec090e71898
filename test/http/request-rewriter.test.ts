import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestRewriter } from '../../src/http/request-rewriter.js';
import { runs } from '../fuzz/runs.js';

/** Sends the text in pieces of this length and gives what came out, and of which requests it was told. */
function rewrite(text: string, piece = text.length, longest = 1_000): { text: string; heads: boolean[] } {
  const heads: boolean[] = [];
  const rewriter = new RequestRewriter(longest, (mandatory) => heads.push(mandatory));
  const out: Buffer[] = [];
  for (let at = 0; at < text.length; at += piece) {
    out.push(...rewriter.rewrite(Buffer.from(text.slice(at, at + piece), 'latin1')));
  }
  return { text: Buffer.concat(out).toString('latin1'), heads };
}

const sized = 'M-POST /a HTTP/1.1\r\nMan: x\r\nContent-Length: 23\r\n\r\nM-POST /in the body\r\n\r\n';
const chunked =
  'M-POST /b HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\na;ext=1\r\nM-POST /c \r\n7\r\nM-POST \r\n0\r\nM-POST: trailer\r\n\r\n';
const ordinary = 'POST /c HTTP/1.1\r\ncontent-length:0\r\n\r\n';
const bodyless = 'M-POST /d HTTP/1.1\r\n\r\n';

/** The same with each M-POST of a first line, and no other, made POST. */
const expected = (requests: readonly string[]): string =>
  requests.map((one) => one.replace(/^M-POST/, 'POST')).join('');

describe('the requests of an M- connection (decisions.md 21)', () => {
  const requests = [sized, chunked, ordinary, bodyless, chunked, sized];

  it('are POST, whatever stands in bodies, chunks and trailers', () => {
    const { text, heads } = rewrite(requests.join(''));
    expect(text).toBe(expected(requests));
    expect(heads).toEqual([true, true, false, true, true, true]);
  });

  it('are so however the bytes arrive', () => {
    const whole = requests.join('');
    for (const piece of [1, 2, 3, 7, 20, 64]) expect(rewrite(whole, piece).text).toBe(expected(requests));
  });

  it('pass empty lines before a request line', () => {
    expect(rewrite(`\r\n\r\n${bodyless}`).text).toContain('POST /d');
  });

  it.each([
    ['both lengths', 'M-POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['two lengths', 'M-POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
    ['a length that is none', 'M-POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n'],
    ['another coding', 'M-POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['a chunk size that is none', 'M-POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('with %s are the last that is touched', (_what, start) => {
    const { text, heads } = rewrite(start + bodyless);
    expect(text).toBe(start.replace('M-POST', 'POST') + bodyless);
    expect(heads).toEqual([true]);
  });

  it('with a head beyond the limit are handed over as they are, and nothing is gathered', () => {
    const endless = `M-POST / HTTP/1.1\r\nX: ${'x'.repeat(2_000)}`;
    expect(rewrite(endless + bodyless, 100)).toEqual({ text: endless.slice(2) + bodyless, heads: [true] });
  });

  it('go on as they come, so that the times for a head and a request are kept by the server', () => {
    expect(rewrite('M-POST / HT', 1).text).toBe('POST / HT');
    expect(rewrite(`${sized}PO`, 1).text).toBe(`${sized.slice(2)}PO`);
  });

  it('come out complete for any bytes whatever, but for a head or line that is not complete', () => {
    const part = fc.constantFrom(
      ...requests,
      '\r\n',
      '\r\n\r\n',
      'M-POST ',
      'Content-Length: 3\r\n',
      'abc',
      '5\r\n',
      ':',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 1, max: 50 }), (parts, piece) => {
        const whole = parts.join('');
        const { text, heads } = rewrite(whole, piece);
        const taken = heads.filter(Boolean).length * 'M-'.length;
        expect(whole.length - taken - text.length).toBeLessThan(50);
        expect(whole.length - taken - text.length).toBeGreaterThanOrEqual(0);
        expect(rewrite(whole, whole.length || 1).text).toBe(text);
      }),
      runs(100, 20_000),
    );
  });
});
