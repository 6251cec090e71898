import { describe, expect, it } from 'vitest';
import { escapeAttribute, escapeText } from '../../src/cimxml/escape.js';
import { argumentOf, contentOf } from './xml.js';

const cases: readonly (readonly [what: string, text: string, inText: string, inAttribute: string])[] = [
  ['plain text', 'plain text é €', 'plain text é €', 'plain text é €'],
  ['markup', 'a<b>&c"\'', 'a&lt;b&gt;&amp;c"\'', "a&lt;b&gt;&amp;c&quot;'"],
  ['the end of a CDATA section', ']]>', ']]&gt;', ']]&gt;'],
  ['what looks escaped', '&amp;', '&amp;amp;', '&amp;amp;'],
  ['white space', ' a\tb\nc\rd ', ' a\tb\nc&#13;d ', ' a&#9;b&#10;c&#13;d '],
  ['a carriage return and line feed', '\r\n', '&#13;\n', '&#13;&#10;'],
  ['characters beyond U+FFFF', 'a😀b', 'a😀b', 'a😀b'],
  ['controls', '\0\x01\x08\x0b\x0c\x0e\x1f', '�������', '�������'],
  ['halves of surrogate pairs', 'a\ud800b\udc00', 'a�b�', 'a�b�'],
  ['halves in the wrong order', '\udc00\ud800', '��', '��'],
  ['noncharacters', '\ufffe\uffff', '��', '��'],
  ['delete and C1 controls, which XML 1.0 allows', '\x7f\x85\x9f', '\x7f\x85\x9f', '\x7f\x85\x9f'],
];

describe('escaping (XML 1.0 2.2, 2.4, 2.11, 3.3.3)', () => {
  it.each(cases)('%s', (_what, text, inText, inAttribute) => {
    expect(escapeText(text)).toBe(inText);
    expect(escapeAttribute(text)).toBe(inAttribute);
  });

  it.each(cases)('a strict parser reads %s back, U+FFFD for what XML cannot hold', (_what, text) => {
    const legal = inTextOf(text);
    expect(argumentOf(`<VALUE>${escapeText(text)}</VALUE>`)).toBe(legal);
    expect(argumentOf(`<CLASSNAME NAME="${escapeAttribute(text)}"/>`)).toEqual({ kind: 'classPath', className: legal });
  });

  it('holds in every place that a text can reach', () => {
    const nasty = '"<&>\r\n\t\0\ud800]]>';
    const path = { kind: 'path' as const, host: nasty, namespace: 'a', className: nasty, keys: [] };
    const key = { name: nasty, type: 'string' as const, value: nasty };
    contentOf({ kind: 'objectPaths', items: [{ ...path, keys: [key] }] });
    contentOf({ kind: 'classNames', items: [nasty] });
    const shape = { className: nasty, properties: [{ name: nasty, type: 'string' as const, isArray: false }] };
    const instance = { kind: 'instance' as const, shape, values: [nasty] };
    contentOf({ kind: 'instance', item: instance, selection: { classOrigin: false } });
  });
});

function inTextOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, '\ufffd');
}
