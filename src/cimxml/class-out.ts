import type {
  CimClass,
  Flavor,
  MethodDeclaration,
  ParameterDeclaration,
  PropertyDeclaration,
  Qualifier,
  QualifierType,
} from '../cim/class.js';
import type { Selection } from '../cim/operation.js';
import type { CimType, CimValue } from '../cim/value.js';
import { escapeAttribute } from './escape.js';
import { encodeEmbeddedAttribute, encodeValue } from './value-out.js';

/** The flavors that differ from what the DTD takes for granted. */
function encodeFlavor({ overridable, tosubclass, translatable }: Flavor): string {
  return (
    (overridable ? '' : ' OVERRIDABLE="false"') +
    (tosubclass ? '' : ' TOSUBCLASS="false"') +
    (translatable ? ' TRANSLATABLE="true"' : '')
  );
}

function encodeQualifier({ name, type, value, flavor, propagated }: Qualifier): string {
  const attributes = `NAME="${escapeAttribute(name)}" TYPE="${type}" PROPAGATED="${propagated}"${encodeFlavor(flavor)}`;
  return `<QUALIFIER ${attributes}>${encodeValue(type, value)}</QUALIFIER>`;
}

function encodeAll<T>(items: Iterable<T>, encode: (item: T) => string): string {
  let out = '';
  for (const item of items) out += encode(item);
  return out;
}

const encodeQualifiers = (qualifiers: Iterable<Qualifier>): string => encodeAll(qualifiers, encodeQualifier);

const encodeArraySize = (size: number | undefined): string => (size === undefined ? '' : ` ARRAYSIZE="${size}"`);

const encodeReferenceClass = (name: string | undefined): string =>
  name === undefined ? '' : ` REFERENCECLASS="${escapeAttribute(name)}"`;

interface Inherited {
  readonly classOrigin: string;
  readonly propagated: boolean;
}

const encodeOrigin = ({ classOrigin, propagated }: Inherited, selection: Selection): string =>
  `${selection.classOrigin ? ` CLASSORIGIN="${escapeAttribute(classOrigin)}"` : ''} PROPAGATED="${propagated}"`;

/** A default that is written: references have none in a class, whatever the declaration says. */
const encodeDefault = (type: CimType, value: CimValue): string =>
  type === 'reference' ? '' : encodeValue(type, value);

function encodeProperty(property: PropertyDeclaration, selection: Selection): string {
  const { name, type, isArray, arraySize, referenceClass, embedded } = property;
  const reference = type === 'reference';
  const element = reference ? 'PROPERTY.REFERENCE' : isArray ? 'PROPERTY.ARRAY' : 'PROPERTY';
  const typing = reference ? encodeReferenceClass(referenceClass) : ` TYPE="${type}"`;
  const size = isArray && !reference ? encodeArraySize(arraySize) : '';
  const start = `<${element} NAME="${escapeAttribute(name)}"${typing}${size}${encodeOrigin(property, selection)}`;
  const content = encodeQualifiers(property.qualifiers) + encodeDefault(type, property.value);
  return `${start}${reference ? '' : encodeEmbeddedAttribute(embedded)}>${content}</${element}>`;
}

function encodeParameter(parameter: ParameterDeclaration): string {
  const { name, type, isArray, arraySize, referenceClass } = parameter;
  const reference = type === 'reference';
  const kind = reference ? (isArray ? '.REFARRAY' : '.REFERENCE') : isArray ? '.ARRAY' : '';
  const typing = reference ? encodeReferenceClass(referenceClass) : ` TYPE="${type}"`;
  const start = `<PARAMETER${kind} NAME="${escapeAttribute(name)}"${typing}${isArray ? encodeArraySize(arraySize) : ''}>`;
  return `${start}${encodeQualifiers(parameter.qualifiers)}</PARAMETER${kind}>`;
}

function encodeMethod(method: MethodDeclaration, selection: Selection): string {
  const type = method.returnType === 'reference' ? '' : ` TYPE="${method.returnType}"`;
  const start = `<METHOD NAME="${escapeAttribute(method.name)}"${type}${encodeOrigin(method, selection)}>`;
  return `${start}${encodeQualifiers(method.qualifiers)}${encodeAll(method.parameters, encodeParameter)}</METHOD>`;
}

/** CLASS with all that the value holds; the selection leaves out properties and class origins, never methods. */
export function encodeClass(item: CimClass, selection: Selection): string {
  const { name, superclass, qualifiers, properties, methods } = item;
  let out = `<CLASS NAME="${escapeAttribute(name)}"`;
  if (superclass !== undefined) out += ` SUPERCLASS="${escapeAttribute(superclass)}"`;
  out += `>${encodeQualifiers(qualifiers)}`;
  for (const property of properties)
    if (selection.properties?.has(property.name) ?? true) out += encodeProperty(property, selection);
  return `${out}${encodeAll(methods, (method) => encodeMethod(method, selection))}</CLASS>`;
}

/** QUALIFIER.DECLARATION with its SCOPE and default. */
export function encodeQualifierType(item: QualifierType): string {
  const { name, type, isArray, arraySize, scope, flavor, value } = item;
  const attributes = ` NAME="${escapeAttribute(name)}" TYPE="${type}" ISARRAY="${isArray}"${encodeArraySize(arraySize)}`;
  const scopes = [...scope].map((one) => ` ${one.toUpperCase()}="true"`).join('');
  const content = `<SCOPE${scopes}/>${encodeValue(type, value)}`;
  return `<QUALIFIER.DECLARATION${attributes}${encodeFlavor(flavor)}>${content}</QUALIFIER.DECLARATION>`;
}
