import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { defaultLimits } from '../../src/cimxml/limit.js';
import { type Node, readTree } from '../../src/cimxml/node.js';
import { runs } from './runs.js';

/*
 * A second reader of XML as a differential oracle (decisions.md 2): for well-formed text the tree that we read, the one
 * that fast-xml-parser reads, and the one that the text was made from are the same.
 */

const many = runs(1000, 100_000);

interface Tree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Tree[];
  readonly text: string;
}

/** A text and one of the ways to write it down. */
interface Written {
  readonly text: string;
  readonly xml: string;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const characters = fc.string({
  unit: fc.constantFrom(
    'a',
    'Z',
    '0',
    ' ',
    '  ',
    '<',
    '>',
    '&',
    '"',
    "'",
    ']',
    'é',
    '€',
    '😀',
    ';',
    '#',
    '%',
    '-',
    '=',
  ),
  maxLength: 8,
});
const inAttribute: fc.Arbitrary<Written> = characters.map((text) => ({ text, xml: escaped(text) }));
const inElement: fc.Arbitrary<Written> = fc
  .array(
    fc.oneof(
      characters.map((text) => ({ text, xml: escaped(text) })),
      characters.filter((text) => !text.includes(']]>')).map((text) => ({ text, xml: `<![CDATA[${text}]]>` })),
      fc.constant({ text: '', xml: '<!-- a comment -->' }),
    ),
    { maxLength: 3 },
  )
  .map((parts) => ({ text: parts.map((p) => p.text).join(''), xml: parts.map((p) => p.xml).join('') }));

const attributes = fc.uniqueArray(
  fc.tuple(fc.constantFrom('NAME', 'TYPE', 'CLASSNAME', 'xml:lang', 'EmbeddedObject'), inAttribute),
  { maxLength: 3, selector: ([name]) => name },
);

interface Pair {
  readonly tree: Tree;
  readonly xml: string;
}

function pair(
  name: string,
  list: readonly (readonly [string, Written])[],
  text: Written,
  children: readonly Pair[],
): Pair {
  const start = `<${name}${list.map(([n, v]) => ` ${n}="${v.xml}"`).join('')}`;
  const content = text.xml + children.map(({ xml }) => xml).join('');
  return {
    tree: {
      name,
      attributes: Object.fromEntries(list.map(([n, v]) => [n, v.text])),
      children: children.map(({ tree }) => tree),
      text: text.text,
    },
    xml: content === '' ? `${start}/>` : `${start}>${content}</${name}>`,
  };
}

const document = fc.letrec<{ node: Pair }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium', maxDepth: 6 },
    fc
      .tuple(fc.constantFrom('VALUE', 'KEYVALUE', 'HOST'), attributes, inElement)
      .map(([name, list, text]) => pair(name, list, text, [])),
    fc
      .tuple(
        fc.constantFrom('CIM', 'MESSAGE', 'VALUE.ARRAY', 'INSTANCE'),
        attributes,
        fc.array(tie('node'), { maxLength: 4 }),
      )
      .map(([name, list, children]) => pair(name, list, { text: '', xml: '' }, children)),
  ),
})).node;

const oracle = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

type Parsed = Record<string, unknown>;

/** The oracle's own kind of tree as ours. */
function fromOracle(node: Parsed): Tree {
  const name = Object.keys(node).find((key) => key !== ':@')!;
  const content = node[name] as readonly Parsed[];
  const texts = content.filter((item) => '#text' in item).map((item) => String(item['#text']));
  return {
    name,
    attributes: { ...(node[':@'] as Record<string, string> | undefined) },
    children: content.filter((item) => !('#text' in item)).map(fromOracle),
    text: texts.join(''),
  };
}

const fromOurs = ({ name, attributes: own, children, text }: Node): Tree => ({
  name,
  attributes: { ...own },
  children: children.map(fromOurs),
  text,
});

it('reads well-formed XML as fast-xml-parser does', { timeout: 900_000 }, () => {
  fc.assert(
    fc.property(document, ({ tree, xml }) => {
      expect(fromOurs(readTree({ text: xml, encoding: 'utf-8' }, defaultLimits))).toEqual(tree);
      expect(fromOracle((oracle.parse(xml) as Parsed[])[0]!)).toEqual(tree);
    }),
    many,
  );
});
