import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XenApiError } from '../../src/xenapi/error.js';
import { MalformedAnswer } from '../../src/xenapi/protocol.js';
import { NameEscaper } from '../../src/xenapi/xml-name.js';
import { xmlRpc } from '../../src/xenapi/xml-rpc.js';
import { parseTaskResult } from '../../src/xenapi/xml-value.js';
import { runs } from '../fuzz/runs.js';

async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const decode = (text: string, size = 7) => xmlRpc.decode(pieces(text, size));
const answer = (value: string): string =>
  `<?xml version="1.0"?><methodResponse><params><param>${value}</param></params></methodResponse>`;
const member = (name: string, value: string): string => `<member><name>${name}</name>${value}</member>`;
const struct = (...members: string[]): string => `<value><struct>${members.join('')}</struct></value>`;
const success = (value: string): string =>
  answer(struct(member('Status', '<value>Success</value>'), member('Value', value)));

describe('XML-RPC answers', () => {
  it('reads all types, with and without their elements', async () => {
    const text = success(
      struct(
        member('int', '<value>5</value>'),
        member('i4', '<value><i4>6</i4></value>'),
        member('i8', '<value><i8>9223372036854775807</i8></value>'),
        member('yes', '<value><boolean>1</boolean></value>'),
        member('no', '<value><boolean>0</boolean></value>'),
        member('float', '<value><double>0.5</double></value>'),
        member('nan', '<value><double>nan</double></value>'),
        member('time', '<value><dateTime.iso8601>20261122T14:00:00Z</dateTime.iso8601></value>'),
        member('text', '<value><string>a &lt;b&gt; &amp; "c"</string></value>'),
        member('void', '<value></value>'),
        member('blank', '<value>  </value>'),
        member('nil', '<value><nil/></value>'),
        member(
          'set',
          '<value><array><data><value>a</value><value><array><data></data></array></value></data></array></value>',
        ),
        member('map', struct(member('k', '<value>v</value>'))),
      ),
    );
    expect(await decode(text)).toEqual({
      kind: 'value',
      value: {
        int: '5',
        i4: 6,
        i8: '9223372036854775807',
        yes: true,
        no: false,
        float: 0.5,
        nan: 'nan',
        time: '20261122T14:00:00Z',
        text: 'a <b> & "c"',
        void: '',
        blank: '  ',
        nil: null,
        set: ['a', []],
        map: { k: 'v' },
      },
    });
  });

  it('skips white space between elements', async () => {
    const text = success(
      `<value>\n <array>\n<data>\n<value>\n<string>x</string>\n</value>\n</data> </array>\n</value>`,
    );
    expect(await decode(text)).toEqual({ kind: 'value', value: ['x'] });
  });

  it('reads failures, and the bare array of system.listMethods', async () => {
    const description =
      '<value><array><data><value>UUID_INVALID</value><value>VM</value><value>x</value></data></array></value>';
    const failed = answer(struct(member('Status', '<value>Failure</value>'), member('ErrorDescription', description)));
    expect(await decode(failed)).toEqual({ kind: 'failure', code: 'UUID_INVALID', params: ['VM', 'x'] });
    expect(await decode(answer('<value><array><data><value>m</value></data></array></value>'))).toEqual({
      kind: 'value',
      value: ['m'],
    });
    const fault = `<methodResponse><fault>${struct(member('faultString', '<value>no</value>'))}</fault></methodResponse>`;
    expect(await decode(fault)).toEqual({ kind: 'failure', code: 'Fault', params: ['no'] });
  });

  it('takes __proto__ for a member and duplicates for the last of them', async () => {
    const read = await decode(
      success(
        struct(
          member('__proto__', '<value>x</value>'),
          member('a', '<value>1</value>'),
          member('a', '<value>2</value>'),
        ),
      ),
    );
    expect(JSON.stringify(read)).toBe('{"kind":"value","value":{"__proto__":"x","a":"2"}}');
  });

  it('reads member names that the pool did not escape', async () => {
    const text = success(
      struct(
        member('a & b', '<value>1</value>'),
        member('<x>', '<value>2</value>'),
        member('c &amp; d', '<value>3</value>'),
      ),
    );
    expect(await decode(text, 3)).toEqual({ kind: 'value', value: { 'a & b': '1', '<x>': '2', 'c & d': '3' } });
  });

  it('reads any text in pieces of any size', async () => {
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const text = fc.string({ unit: 'grapheme-composite' });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(text, text), fc.integer({ min: 1, max: 40 }), async (map, size) => {
        const members = Object.entries(map).map(([key, value]) =>
          member(escaped(key), `<value>${escaped(value)}</value>`),
        );
        expect(await decode(success(struct(...members)), size)).toEqual({ kind: 'value', value: map });
      }),
      runs(100, 20_000),
    );
  });

  it.each([
    ['<html><body>no</body></html>'],
    ['<methodResponse>'],
    [''],
    [
      '<!DOCTYPE a [<!ENTITY b "c">]><methodResponse><params><param><value>&b;</value></param></params></methodResponse>',
    ],
    [answer('<value><frob>1</frob></value>')],
    [answer('<value><array><data>'.repeat(70))],
  ])('%j is malformed', async (text) => {
    await expect(decode(text)).rejects.toThrow(MalformedAnswer);
  });
});

describe('any other document', () => {
  const piece = fc.constantFrom(
    ...['value', 'struct', 'member', 'name', 'array', 'data', 'string', 'int', 'double', 'nil'].flatMap((tag) => [
      `<${tag}>`,
      `</${tag}>`,
    ]),
    ...['text', '&amp;', '&', ']]>', '<![CDATA[', '<?x?>', '<!--', '-->', ' '],
  );

  it('gives an answer, or is malformed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (parts) => {
        const result = await decode(answer(parts.join(''))).catch((error: unknown) => error);
        expect(result instanceof MalformedAnswer || 'kind' in (result as object)).toBe(true);
      }),
      runs(500, 10_000),
    );
  });
});

describe('the name filter', () => {
  it('holds back no more than it must, and nothing at the end', () => {
    const escaper = new NameEscaper();
    expect(escaper.write('<value>x<na')).toBe('<value>x');
    expect(escaper.write('me>a&b')).toBe('');
    expect(escaper.write('</name><na')).toBe('<name>a&amp;b</name>');
    expect(escaper.end()).toBe('<na');
  });
});

describe('XML-RPC requests', () => {
  it('write ints of up to 64 bits as text, escape, and carry booleans, floats, nil, sets and maps', () => {
    const xml = xmlRpc.encode('VM.x', ['<a & b>]]>', 2n ** 62n, true, 0.5, 3, null, ['s'], { k: 'v' }]);
    expect(xml).toContain('<methodName>VM.x</methodName>');
    expect(xml).toContain('<string>&lt;a &amp; b&gt;]]&gt;</string>');
    expect(xml).toContain('<string>4611686018427387904</string>');
    for (const part of ['<boolean>1</boolean>', '<double>0.5</double>', '<int>3</int>', '<nil/>'])
      expect(xml).toContain(part);
    expect(xml).toContain('<array><data><value><string>s</string></value></data></array>');
    expect(xml).toContain('<member><name>k</name><value><string>v</string></value></member>');
  });

  it('refuse what XML cannot carry', () => {
    expect(() => xmlRpc.encode('m', ['a\u0001b'])).toThrow(XenApiError);
    expect(() => xmlRpc.encode('m', [-(2n ** 63n) - 1n])).toThrow('INVALID_VALUE:an integer of 64 bits');
  });
});

describe('the result of a task', () => {
  it.each([
    ['', ''],
    ['<value></value>', ''],
    ['<value>OpaqueRef:1</value>', 'OpaqueRef:1'],
    ['<value><array><data><value>a</value></data></array></value>', ['a']],
    ['<value><struct><member><name>a</name><value><boolean>1</boolean></value></member></struct></value>', { a: true }],
  ])('%j is %j', (text, value) => expect(parseTaskResult(text)).toEqual(value));

  it('is refused when it is no value', () => expect(() => parseTaskResult('<value>')).toThrow(MalformedAnswer));
});
