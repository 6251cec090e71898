import {
  type CimClass,
  type Flavor,
  type MethodDeclaration,
  type ParameterDeclaration,
  type PropertyDeclaration,
  type Qualifier,
  type QualifierType,
  type Scope,
  scopes,
} from '../cim/class.js';
import { fold, NameMap } from '../cim/name.js';
import type { CimType } from '../cim/value.js';
import { embeddedOf, fault, flag, required, typeNamed, valueType } from './fault.js';
import type { DecodeLimits } from './limit.js';
import { type Node, wrongChild } from './node.js';
import { quoted } from './refusal.js';
import { readOptionalValue } from './value-in.js';

const readFlavor = (node: Node): Flavor => ({
  overridable: flag(node, 'OVERRIDABLE', true),
  tosubclass: flag(node, 'TOSUBCLASS', true),
  translatable: flag(node, 'TRANSLATABLE', false),
});

function readQualifier(node: Node, limits: DecodeLimits): Qualifier {
  const type = valueType(node);
  const isArray = node.children[0]?.name === 'VALUE.ARRAY';
  return {
    name: required(node, 'NAME'),
    type,
    isArray,
    value: readOptionalValue(node, node.children, isArray ? 'VALUE.ARRAY' : 'VALUE', { type }, limits),
    flavor: readFlavor(node),
    propagated: flag(node, 'PROPAGATED', false),
  };
}

/** Named elements as a map; a name that comes twice is a fault. */
function mapOf<T extends { readonly name: string }>(node: Node, items: readonly T[]): NameMap<T> {
  const map = new NameMap<T>();
  for (const item of items) {
    if (map.has(item.name)) throw fault(`${node.name} has ${quoted(item.name)} twice`);
    map.set(item.name, item);
  }
  return map;
}

const named = (node: Node, name: string): readonly Node[] => node.children.filter((child) => child.name === name);

const readQualifiers = (node: Node, limits: DecodeLimits): NameMap<Qualifier> =>
  mapOf(
    node,
    named(node, 'QUALIFIER').map((child) => readQualifier(child, limits)),
  );

/** Whether the element has the boolean qualifier, and it is true. */
const qualifiedAs = (qualifiers: NameMap<Qualifier>, name: string): boolean => qualifiers.get(name)?.value === true;

function readArraySize(node: Node): { readonly arraySize?: number } {
  const text = node.attributes['ARRAYSIZE'];
  if (text === undefined) return {};
  if (/^\d{1,9}$/.test(text)) return { arraySize: Number(text) };
  throw fault(`ARRAYSIZE of ${node.name} has to be a number, not ${quoted(text)}`);
}

interface Kind {
  readonly isReference: boolean;
  readonly isArray: boolean;
}

/** The elements that declare properties or parameters, by what they declare. */
const propertyKinds: ReadonlyMap<string, Kind> = new Map([
  ['PROPERTY', { isReference: false, isArray: false }],
  ['PROPERTY.ARRAY', { isReference: false, isArray: true }],
  ['PROPERTY.REFERENCE', { isReference: true, isArray: false }],
]);
const parameterKinds: ReadonlyMap<string, Kind> = new Map([
  ['PARAMETER', { isReference: false, isArray: false }],
  ['PARAMETER.ARRAY', { isReference: false, isArray: true }],
  ['PARAMETER.REFERENCE', { isReference: true, isArray: false }],
  ['PARAMETER.REFARRAY', { isReference: true, isArray: true }],
]);

function readParameter(node: Node, { isReference, isArray }: Kind, limits: DecodeLimits): ParameterDeclaration {
  const { REFERENCECLASS: referenceClass } = node.attributes;
  const embedded = embeddedOf(node);
  return {
    name: required(node, 'NAME'),
    type: isReference ? 'reference' : valueType(node),
    isArray,
    ...readArraySize(node),
    ...(referenceClass && { referenceClass }),
    ...(embedded && { embedded }),
    qualifiers: readQualifiers(node, limits),
  };
}

const readOrigin = (node: Node, className: string) => ({
  classOrigin: node.attributes['CLASSORIGIN'] ?? className,
  propagated: flag(node, 'PROPAGATED', false),
});

function readProperty(node: Node, kind: Kind, className: string, limits: DecodeLimits): PropertyDeclaration {
  const parameter = readParameter(node, kind, limits);
  const wanted = kind.isReference ? 'VALUE.REFERENCE' : kind.isArray ? 'VALUE.ARRAY' : 'VALUE';
  const rest = node.children.filter(({ name }) => name !== 'QUALIFIER');
  return {
    ...parameter,
    value: readOptionalValue(node, rest, wanted, parameter, limits),
    key: qualifiedAs(parameter.qualifiers, 'Key'),
    ...readOrigin(node, className),
  };
}

function readMethod(node: Node, className: string, limits: DecodeLimits): MethodDeclaration {
  const parameters = node.children.filter(({ name }) => name !== 'QUALIFIER');
  const typeName = node.attributes['TYPE'];
  const returnType: CimType = typeName === undefined ? 'uint32' : typeNamed(typeName);
  return {
    name: required(node, 'NAME'),
    returnType,
    parameters: mapOf(
      node,
      parameters.map((child) => {
        const kind = parameterKinds.get(child.name);
        if (!kind) throw fault(wrongChild(node, child, 'a PARAMETER'));
        return readParameter(child, kind, limits);
      }),
    ),
    qualifiers: readQualifiers(node, limits),
    ...readOrigin(node, className),
  };
}

const keysOf = (properties: NameMap<PropertyDeclaration>): readonly string[] =>
  [...properties]
    .filter(({ key }) => key)
    .map(({ name }) => name)
    .sort((a, b) => (fold(a) < fold(b) ? -1 : 1));

/** CLASS, with what the element itself says; nothing is inherited here. */
export function readClass(node: Node, limits: DecodeLimits): CimClass {
  const name = required(node, 'NAME');
  const { SUPERCLASS: superclass } = node.attributes;
  const properties: PropertyDeclaration[] = [];
  const methods: MethodDeclaration[] = [];
  for (const child of node.children) {
    const kind = propertyKinds.get(child.name);
    if (kind) properties.push(readProperty(child, kind, name, limits));
    else if (child.name === 'METHOD') methods.push(readMethod(child, name, limits));
    else if (child.name !== 'QUALIFIER') throw fault(wrongChild(node, child, 'a qualifier, property or method'));
  }
  const qualifiers = readQualifiers(node, limits);
  const propertyMap = mapOf(node, properties);
  return {
    kind: 'class',
    name,
    ...(superclass && { superclass }),
    isAssociation: qualifiedAs(qualifiers, 'Association'),
    isIndication: qualifiedAs(qualifiers, 'Indication'),
    isAbstract: qualifiedAs(qualifiers, 'Abstract'),
    qualifiers,
    properties: propertyMap,
    methods: mapOf(node, methods),
    keys: keysOf(propertyMap),
  };
}

function readScope(node: Node | undefined): ReadonlySet<Scope> {
  if (!node) return new Set();
  return new Set(scopes.filter((scope) => flag(node, scope.toUpperCase(), false)));
}

/** QUALIFIER.DECLARATION. */
export function readQualifierType(node: Node, limits: DecodeLimits): QualifierType {
  const type = valueType(node);
  const rest = node.children.filter(({ name }) => name !== 'SCOPE');
  const isArray = flag(node, 'ISARRAY', rest[0]?.name === 'VALUE.ARRAY');
  return {
    name: required(node, 'NAME'),
    type,
    isArray,
    ...readArraySize(node),
    value: readOptionalValue(node, rest, isArray ? 'VALUE.ARRAY' : 'VALUE', { type }, limits),
    scope: readScope(named(node, 'SCOPE')[0]),
    flavor: readFlavor(node),
  };
}
