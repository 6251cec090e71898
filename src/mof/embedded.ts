import type { CimInstance, PropertyShape } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { CimScalar, CimType, CimValue } from '../cim/value.js';
import { MofError } from './error.js';
import { parse } from './parser.js';
import type { InstanceNode, Literal } from './syntax.js';

/** The types that literals are read as, before a class says what they are. */
const types: Readonly<Record<Exclude<Literal['kind'], 'array'>, CimType>> = {
  string: 'string',
  character: 'char16',
  integer: 'sint64',
  real: 'real64',
  boolean: 'boolean',
  null: 'string',
  alias: 'reference',
};

function scalar(literal: Literal, node: InstanceNode): CimScalar | null {
  if (literal.kind === 'null') return null;
  if ('value' in literal) return literal.value;
  const place = { source: node.source, offset: literal.offset };
  throw new MofError(place, 'a value was expected; an alias means nothing in an instance that stands alone');
}

function property(name: string, literal: Literal, node: InstanceNode): readonly [PropertyShape, CimValue] {
  if (literal.kind !== 'array') return [{ name, type: types[literal.kind], isArray: false }, scalar(literal, node)];
  const first = literal.items.find(({ kind }) => kind !== 'null');
  const type = first && first.kind !== 'array' ? types[first.kind] : 'string';
  return [{ name, type, isArray: true }, literal.items.map((item) => scalar(item, node))];
}

function instanceOf(node: InstanceNode): CimInstance {
  const found: (readonly [PropertyShape, CimValue])[] = [];
  for (const { name, value, offset } of node.values) {
    if (found.some(([known]) => sameName(known.name, name)))
      throw new MofError({ source: node.source, offset }, `${name} has a value already`);
    found.push(property(name, value, node));
  }
  const shape = { className: node.className, properties: found.map(([known]) => known) };
  return { kind: 'instance', shape, values: found.map(([, value]) => value) };
}

/** Whether a text begins as MOF does that declares instances. */
export const isInstanceText = (text: string): boolean => /^\s*(?:\/\/|\/\*|#pragma\b|instance\s+of\b)/i.test(text);

/**
 * The instances that a text declares (DSP0004 7.9), read without looking up their classes: numbers are what they look
 * like, and properties keep whatever name they have. `what` is what errors call the text. Throws MofError.
 */
export function readInstanceText(text: string, what: string): readonly CimInstance[] {
  const source = { file: what, text };
  const instances: CimInstance[] = [];
  for (const production of parse(source)) {
    if (production.kind === 'pragma') continue;
    if (production.kind !== 'instance')
      throw new MofError({ source, offset: production.offset }, 'the MOF of instances ("instance of …") was expected');
    instances.push(instanceOf(production));
  }
  return instances;
}
