import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import { fold } from '../cim/name.js';
import { integerRange } from '../cim/value.js';
import { isReadable } from './comparison.js';
import {
  type Comparison,
  type Condition,
  conditionsOf,
  type Literal,
  type Operand,
  operandsAt,
  operandsOf,
  type PropertyOperand,
} from './condition.js';
import type { Surroundings } from './datum.js';
import { isSystemProperty } from './evaluation.js';
import { invalidQuery } from './fault.js';

/** The classes whose objects are tried: the one that was named, and those below it. */
type Classes = readonly CimClass[];

/** The name of the class that was named first, with those below it, for a message. */
const named = (classes: Classes): string =>
  classes.length > 1 ? `neither ${classes[0]!.name} nor a class below it has` : `${classes[0]!.name} has not`;

/** A property that belongs to the object itself and to no variable. */
const own = (operand: Operand, variables: ReadonlySet<string>): PropertyOperand | undefined => {
  const first = operand.kind === 'property' ? operand.steps[0]?.name : undefined;
  const isOwn = first !== undefined && !variables.has(fold(first)) && !isSystemProperty(first);
  return isOwn ? (operand as PropertyOperand) : undefined;
};

const declarations = ({ steps }: PropertyOperand, classes: Classes): readonly PropertyDeclaration[] =>
  classes.map(({ properties }) => properties.get(steps[0]!.name)).filter((found) => found !== undefined);

const described = ({ type, isArray }: PropertyDeclaration): string => (isArray ? `an array of ${type}` : `a ${type}`);

function checkName(operand: PropertyOperand, classes: Classes): void {
  if (declarations(operand, classes).length > 0) return;
  throw invalidQuery(operand.at, `${named(classes)} the property ${operand.steps[0]!.name.slice(0, 100)}`);
}

/** Refuses a constant that no value of the property could ever be compared with. */
function checkConstant(property: PropertyOperand, { value, at }: Literal, classes: Classes): void {
  if (property.steps.length !== 1 || value === null) return;
  const found = declarations(property, classes);
  if (found.length === 0 || found.some(({ type }) => isReadable(value, type))) return;
  const { name, type } = found[0]!;
  const shown = typeof value === 'string' ? `"${value.slice(0, 40)}"` : String(value);
  throw invalidQuery(at, `${name} is a ${type}; ${shown} cannot be read as one`);
}

const isNumber = (type: PropertyDeclaration['type']): boolean =>
  integerRange[type] !== undefined || type.startsWith('real');

/** Which types have an order (DSP0202, DSP0212). */
const hasOrder = ({ type }: PropertyDeclaration): boolean =>
  isNumber(type) || type === 'string' || type === 'char16' || type === 'datetime';

function checkOrder({ operator }: Comparison, property: PropertyOperand, classes: Classes): void {
  if (operator === '=' || operator === '<>' || property.steps.length !== 1) return;
  const found = declarations(property, classes);
  if (found.length === 0 || found.some(hasOrder)) return;
  throw invalidQuery(property.at, `${found[0]!.name} is a ${found[0]!.type}, which has no order for ${operator}`);
}

/** DSP0212 compares a whole array with an array only, and has ANY and EVERY for its items. */
function checkArray({ quantifier }: Comparison, property: PropertyOperand, other: Operand, classes: Classes): void {
  const [only, ...more] = property.steps;
  const found = only && more.length === 0 && only.index === undefined ? declarations(property, classes) : [];
  if (found.length === 0) return;
  const [first] = found as [PropertyDeclaration];
  const all = (isArray: boolean): boolean => found.every((one) => one.isArray === isArray);
  const single = other.kind === 'literal' && other.value !== null;
  if (single && !quantifier && all(true)) {
    throw invalidQuery(property.at, `${first.name} is ${described(first)}: say ANY or EVERY before it`);
  }
  if ((quantifier || other.kind === 'list') && all(false)) {
    throw invalidQuery(property.at, `${first.name} is ${described(first)} and no array`);
  }
}

function checkSides(
  condition: Comparison,
  classes: Classes,
  surroundings: Surroundings,
  strict: boolean,
  variables: ReadonlySet<string>,
): void {
  const sides = [
    [condition.left, condition.right],
    [condition.right, condition.left],
  ] as const;
  for (const [side, other] of sides) {
    const property = own(side, variables);
    if (!property) continue;
    checkOrder(condition, property, classes);
    if (strict) checkArray(condition, property, other, classes);
    if (other.kind === 'label') checkLabel(property, other.label, other.at, classes, surroundings);
    for (const literal of other.kind === 'list' ? other.items : [other]) {
      if (literal.kind === 'literal') checkConstant(property, literal, classes);
    }
  }
}

/** A label has to be one of the property's (DSP0202, symbolic constants). */
function checkLabel(property: PropertyOperand, label: string, at: number, classes: Classes, of: Surroundings): void {
  if (property.steps.length !== 1 || !of.labelled) return;
  const name = property.steps[0]!.name;
  if (classes.some((cls) => cls.properties.has(name) && of.labelled!(cls.name, name, label) !== undefined)) return;
  throw invalidQuery(at, `"${label.slice(0, 60)}" is none of the values that the schema names for ${name}`);
}

/** Refuses what the object has not: CIM_ERR_INVALID_QUERY with the place. */
export function checkOperand(
  operand: Operand,
  classes: Classes,
  surroundings: Surroundings,
  variables: ReadonlySet<string> = new Set(),
): void {
  for (const inner of operandsOf(operand)) {
    const property = own(inner, variables);
    if (!property) continue;
    checkName(property, classes);
    if (property.label !== undefined) checkLabel(property, property.label, property.at, classes, surroundings);
  }
}

/**
 * Holds a condition against the classes whose objects it will be tried on: CIM_ERR_INVALID_QUERY for a name that none of
 * them has, and for a comparison that could never be made. In a filter (DSP0212) a name that is not there is NULL, and
 * arrays are compared by its rules.
 */
export function checkCondition(
  condition: Condition,
  classes: Classes,
  surroundings: Surroundings,
  form: 'query' | 'filter',
): void {
  const variables = new Set<string>();
  for (const inner of conditionsOf(condition)) {
    if (inner.kind === 'satisfies') variables.add(fold(inner.variable));
    for (const operand of operandsAt(inner))
      if (form === 'query') checkOperand(operand, classes, surroundings, variables);
    if (inner.kind === 'compare') checkSides(inner, classes, surroundings, form === 'filter', variables);
  }
}
