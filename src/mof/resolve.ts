import type { CimClass, MethodDeclaration, PropertyDeclaration, Scope } from '../cim/class.js';
import { fold, NameMap, sameName } from '../cim/name.js';
import { type ClassContext, isTrue, refuse } from './class-context.js';
import { inherit, resolveMethod, resolveProperty } from './element.js';
import { resolveQualifiers } from './qualifier.js';
import type { ClassNode, MethodNode, PropertyNode } from './syntax.js';

/** The superclass's elements, then the class's own; one that overrides takes the place of the other. */
function elements<N extends PropertyNode | MethodNode, E extends PropertyDeclaration | MethodDeclaration>(
  nodes: readonly N[],
  above: Iterable<E>,
  resolve: (node: N, context: ClassContext) => E,
  context: ClassContext,
): NameMap<E> {
  const result = new NameMap<E>();
  for (const element of above) result.set(element.name, inherit(element));
  const own = new Set<string>();
  for (const node of nodes) {
    if (own.has(fold(node.name))) refuse(context, node.offset, `${context.node.name} has a ${node.name} already`);
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

function scopeOf(node: ClassNode, superclass: CimClass | undefined): Scope {
  const has = (name: string): boolean =>
    node.qualifiers.some((use) => sameName(use.name, name) && !(use.value?.kind === 'boolean' && !use.value.value));
  if (superclass?.isAssociation || has('Association')) return 'association';
  return superclass?.isIndication || has('Indication') ? 'indication' : 'class';
}

/** What holds of a class as a whole (DSP0004 7.6.2, 7.6.4, 7.7). */
function checkClass(made: CimClass, context: ClassContext): void {
  const { node, superclass } = context;
  if (superclass && isTrue(superclass.qualifiers, 'Terminal'))
    refuse(context, node.superclassOffset, `${superclass.name} is Terminal and can have no subclass`);
  if (superclass && made.isAssociation && !superclass.isAssociation)
    refuse(context, node.superclassOffset, `${superclass.name} is no association: the superclass of one must be one`);
  for (const feature of node.features.filter(isProperty)) {
    if (feature.type === 'reference' && !made.isAssociation)
      refuse(context, feature.offset, `${made.name} is no association: a reference was not expected`);
    const added = superclass?.keys.length && !superclass.keys.some((key) => sameName(key, feature.name));
    if (added && made.properties.get(feature.name)?.key)
      refuse(context, feature.offset, `${superclass.name} has keys: ${feature.name} can be none beside them`);
  }
  const references = [...made.properties].filter((property) => property.type === 'reference').length;
  if (made.isAssociation && references < 2)
    refuse(context, node.offset, `an association has two references or more: ${made.name} has ${references}`);
}

/** A class with all it inherits; MofError where it contradicts its superclass or names what is not there. DSP0004 5.1. */
export function resolveClass(context: ClassContext): CimClass {
  const { node, superclass } = context;
  const scope = scopeOf(node, superclass);
  const qualifiers = resolveQualifiers(node.qualifiers, scope, superclass?.qualifiers, context);
  const properties = elements(node.features.filter(isProperty), superclass?.properties ?? [], resolveProperty, context);
  const made: CimClass = {
    kind: 'class',
    name: node.name,
    ...(superclass && { superclass: superclass.name }),
    isAssociation: scope === 'association',
    isIndication: scope === 'indication',
    isAbstract: isTrue(qualifiers, 'Abstract'),
    qualifiers,
    properties,
    methods: elements(node.features.filter(isMethod), superclass?.methods ?? [], resolveMethod, context),
    keys: keysOf(properties),
  };
  checkClass(made, context);
  return made;
}
