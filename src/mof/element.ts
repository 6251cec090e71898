import type { MethodDeclaration, ParameterDeclaration, PropertyDeclaration, Qualifier } from '../cim/class.js';
import { NameMap } from '../cim/name.js';
import type { Embedded } from '../cim/value.js';
import { type ClassContext, isTrue, refuse, requireClass, textOf } from './class-context.js';
import { readLiteral } from './literal.js';
import { checkOverride, checkPropertyType, checkSignature } from './override.js';
import { inheritedQualifiers, resolveQualifiers } from './qualifier.js';
import type { MethodNode, ParameterNode, PropertyNode } from './syntax.js';

/** What an element refers to or embeds, beside its type. */
interface Target {
  readonly referenceClass?: string;
  readonly embedded?: Embedded;
}

interface Typed {
  readonly name: string;
  readonly type: string;
  readonly referenceClass?: string;
  readonly offset: number;
}

/** Of a reference its class; of a string what EmbeddedInstance and EmbeddedObject say (DSP0004 5.6.3). */
function targetOf(node: Typed, qualifiers: NameMap<Qualifier>, context: ClassContext): Target {
  const { name, type, offset } = node;
  const embedded = textOf(qualifiers, 'EmbeddedInstance');
  const isObject = isTrue(qualifiers, 'EmbeddedObject');
  if ((embedded !== undefined || isObject) && type !== 'string')
    refuse(context, offset, `${name} is a ${type}: what embeds an instance or object is a string`);
  const referenceClass = node.referenceClass ?? embedded;
  requireClass(referenceClass, offset, context);
  if (embedded !== undefined) return { embedded: 'instance', referenceClass: embedded };
  return { ...(isObject && { embedded: 'object' }), ...(referenceClass !== undefined && { referenceClass }) };
}

/** A property or reference as its class declares it; MofError where it contradicts the one it overrides. */
export function resolveProperty(node: PropertyNode, context: ClassContext): PropertyDeclaration {
  const { name, type, isArray, offset } = node;
  const overridden = context.superclass?.properties.get(name);
  if (type === 'reference' && isArray) refuse(context, offset, `the reference ${name} must be single, not an array`);
  const scope = type === 'reference' ? 'reference' : 'property';
  const qualifiers = resolveQualifiers(node.qualifiers, scope, overridden?.qualifiers, context);
  checkOverride(node, qualifiers, overridden !== undefined, context);
  if (overridden) checkPropertyType(node, overridden, context);
  const arraySize = node.arraySize ?? overridden?.arraySize;
  return {
    name,
    type,
    isArray,
    ...(arraySize !== undefined && { arraySize }),
    ...targetOf(node, qualifiers, context),
    qualifiers,
    value: node.value ? readLiteral(node.value, node, context) : (overridden?.value ?? null),
    key: isTrue(qualifiers, 'Key'),
    classOrigin: context.node.name,
    propagated: false,
  };
}

function resolveParameter(
  node: ParameterNode,
  overridden: ParameterDeclaration | undefined,
  context: ClassContext,
): ParameterDeclaration {
  const { name, type, isArray, arraySize } = node;
  const qualifiers = resolveQualifiers(node.qualifiers, 'parameter', overridden?.qualifiers, context);
  const size = arraySize !== undefined && { arraySize };
  return { name, type, isArray, ...size, ...targetOf(node, qualifiers, context), qualifiers };
}

/** A method as its class declares it; MofError where it contradicts the one it overrides. */
export function resolveMethod(node: MethodNode, context: ClassContext): MethodDeclaration {
  const { name, returnType } = node;
  const overridden = context.superclass?.methods.get(name);
  const qualifiers = resolveQualifiers(node.qualifiers, 'method', overridden?.qualifiers, context);
  checkOverride(node, qualifiers, overridden !== undefined, context);
  if (overridden) checkSignature(node, overridden, context);
  const parameters = new NameMap<ParameterDeclaration>();
  for (const one of node.parameters) {
    if (parameters.has(one.name)) refuse(context, one.offset, `${name} has a parameter ${one.name} already`);
    parameters.set(one.name, resolveParameter(one, overridden?.parameters.get(one.name), context));
  }
  const { embedded } = targetOf({ ...node, type: returnType }, qualifiers, context);
  return {
    name,
    returnType,
    ...(embedded && { returnEmbedded: embedded }),
    parameters,
    qualifiers,
    classOrigin: context.node.name,
    propagated: false,
  };
}

const inherited = new WeakMap<object, object>();

/** The property or method as a subclass inherits it: one object for all subclasses. */
export function inherit<E extends PropertyDeclaration | MethodDeclaration>(element: E): E {
  if (element.propagated) return element;
  const known = inherited.get(element) as E | undefined;
  if (known) return known;
  const parameters = 'parameters' in element && {
    parameters: new NameMap(
      [...element.parameters].map((one) => [one.name, { ...one, qualifiers: inheritedQualifiers(one.qualifiers) }]),
    ),
  };
  const made: E = { ...element, ...parameters, qualifiers: inheritedQualifiers(element.qualifiers), propagated: true };
  inherited.set(element, made);
  return made;
}
