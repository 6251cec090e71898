import type { CimInstance, PropertyShape } from '../cim/instance.js';
import { NameSet } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import { embeddedOf, exactChildren, fault, flag, required, valueType } from './fault.js';
import type { DecodeLimits } from './limit.js';
import { type Node, wrongChild } from './node.js';
import { readInstanceName } from './path-in.js';
import { quoted } from './refusal.js';
import { readOptionalValue } from './value-in.js';

type Property = readonly [shape: PropertyShape, value: CimValue];

/** What a property element says of itself beside name and type. */
function provenance(node: Node) {
  const { CLASSORIGIN: classOrigin, PROPAGATED } = node.attributes;
  return {
    ...(classOrigin === undefined ? {} : { classOrigin }),
    ...(PROPAGATED === undefined ? {} : { propagated: flag(node, 'PROPAGATED', false) }),
  };
}

/** What follows the qualifiers, which have no meaning on an instance (DSP0200 5.4.2.2, deprecated). */
const afterQualifiers = (node: Node): readonly Node[] => node.children.filter(({ name }) => name !== 'QUALIFIER');

function readPlain(node: Node, isArray: boolean, limits: DecodeLimits): Property {
  const type = valueType(node);
  const embedded = embeddedOf(node);
  const name = required(node, 'NAME');
  const value = readOptionalValue(
    node,
    afterQualifiers(node),
    isArray ? 'VALUE.ARRAY' : 'VALUE',
    { type, embedded },
    limits,
  );
  return [{ name, type, isArray, ...(embedded && { embedded }), ...provenance(node) }, value];
}

function readReferenceProperty(node: Node, limits: DecodeLimits): Property {
  const { REFERENCECLASS: referenceClass } = node.attributes;
  const type = 'reference';
  const value = readOptionalValue(node, afterQualifiers(node), 'VALUE.REFERENCE', { type }, limits);
  const name = required(node, 'NAME');
  return [{ name, type, isArray: false, ...(referenceClass && { referenceClass }), ...provenance(node) }, value];
}

type Read = (node: Node, limits: DecodeLimits) => Property;

const readers: ReadonlyMap<string, Read> = new Map<string, Read>([
  ['PROPERTY', (node, limits) => readPlain(node, false, limits)],
  ['PROPERTY.ARRAY', (node, limits) => readPlain(node, true, limits)],
  ['PROPERTY.REFERENCE', readReferenceProperty],
]);

/** INSTANCE, its values read by the types it gives itself; its shape is its own. */
export function readInstance(node: Node, limits: DecodeLimits): CimInstance {
  const className = required(node, 'CLASSNAME');
  const properties: PropertyShape[] = [];
  const values: CimValue[] = [];
  for (const child of afterQualifiers(node)) {
    const read = readers.get(child.name);
    if (!read) throw fault(wrongChild(node, child, 'a property'));
    const [shape, value] = read(child, limits);
    properties.push(shape);
    values.push(value);
  }
  if (new NameSet(properties.map(({ name }) => name)).size < properties.length)
    throw fault(`an instance of ${quoted(className)} has a property twice`);
  return { kind: 'instance', shape: { className, properties }, values };
}

/** VALUE.NAMEDINSTANCE: an instance with its path. */
export function readNamedInstance(node: Node, limits: DecodeLimits): CimInstance {
  const [name, instance] = exactChildren(node, 'INSTANCENAME', 'INSTANCE');
  return { ...readInstance(instance!, limits), path: readInstanceName(name!) };
}
