import type { CimClass } from '../cim/class.js';
import type { CimInstance } from '../cim/instance.js';
import type { InstancePath } from '../cim/path.js';
import type { CimScalar, CimType, CimValue, Embedded } from '../cim/value.js';
import { readClass } from './class-in.js';
import { fault, noChildren, onlyChild } from './fault.js';
import { readInstance } from './instance-in.js';
import type { DecodeLimits } from './limit.js';
import { type Node, readTree, wrongChild } from './node.js';
import { readInstanceReference } from './path-in.js';
import { RequestRefusal } from './refusal.js';
import { readScalar } from './scalar-in.js';

/** INSTANCE or CLASS. */
export function readObject(node: Node, limits: DecodeLimits): CimInstance | CimClass {
  if (node.name === 'INSTANCE') return readInstance(node, limits);
  if (node.name === 'CLASS') return readClass(node, limits);
  throw fault(`${node.name} stands where an INSTANCE or CLASS belongs`);
}

/** The object that a text embeds (DSP0201 5.2.2.2): CIM-XML in CIM-XML, read as strictly as the request around it. */
export function readEmbedded(text: string, limits: DecodeLimits): CimInstance | CimClass {
  if (limits.nesting === 0) throw fault('embedded objects lie too deep in one another');
  try {
    return readObject(readTree({ text: text.trim(), encoding: 'utf-8' }, limits), {
      ...limits,
      nesting: limits.nesting - 1,
    });
  } catch (reason) {
    if (!(reason instanceof RequestRefusal)) throw reason;
    throw fault(`an embedded object cannot be read: ${reason.message}`);
  }
}

const requireInstance = (object: CimInstance | CimClass): CimInstance => {
  if (object.kind === 'instance') return object;
  throw fault(`the class ${object.name} is embedded where an instance belongs`);
};

/** What a VALUE holds that is, or may be, an object: given as an element of its own, as old clients do, or as text. */
export function readValueObject(node: Node, embedded: Embedded | undefined, limits: DecodeLimits) {
  const object =
    node.children.length > 0 ? readObject(onlyObject(node), limits) : embedded && readEmbedded(node.text, limits);
  return object && embedded === 'instance' ? requireInstance(object) : object;
}

function onlyObject(node: Node): Node {
  if (node.text.trim() !== '') throw fault('a VALUE holds text and elements at once');
  return onlyChild(node, 'INSTANCE');
}

/** The items of a VALUE.ARRAY, each read by `read`; VALUE.NULL is null. */
export function readItems<T>(node: Node, element: string, read: (item: Node) => T): (T | null)[] {
  return node.children.map((child) => {
    if (child.name === element) return read(child);
    if (child.name !== 'VALUE.NULL') throw fault(wrongChild(node, child, element));
    noChildren(child);
    return null;
  });
}

/** How the text of a value is to be read. */
export interface Reading {
  readonly type: CimType;
  readonly embedded?: Embedded | undefined;
}

/** VALUE. */
export function readValue(node: Node, { type, embedded }: Reading, limits: DecodeLimits): CimScalar {
  return readValueObject(node, embedded, limits) ?? readScalar(type, node.text);
}

/** VALUE, VALUE.ARRAY or VALUE.REFERENCE among the children of an element, or NULL where it has none of them. */
export function readOptionalValue(
  node: Node,
  children: readonly Node[],
  wanted: 'VALUE' | 'VALUE.ARRAY' | 'VALUE.REFERENCE',
  reading: Reading,
  limits: DecodeLimits,
): CimValue {
  const [child, second] = children;
  if (!child) return null;
  if (child.name !== wanted || second) throw fault(wrongChild(node, second ?? child, wanted));
  if (wanted === 'VALUE.ARRAY') return readItems<CimScalar>(child, 'VALUE', (item) => readValue(item, reading, limits));
  return wanted === 'VALUE' ? readValue(child, reading, limits) : readInstanceReference(child);
}

/** VALUE.REFARRAY, of instances. */
export const readReferences = (node: Node): (InstancePath | null)[] =>
  readItems(node, 'VALUE.REFERENCE', readInstanceReference);
