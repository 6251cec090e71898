import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedAnswer } from '../../src/xenapi/protocol.js';
import { edited, type OutlinedValue, outline, textValue } from '../../src/xenapi/xml-outline.js';
import { parseTaskResult } from '../../src/xenapi/xml-value.js';
import { runs } from '../fuzz/runs.js';

const scalar = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, ''));
const name = fc.stringMatching(/^[a-z_]{1,8}$/);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

const written = (given: unknown): string => {
  if (typeof given === 'string') return textValue(given);
  if (Array.isArray(given)) return `<value><array><data>${given.map(written).join('\n')}</data></array></value>`;
  const members = Object.entries(given as object).map(
    ([key, item]) => `<member><name>${key}</name>${written(item)}</member>`,
  );
  return `<value > <struct>${members.join(' ')}</struct></value >`;
};

/** Every value of an outline. */
function* all(outlined: OutlinedValue): Iterable<OutlinedValue> {
  yield outlined;
  for (const each of [...outlined.items, ...outlined.members.values()]) yield* all(each);
}

describe('the outline of an XML-RPC document', () => {
  test('has each value where it stands: cut out, it is read as the same', async () => {
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        const text = `<?xml version="1.0"?>\n${written(given)}`;
        const found = await outline(text);
        expect(parseTaskResult(text.slice(found.start, found.end))).toEqual(given);
        for (const each of all(found)) {
          const cutOut = parseTaskResult(text.slice(each.start, each.end));
          if (typeof cutOut === 'string') expect(each.text).toBe(cutOut);
          else
            expect([each.items.length, each.members.size]).toEqual(
              Array.isArray(cutOut) ? [cutOut.length, 0] : [0, Object.keys(cutOut as object).length],
            );
        }
      }),
      runs(100, 20_000),
    );
  });

  test('places stand across the pieces in which it is read', async () => {
    const text = `<value><struct><member><name>a</name><value>${'é😀x'.repeat(60_000)}</value></member><member><name>b</name><value><i4>7</i4></value></member><member><name>c</name><value/></member></struct></value>`;
    const { members } = await outline(text);
    const [b, c] = [members.get('b')!, members.get('c')!];
    expect([text.slice(b.start, b.end), b.text]).toEqual(['<value><i4>7</i4></value>', '7']);
    expect([text.slice(c.start, c.end), c.text]).toEqual(['<value/>', '']);
    const other = edited(text, [
      { start: c.start, end: c.end, text: textValue('<&>') },
      { start: b.start, end: b.end, text: '' },
    ]);
    expect(
      other.endsWith(
        '<name>b</name></member><member><name>c</name><value>&lt;&amp;&gt;</value></member></struct></value>',
      ),
    ).toBe(true);
  });

  test.each([
    '',
    'text',
    '<value>',
    '<value></struct></value>',
    '<!DOCTYPE a><value/>',
    '<value>&x;</value>',
    '<other/>',
    '<value>'.repeat(100),
  ])('of %j there is none', async (text) => {
    await expect(outline(text)).rejects.toBeInstanceOf(MalformedAnswer);
  });
});
