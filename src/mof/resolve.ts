import type {
  CimClass,
  MethodDeclaration,
  ParameterDeclaration,
  PropertyDeclaration,
  Qualifier,
} from '../cim/class.js';
import { fold, NameMap, sameName } from '../cim/name.js';
import type { Embedded } from '../cim/value.js';
import { MofError } from './error.js';
import { readLiteral } from './literal.js';
import { inheritedQualifiers, type QualifierContext, resolveQualifiers } from './qualifier.js';
import type { ClassNode, MethodNode, ParameterNode, PropertyNode, QualifierUse } from './syntax.js';

/** What a class is resolved against: the qualifier types, its superclass, and whether another class is or descends from one. */
interface ClassContext extends QualifierContext {
  readonly node: ClassNode;
  readonly superclass: CimClass | undefined;
  /** Whether the class of that name is declared at all. */
  exists(name: string): boolean;
  isA(name: string, ancestor: string): boolean;
}

const textOf = (qualifiers: NameMap<Qualifier>, name: string): string | undefined => {
  const value = qualifiers.get(name)?.value;
  return typeof value === 'string' ? value : undefined;
};

const isTrue = (qualifiers: NameMap<Qualifier>, name: string): boolean => qualifiers.get(name)?.value === true;

interface EmbeddedShape {
  readonly embedded?: Embedded;
  readonly referenceClass?: string;
}

/** What EmbeddedInstance and EmbeddedObject make of a string (DSP0004 5.6.3.14, 5.6.3.15). */
function embeddedShape(
  node: { readonly name: string; readonly type: string; readonly offset: number },
  qualifiers: NameMap<Qualifier>,
  context: ClassContext,
): EmbeddedShape {
  const referenceClass = textOf(qualifiers, 'EmbeddedInstance');
  const embedded =
    referenceClass !== undefined ? 'instance' : isTrue(qualifiers, 'EmbeddedObject') ? 'object' : undefined;
  if (embedded === undefined) return {};
  const place = { source: context.source, offset: node.offset };
  if (node.type !== 'string') throw new MofError(place, `${node.name} embeds an ${embedded} and must be a string`);
  if (referenceClass === undefined) return { embedded };
  requireClass(referenceClass, node.offset, context);
  return { embedded, referenceClass };
}

function requireClass(name: string, offset: number, context: ClassContext): void {
  if (!context.exists(name))
    throw new MofError(
      { source: context.source, offset },
      `there is no class ${name}: the name of a class was expected`,
    );
}

/** The Override qualifier's place in a list, or the element's own (DSP0004 5.6.3.34). */
function checkOverride(
  node: { readonly name: string; readonly offset: number; readonly qualifiers: readonly QualifierUse[] },
  qualifiers: NameMap<Qualifier>,
  overridden: boolean,
  context: ClassContext,
): void {
  const use = node.qualifiers.find((one) => sameName(one.name, 'Override'));
  const place = { source: context.source, offset: use?.offset ?? node.offset };
  if (!use) {
    if (!overridden) return;
    throw new MofError(place, `the superclass has ${node.name} too: Override ("${node.name}") was expected`);
  }
  const named = textOf(qualifiers, 'Override') ?? node.name;
  if (!sameName(named, node.name))
    throw new MofError(place, `Override ("${node.name}") was expected, not "${named}": what overrides keeps the name`);
  if (!overridden) throw new MofError(place, `no superclass of ${context.node.name} has a ${node.name} to override`);
}

function checkType(node: PropertyNode, overridden: PropertyDeclaration, context: ClassContext): void {
  const place = { source: context.source, offset: node.offset };
  const shown = (type: string, isArray: boolean): string => type + (isArray ? '[]' : '');
  if (node.type !== overridden.type || node.isArray !== overridden.isArray)
    throw new MofError(
      place,
      `${node.name} is ${shown(node.type, node.isArray)}, where ${shown(overridden.type, overridden.isArray)} was expected, as in ${overridden.classOrigin}`,
    );
  const [below, above] = [node.referenceClass, overridden.referenceClass];
  if (node.type === 'reference' && below && above && !context.isA(below, above))
    throw new MofError(
      place,
      `${node.name} leads to ${below}, where ${above} or a subclass was expected, as in ${overridden.classOrigin}`,
    );
}

function resolveProperty(node: PropertyNode, context: ClassContext): PropertyDeclaration {
  const { name, type, isArray, source } = { ...node, source: context.source };
  const overridden = context.superclass?.properties.get(name);
  const isReference = type === 'reference';
  if (isReference && isArray)
    throw new MofError({ source, offset: node.offset }, `the reference ${name} must be a single one, not an array`);
  const scope = isReference ? 'reference' : 'property';
  const qualifiers = resolveQualifiers(node.qualifiers, scope, overridden?.qualifiers, context);
  checkOverride(node, qualifiers, overridden !== undefined, context);
  if (overridden) checkType(node, overridden, context);
  if (node.referenceClass !== undefined) requireClass(node.referenceClass, node.offset, context);
  const arraySize = node.arraySize ?? overridden?.arraySize;
  return {
    name,
    type,
    isArray,
    ...(arraySize !== undefined && { arraySize }),
    ...(node.referenceClass !== undefined && { referenceClass: node.referenceClass }),
    ...embeddedShape(node, qualifiers, context),
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
  const { name, type, isArray, arraySize, referenceClass } = node;
  const qualifiers = resolveQualifiers(node.qualifiers, 'parameter', overridden?.qualifiers, context);
  if (referenceClass !== undefined) requireClass(referenceClass, node.offset, context);
  return {
    name,
    type,
    isArray,
    ...(arraySize !== undefined && { arraySize }),
    ...(referenceClass !== undefined && { referenceClass }),
    ...embeddedShape(node, qualifiers, context),
    qualifiers,
  };
}

function resolveMethod(node: MethodNode, context: ClassContext): MethodDeclaration {
  const { name, returnType } = node;
  const overridden = context.superclass?.methods.get(name);
  const qualifiers = resolveQualifiers(node.qualifiers, 'method', overridden?.qualifiers, context);
  checkOverride(node, qualifiers, overridden !== undefined, context);
  if (overridden && overridden.returnType !== returnType)
    throw new MofError(
      { source: context.source, offset: node.offset },
      `${name} returns ${returnType}, where ${overridden.returnType} was expected, as in ${overridden.classOrigin}`,
    );
  const parameters = new NameMap<ParameterDeclaration>();
  for (const one of node.parameters) {
    if (parameters.has(one.name))
      throw new MofError({ source: context.source, offset: one.offset }, `${name} has a parameter ${one.name} already`);
    parameters.set(one.name, resolveParameter(one, overridden?.parameters.get(one.name), context));
  }
  const { embedded } = embeddedShape({ ...node, type: returnType }, qualifiers, context);
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

const inheritedElements = new WeakMap<object, object>();

/** The property or method as a subclass inherits it: the same object for all subclasses. */
function inherit<E extends PropertyDeclaration | MethodDeclaration>(element: E): E {
  if (element.propagated) return element;
  const known = inheritedElements.get(element) as E | undefined;
  if (known) return known;
  const parameters = 'parameters' in element && {
    parameters: new NameMap(
      [...element.parameters].map((one) => [one.name, { ...one, qualifiers: inheritedQualifiers(one.qualifiers) }]),
    ),
  };
  const inherited: E = {
    ...element,
    ...parameters,
    qualifiers: inheritedQualifiers(element.qualifiers),
    propagated: true,
  };
  inheritedElements.set(element, inherited);
  return inherited;
}

/** The superclass's elements, then the class's own; one that overrides takes the place of the other. */
function elements<N extends PropertyNode | MethodNode, E extends PropertyDeclaration | MethodDeclaration>(
  nodes: readonly N[],
  above: Iterable<E> | undefined,
  resolve: (node: N, context: ClassContext) => E,
  context: ClassContext,
): NameMap<E> {
  const result = new NameMap<E>();
  for (const element of above ?? []) result.set(element.name, inherit(element));
  const own = new Set<string>();
  for (const node of nodes) {
    if (own.has(fold(node.name)))
      throw new MofError(
        { source: context.source, offset: node.offset },
        `${context.node.name} has a ${node.name} already`,
      );
    own.add(fold(node.name));
    result.set(node.name, resolve(node, context));
  }
  return result;
}

const isProperty = (node: PropertyNode | MethodNode): node is PropertyNode => node.kind === 'property';
const isMethod = (node: PropertyNode | MethodNode): node is MethodNode => node.kind === 'method';

/** The names of the keys in the order of their folded names, in which paths write them. */
function keysOf(properties: NameMap<PropertyDeclaration>): readonly string[] {
  const names = [...properties].filter((property) => property.key).map((property) => property.name);
  return names.sort((a, b) => (fold(a) < fold(b) ? -1 : 1));
}

function scopeOf(node: ClassNode, superclass: CimClass | undefined): 'class' | 'association' | 'indication' {
  const has = (name: string): boolean =>
    node.qualifiers.some((use) => sameName(use.name, name) && !(use.value?.kind === 'boolean' && !use.value.value));
  if (superclass?.isAssociation || has('Association')) return 'association';
  return superclass?.isIndication || has('Indication') ? 'indication' : 'class';
}

/** A class with all it inherits; MofError where it contradicts its superclass or names what is not there. DSP0004 5.1. */
export function resolveClass(context: ClassContext): CimClass {
  const { node, superclass, source } = context;
  if (superclass && isTrue(superclass.qualifiers, 'Terminal'))
    throw new MofError(
      { source, offset: node.superclassOffset },
      `${superclass.name} is Terminal and can have no subclass`,
    );
  const scope = scopeOf(node, superclass);
  const qualifiers = resolveQualifiers(node.qualifiers, scope, superclass?.qualifiers, context);
  const properties = elements(node.features.filter(isProperty), superclass?.properties, resolveProperty, context);
  const methods = elements(node.features.filter(isMethod), superclass?.methods, resolveMethod, context);
  return {
    kind: 'class',
    name: node.name,
    ...(superclass && { superclass: superclass.name }),
    isAssociation: scope === 'association',
    isIndication: scope === 'indication',
    isAbstract: isTrue(qualifiers, 'Abstract'),
    qualifiers,
    properties,
    methods,
    keys: keysOf(properties),
  };
}
