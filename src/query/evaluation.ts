import type { CimInstance } from '../cim/instance.js';
import { fold } from '../cim/name.js';
import { textOfReal } from '../cim/number-text.js';
import { formatPath } from '../cim/path-text.js';
import type { CimScalar, CimValue } from '../cim/value.js';
import { anyOf, compared, everyOf, negated, type Truth } from './comparison.js';
import type { ArithmeticOperator, Comparison, Condition, Operand, PropertyOperand, Quantifier } from './condition.js';
import { type Datum, isInstance, isList, isPath, nullDatum, propertyOf, type Surroundings } from './datum.js';
import { called } from './function.js';

/** What a condition is tried on: the object, and the items that variables stand for. */
interface Scene {
  readonly object: CimInstance;
  readonly surroundings: Surroundings;
  readonly variables?: ReadonlyMap<string, Datum>;
}

/** Names that every object has besides its properties, as WMI has them. */
const systemProperties: Readonly<Record<string, (object: CimInstance) => CimValue>> = {
  __class: ({ shape }) => shape.className,
  __path: ({ path }) => (path ? formatPath(path) : null),
  __relpath: ({ path }) => (path ? formatPath({ kind: 'path', className: path.className, keys: path.keys }) : null),
  __namespace: ({ path }) => path?.namespace ?? null,
};

export const isSystemProperty = (name: string): boolean => Object.hasOwn(systemProperties, fold(name));

const classOf = (value: CimValue): string | undefined =>
  isInstance(value) ? value.shape.className : isPath(value) ? value.className : undefined;

function step(from: Datum, { name, scope, index }: PropertyOperand['steps'][number], { isA }: Surroundings): Datum {
  const className = classOf(from.value);
  if (className === undefined || (scope !== undefined && !isA(className, scope))) return nullDatum;
  const system = isInstance(from.value) ? systemProperties[fold(name)] : undefined;
  const found = system ? { value: system(from.value as CimInstance) } : propertyOf(from.value, name);
  if (index === undefined) return found;
  return { ...found, value: isList(found.value) ? (found.value[index] ?? null) : null };
}

function labelled(label: string, of: Datum['of'], surroundings: Surroundings): Datum {
  const value = of && surroundings.labelled?.(of.className, of.property, label);
  return value === undefined ? nullDatum : { value };
}

function ofProperty({ steps, label }: PropertyOperand, { object, surroundings, variables }: Scene): Datum {
  const variable = steps[0] && variables?.get(fold(steps[0].name));
  let found: Datum = variable ?? { value: object };
  for (const one of variable ? steps.slice(1) : steps) found = step(found, one, surroundings);
  return label === undefined ? found : labelled(label, found.of, surroundings);
}

const calculations: { readonly [O in Exclude<ArithmeticOperator, '||'>]: (a: number, b: number) => number } = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/** Whole numbers stay exact; what cannot be worked out is NULL. */
function calculated(operator: Exclude<ArithmeticOperator, '||'>, a: CimValue, b: CimValue): Datum {
  const numeric = (value: CimValue): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
  if (!numeric(a) || !numeric(b)) return nullDatum;
  if (operator !== '/' && [a, b].every((value) => typeof value === 'bigint' || Number.isSafeInteger(value))) {
    const [x, y] = [BigInt(a), BigInt(b)];
    return { value: operator === '+' ? x + y : operator === '-' ? x - y : x * y };
  }
  const value = calculations[operator](Number(a), Number(b));
  return Number.isFinite(value) ? { value } : nullDatum;
}

const readers: {
  readonly [K in Operand['kind']]: (operand: Extract<Operand, { readonly kind: K }>, scene: Scene) => Datum;
} = {
  literal: ({ value }) => ({ value }),
  property: ofProperty,
  list: ({ items }) => ({ value: items.map(({ value }) => value) }),
  label: () => nullDatum,
  call: ({ name, operands }, scene) =>
    called(
      name,
      operands.map((operand) => read(operand, scene)),
    ),
  arithmetic: ({ operator, left, right }, scene) => {
    const [a, b] = [read(left, scene).value, read(right, scene).value];
    if (operator !== '||') return calculated(operator, a, b);
    return typeof a === 'string' && typeof b === 'string' ? { value: a + b, type: 'string' } : nullDatum;
  },
};

function read(operand: Operand, scene: Scene): Datum {
  const reader = readers[operand.kind] as (operand: Operand, scene: Scene) => Datum;
  return reader(operand, scene);
}

/** The value of an operand; that of a bare label by the property it is compared with. */
function sideOf(operand: Operand, other: Operand, scene: Scene): Datum {
  if (operand.kind !== 'label') return read(operand, scene);
  return labelled(operand.label, read(other, scene).of, scene.surroundings);
}

/** NULL has no item that could pass, nor are all of them said to. */
function ofItems(array: Datum, quantifier: Quantifier, test: (item: Datum) => Truth): Truth {
  const { value } = array;
  if (value === null) return false;
  const items = isList(value) ? value : [value as CimScalar];
  const each = (item: CimScalar | null): Truth => test({ ...array, value: item });
  return quantifier === 'any' ? anyOf(items, each) : everyOf(items, each);
}

function comparison({ operator, left, right, quantifier, nulls }: Comparison, scene: Scene): Truth {
  const [a, b] = [sideOf(left, right, scene), sideOf(right, left, scene)];
  if (!quantifier) return compared(operator, a, b, nulls);
  return ofItems(a, quantifier, (item) => compared(operator, item, b, nulls));
}

function textOf(value: CimScalar | null): string | undefined {
  if (value === null || (typeof value === 'object' && value.kind !== 'path')) return undefined;
  if (typeof value === 'object') return formatPath(value);
  return typeof value === 'number' && !Number.isInteger(value) ? textOfReal(value) : String(value);
}

function like({ left, matches, quantifier }: Extract<Condition, { kind: 'like' }>, scene: Scene): Truth {
  const datum = read(left, scene);
  const test = ({ value }: Datum): Truth => {
    const text = textOf(value as CimScalar | null);
    return text === undefined ? undefined : matches(text);
  };
  if (!quantifier && !isList(datum.value)) return test(datum);
  return ofItems(datum, quantifier ?? 'any', test);
}

function satisfies(condition: Extract<Condition, { kind: 'satisfies' }>, scene: Scene): Truth {
  const { quantifier, variable, array, condition: inner } = condition;
  return ofItems(read(array, scene), quantifier, (item) => {
    const variables = new Map(scene.variables).set(fold(variable), item);
    return truthOf(inner, { ...scene, variables });
  });
}

const tests: {
  readonly [K in Condition['kind']]: (condition: Extract<Condition, { readonly kind: K }>, scene: Scene) => Truth;
} = {
  and: ({ of }, scene) => everyOf(of, (one) => truthOf(one, scene)),
  or: ({ of }, scene) => anyOf(of, (one) => truthOf(one, scene)),
  not: ({ of }, scene) => negated(truthOf(of, scene)),
  compare: comparison,
  like,
  isa: ({ left, className }, scene) => {
    const own = classOf(ofProperty(left, scene).value);
    return own !== undefined && scene.surroundings.isA(own, className);
  },
  isNull: ({ left }, scene) => read(left, scene).value === null,
  satisfies,
};

function truthOf(condition: Condition, scene: Scene): Truth {
  const test = tests[condition.kind] as (condition: Condition, scene: Scene) => Truth;
  return test(condition, scene);
}

/** Whether the condition is true of the object; what is neither true nor false is not. Throws nothing. */
export const holds = (condition: Condition, object: CimInstance, surroundings: Surroundings): boolean =>
  truthOf(condition, { object, surroundings }) === true;

/** The value of an operand for the object. */
export const evaluated = (operand: Operand, object: CimInstance, surroundings: Surroundings): Datum =>
  read(operand, { object, surroundings });
