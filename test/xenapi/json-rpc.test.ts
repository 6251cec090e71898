import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonAnswerReader } from '../../src/xenapi/json-answer.js';
import { jsonRpc, textsOf } from '../../src/xenapi/json-rpc.js';
import { parseJson } from '../../src/xenapi/json-text.js';
import { MalformedAnswer } from '../../src/xenapi/protocol.js';
import { runs } from '../fuzz/runs.js';

describe('JSON as XenAPI writes it', () => {
  it('keeps every digit of an integer beyond 2^53', () => {
    expect(parseJson('{"a":9223372036854775807,"b":[-9007199254740993,5],"c":1.0}')).toEqual({
      a: '9223372036854775807',
      b: ['-9007199254740993', 5],
      c: 1,
    });
  });

  it('is the same text in whatever chunks it comes', async () => {
    const parts = fc.array(fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.constantFrom('é', '😀', '')));
    await fc.assert(
      fc.asyncProperty(parts, fc.array(fc.nat(9), { minLength: 1 }), async (texts, lengths) => {
        const bytes = Buffer.from(texts.join(''), 'utf8');
        const chunks = async function* () {
          for (let from = 0, i = 0; from < bytes.length; i++) {
            const to = from + lengths[i % lengths.length]! + (i % 2);
            yield new Uint8Array(bytes.subarray(from, to));
            from = to;
          }
        };
        let text = '';
        for await (const part of textsOf(chunks())) text += part;
        expect(text).toBe(bytes.toString('utf8'));
      }),
      runs(200, 20_000),
    );
  });

  it('leaves digits in strings, and long fractions, as they are', () => {
    const text =
      '{"a":"x: 12345678901234567890","b":0.12345678901234567890,"c":12345678901234567.5,"d":": 12345678901234567"}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('finds a long integer wherever it stands, and none in what only looks like one', () => {
    fc.assert(
      fc.property(fc.nat(70), fc.integer({ min: 12, max: 40 }), fc.boolean(), (pad, digits, negative) => {
        const number = `${negative ? '-' : ''}${'9'.repeat(digits)}`;
        const text = `{"p":"${'x'.repeat(pad)}","a": ${number},"b":"x,${number},","c":[${number}]}`;
        const read = Number.isSafeInteger(Number(number)) ? Number(number) : number;
        expect(parseJson(text)).toEqual({ p: 'x'.repeat(pad), a: read, b: `x,${number},`, c: [read] });
      }),
      runs(100, 20_000),
    );
  });

  it('reads bare NaN and Infinity, in strings too', () => {
    expect(parseJson('{"a":NaN,"b":-Infinity,"c":"NaN \\" NaN","d":[nan,inf]}')).toEqual({
      a: 'NaN',
      b: '-Infinity',
      c: 'NaN " NaN',
      d: ['nan', 'inf'],
    });
  });

  it('reads any JSON as JSON.parse does, but for long integers', () => {
    fc.assert(
      fc.property(
        fc.json().filter((text) => !/\d{16}/.test(text)),
        (text) => {
          expect(parseJson(`[${text},12345678901234567890]`)).toEqual([JSON.parse(text), '12345678901234567890']);
        },
      ),
      runs(100, 20_000),
    );
  });

  it.each([['{"a":'], ['NaN"'], ['"\\'], ['nope']])('%j is a SyntaxError', (text) =>
    expect(() => parseJson(text)).toThrow(SyntaxError),
  );
});

/** Reads an answer that comes in pieces of some bytes. */
const decode = (text: string) =>
  jsonRpc.decode(
    (async function* () {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 5) yield bytes.subarray(at, at + 5);
    })(),
  );

describe('JSON-RPC', () => {
  it('writes ints of up to 64 bits as numbers, and refuses larger ones', () => {
    const request = JSON.parse(jsonRpc.encode('VM.set', ['OpaqueRef:1', 5n, { a: true, b: null }, [0.5]]));
    expect(request).toMatchObject({
      jsonrpc: '2.0',
      method: 'VM.set',
      params: ['OpaqueRef:1', 5, { a: true, b: null }, [0.5]],
    });
    expect(jsonRpc.encode('m', [9_223_372_036_854_775_807n])).toContain('[9223372036854775807]');
    expect(() => jsonRpc.encode('m', [{ size: 2n ** 63n }])).toThrow(
      'INVALID_VALUE:an integer of 64 bits:9223372036854775808',
    );
  });

  it.each([
    ['version 2', '{"jsonrpc":"2.0","result":{"a":1},"id":1}', { kind: 'value', value: { a: 1 } }],
    ['version 1', '{"result":"","error":null,"id":1}', { kind: 'value', value: '' }],
    [
      'a failure of version 2',
      '{"jsonrpc":"2.0","error":{"code":1,"message":"HANDLE_INVALID","data":["VM","OpaqueRef:x"]},"id":1}',
      { kind: 'failure', code: 'HANDLE_INVALID', params: ['VM', 'OpaqueRef:x'] },
    ],
    [
      'a failure of version 1',
      '{"result":null,"error":["UUID_INVALID","VM",5],"id":1}',
      { kind: 'failure', code: 'UUID_INVALID', params: ['VM', '5'] },
    ],
    ['a failure with nothing', '{"error":{},"id":1}', { kind: 'failure', code: 'INTERNAL_ERROR', params: [] }],
  ])('reads %s', async (_, text, answer) => expect(await decode(text)).toEqual(answer));

  it.each([['<html>'], ['5'], ['null'], ['{}'], ['']])('%j is malformed', (text) =>
    expect(decode(text)).rejects.toThrow(MalformedAnswer),
  );

  it('reads any text to an answer, or finds it malformed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => `{"error":${text}}`),
        ),
        async (text) => {
          try {
            expect((await decode(text)).kind).toMatch(/value|failure/);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedAnswer);
          }
        },
      ),
      runs(100, 20_000),
    );
  });

  /** Reads the text in chunks of so many characters; how often a piece of it was parsed before the end. */
  function pieces(text: string, size: number, piece: number): { readonly cut: number; readonly whole: unknown } {
    const reader = new JsonAnswerReader(piece);
    let cut = 0;
    for (let from = 0; from < text.length; from += size) if (reader.write(text.slice(from, from + size))) cut++;
    return { cut, whole: reader.end() };
  }

  const ref = fc.nat(30).map((n) => `OpaqueRef:${n}`);
  const odd = fc.constantFrom('},"OpaqueRef:', '\\},"OpaqueRef:', '{', '}', '"', '\\', 'x', '😀');
  const leaf = fc.oneof(
    odd,
    fc.integer(),
    fc.constant(null),
    fc.dictionary(ref, fc.constant({ a: {} })),
    fc.array(odd),
  );
  const records = fc.dictionary(ref, fc.dictionary(fc.constantFrom('a', 'b', 'OpaqueRef:1'), leaf));

  const event = fc.record({ id: fc.nat(), class: odd, snapshot: fc.dictionary(fc.constantFrom('a', 'b'), leaf) });
  const before = fc.constantFrom({}, { token: '1' }, { a: [{ b: 1 }, { c: 2 }] }, { a: { b: {}, c: [{}] } });
  const heard = fc
    .tuple(before, fc.array(event), fc.constantFrom({}, { valid_ref_counts: { vm: 1 }, token: '2' }))
    .map(([first, events, last]) => ({ ...first, events, ...last }));

  it.each([
    ['records', records],
    ['events', heard],
  ])('is the same in whatever pieces it is parsed: %s', (_, results: fc.Arbitrary<object>) => {
    let cut = 0;
    fc.assert(
      fc.property(results, fc.integer({ min: 1, max: 40 }), fc.nat(120), fc.boolean(), (result, size, piece, last) => {
        const text = JSON.stringify(last ? { jsonrpc: '2.0', id: 1, result } : { result, error: null, id: 1 });
        const read = pieces(text, size, piece);
        expect(read.whole).toEqual(JSON.parse(text));
        cut += read.cut;
      }),
      runs(500, 20_000),
    );
    expect(cut).toBeGreaterThan(200);
  });

  it('gives its records away while the rest is on its way, each once', () => {
    let early = 0;
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 40 }), fc.nat(120), (result, size, piece) => {
        const text = JSON.stringify({ jsonrpc: '2.0', result, id: 1 });
        const reader = new JsonAnswerReader(piece);
        const taken: [string, unknown][] = [];
        for (let from = 0; from < text.length; from += size) {
          if (reader.write(text.slice(from, from + size))) taken.push(...reader.taken().flatMap(Object.entries));
        }
        early += taken.length;
        const { result: rest, ...envelope } = reader.end() as { readonly result: object };
        expect([...taken, ...Object.entries(rest)]).toEqual(Object.entries(result));
        expect(envelope).toEqual({ jsonrpc: '2.0', id: 1 });
      }),
      runs(500, 20_000),
    );
    expect(early).toBeGreaterThan(200);
  });

  it('gives its events away while the rest is on its way, each once and in their order', () => {
    let early = 0;
    fc.assert(
      fc.property(heard, fc.integer({ min: 1, max: 40 }), fc.nat(120), (result, size, piece) => {
        const text = JSON.stringify({ jsonrpc: '2.0', result, id: 1 });
        const reader = new JsonAnswerReader(piece);
        const taken: unknown[] = [];
        for (let from = 0; from < text.length; from += size) {
          if (reader.write(text.slice(from, from + size))) taken.push(...reader.taken().flat());
        }
        early += taken.length;
        const { events, ...rest } = (reader.end() as { readonly result: typeof result }).result;
        expect({ ...rest, events: [...taken, ...events] }).toEqual(result);
      }),
      runs(500, 20_000),
    );
    expect(early).toBeGreaterThan(200);
  });

  it('is parsed as it arrives, a few records at a time, and not held', () => {
    const result = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, i) => [`OpaqueRef:${i}`, { a: 'x'.repeat(100) }]),
    );
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result });
    expect(pieces(text, 1_000, 10_000).cut).toBeGreaterThan(8);
  });

  it.each([
    ['something else before the result', '{"x":{"OpaqueRef:1":{},"OpaqueRef:2":{},"OpaqueRef:3":{}},"result":{}}'],
    ['a list', '{"id":1,"result":[{"OpaqueRef:1":{},"OpaqueRef:2":{}},{"OpaqueRef:3":{},"OpaqueRef:4":{}}]}'],
    ['a map within', '{"result":{"OpaqueRef:1":{"a":{"OpaqueRef:2":{},"OpaqueRef:3":{},"OpaqueRef:4":{}}}},"id":1}'],
  ])('with %s is read as a whole', (_, text) => {
    for (let size = 1; size < 9; size++) expect(pieces(text, size, 1).whole).toEqual(JSON.parse(text));
  });

  it.each([
    '{"result":{"OpaqueRef:1":{"a":1},"OpaqueRef:2":{"a":2}',
    '{"result":{"OpaqueRef:1":{"a":1},"OpaqueRef:2":{"a":2}},',
    '{"result":{"OpaqueRef:1":{"a":1},"OpaqueRef:2":{"a":2}}}}',
    '{"result":{"OpaqueRef:1":{"a":},"OpaqueRef:2":{"a":2}}}',
  ])('%j is malformed in pieces too', (text) => expect(() => pieces(text, 3, 1)).toThrow(SyntaxError));
});
