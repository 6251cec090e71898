import { describe, expect, it } from 'vitest';
import { cimRefusal, HttpRefusal, refusalHeaders, sentence } from '../../src/http/refusal.js';

describe('a refusal', () => {
  it('with a token goes under the status of DSP0200 7.3 and says why in each field that a client reads', () => {
    const refusal = cimRefusal('header-mismatch', 'wanted ä, got "b"');
    const detail = 'wanted%20%C3%A4%2C%20got%20%22b%22';
    expect(refusal.status).toBe(400);
    expect(refusalHeaders(refusal)).toEqual({
      'Content-Length': '0',
      'Cache-Control': 'no-cache',
      CIMError: 'header-mismatch',
      CIMErrorDescription: detail,
      CIMErrorDetails: detail,
      PGErrorDetail: detail,
    });
  });

  it('without a token has no CIMError', () => {
    expect(refusalHeaders(new HttpRefusal(411, 'x', { headers: { A: 'b' } }))).toMatchObject({ A: 'b' });
    expect(refusalHeaders(new HttpRefusal(411, 'x'))).not.toHaveProperty('CIMError');
  });
});

describe('a sentence in a field', () => {
  it.each([
    ['a+b c', 'a%2Bb%20c'],
    ['\ud83d\ude00', '%F0%9F%98%80'],
    ['\ud83d!', '%EF%BF%BD!'],
    ['\ude00', '%EF%BF%BD'],
    ['a\r\nSet-Cookie: x', 'a%0D%0ASet-Cookie%3A%20x'],
  ])('%j is %s', (text, encoded) => {
    expect(sentence(text)).toBe(encoded);
  });

  it('is cut, never in the midst of a character', () => {
    expect(decodeURIComponent(sentence('\ud83d\ude00'.repeat(800)))).toHaveLength(1_000);
    expect(decodeURIComponent(sentence(`x${'\ud83d\ude00'.repeat(800)}`)).at(-1)).toBe('\ufffd');
  });
});
