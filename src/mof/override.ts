import type { MethodDeclaration, ParameterDeclaration, PropertyDeclaration, Qualifier } from '../cim/class.js';
import { type NameMap, sameName } from '../cim/name.js';
import { type ClassContext, refuse, textOf } from './class-context.js';
import type { MethodNode, ParameterNode, PropertyNode } from './syntax.js';

interface Typed {
  readonly type: string;
  readonly isArray: boolean;
}

const shown = ({ type, isArray }: Typed): string => type + (isArray ? '[]' : '');

const sameType = (a: Typed, b: Typed): boolean => a.type === b.type && a.isArray === b.isArray;

/** Refuses what has the name of an inherited element without overriding it, and an Override of nothing (DSP0004 5.6.3, Override). */
export function checkOverride(
  node: PropertyNode | MethodNode,
  qualifiers: NameMap<Qualifier>,
  overrides: boolean,
  context: ClassContext,
): void {
  const use = node.qualifiers.find((one) => sameName(one.name, 'Override'));
  if (!use) {
    if (overrides)
      refuse(context, node.offset, `a superclass has ${node.name} too: Override ("${node.name}") was expected`);
    return;
  }
  const named = textOf(qualifiers, 'Override') ?? node.name;
  if (!sameName(named, node.name))
    refuse(
      context,
      use.offset,
      `Override ("${node.name}") was expected, not "${named}": what overrides keeps the name`,
    );
  if (!overrides) refuse(context, use.offset, `no superclass of ${context.node.name} has a ${node.name} to override`);
}

/** Refuses an overriding property of another type, or a reference to what is no subclass. */
export function checkPropertyType(node: PropertyNode, overridden: PropertyDeclaration, context: ClassContext): void {
  const { name, offset, referenceClass: below } = node;
  const { classOrigin, referenceClass: above } = overridden;
  if (!sameType(node, overridden))
    refuse(context, offset, `${name} is ${shown(node)}: ${shown(overridden)} was expected, as in ${classOrigin}`);
  if (node.type === 'reference' && below && above && !context.isA(below, above))
    refuse(context, offset, `${name} leads to ${below}: ${above} or a subclass was expected, as in ${classOrigin}`);
}

const sameParameter = (node: ParameterNode | undefined, above: ParameterDeclaration): boolean =>
  node !== undefined && sameName(node.name, above.name) && sameType(node, above);

/** Refuses an overriding method that returns or takes something else (DSP0004 5.6.3, Override: the signature stays). */
export function checkSignature(node: MethodNode, overridden: MethodDeclaration, context: ClassContext): void {
  const { name, offset, returnType, parameters } = node;
  const as = `as in ${overridden.classOrigin}`;
  if (overridden.returnType !== returnType)
    refuse(context, offset, `${name} returns ${returnType}: ${overridden.returnType} was expected, ${as}`);
  const above = [...overridden.parameters];
  if (parameters.length === above.length && above.every((one, index) => sameParameter(parameters[index], one))) return;
  const wanted = above.map((one) => `${shown(one)} ${one.name}`).join(', ');
  refuse(context, offset, `${name} takes other parameters: (${wanted}) was expected, ${as}`);
}
