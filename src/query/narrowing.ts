import { fold, NameSet } from '../cim/name.js';
import { type Condition, conditionsOf, type Operand, operandsAt, operandsOf } from './condition.js';
import type { Query } from './query.js';

/** A property that has to equal a text. */
export interface Equality {
  readonly property: string;
  readonly value: string;
}

function equality(left: Operand, right: Operand): Equality | undefined {
  if (left.kind !== 'property' || left.steps.length !== 1 || right.kind !== 'literal') return undefined;
  const { name, scope, index } = left.steps[0]!;
  const plain = scope === undefined && index === undefined && left.label === undefined;
  return plain && typeof right.value === 'string' ? { property: name, value: right.value } : undefined;
}

/**
 * Equalities of which every object that fulfils the condition fulfils one: so it is enough to look these objects up.
 * Undefined where the condition says no such thing. `usable` tells the properties that can be looked up.
 */
export function equalitiesOf(
  condition: Condition,
  usable: (property: string) => boolean,
): readonly Equality[] | undefined {
  if (condition.kind === 'compare') {
    const { operator, left, right, quantifier } = condition;
    const found = operator === '=' && !quantifier ? (equality(left, right) ?? equality(right, left)) : undefined;
    return found && usable(found.property) ? [found] : undefined;
  }
  if (condition.kind === 'and') {
    const all = condition.of.map((one) => equalitiesOf(one, usable)).filter((one) => one !== undefined);
    return all.sort((a, b) => a.length - b.length)[0];
  }
  if (condition.kind !== 'or') return undefined;
  const all = condition.of.map((one) => equalitiesOf(one, usable));
  return all.every((one) => one !== undefined) ? all.flat() : undefined;
}

function* namesOf(operand: Operand): Iterable<string> {
  for (const inner of operandsOf(operand)) {
    if (inner.kind === 'property' && inner.steps[0]) yield inner.steps[0].name;
  }
}

/** The properties of the object that the condition looks at; `objectpath` and the like look at its path alone. */
export function propertiesOf(condition: Condition): NameSet {
  const names: string[] = [];
  for (const inner of conditionsOf(condition)) {
    if (inner.kind === 'isa') names.push(...namesOf(inner.left));
    for (const operand of operandsAt(inner)) names.push(...namesOf(operand));
  }
  return new NameSet(names);
}

/** The properties that a query shows; undefined where it shows all, or the object as a whole. */
export function shownBy({ select }: Query): NameSet | undefined {
  const whole = select?.some(({ operand }) => operand.kind === 'property' && operand.steps.length === 0) ?? true;
  return whole ? undefined : new NameSet(select!.flatMap(({ operand }) => [...namesOf(operand)]));
}

/** Whether what is shown are properties of the object as they are, under their own names. */
export const isPlain = ({ select }: Query): boolean =>
  (select ?? []).every(({ name, operand }) => {
    if (operand.kind !== 'property' || operand.steps.length !== 1 || operand.label !== undefined) return false;
    const { name: own, scope, index } = operand.steps[0]!;
    return scope === undefined && index === undefined && fold(own) === fold(name) && !own.startsWith('__');
  });
