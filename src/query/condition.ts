import type { Matcher } from './pattern.js';

/*
 * What a query asks of an object, in one form for all languages. It is plain data but for the patterns; it knows nothing of
 * operations, so that it serves queries, filters of enumerations and filters of indications alike.
 */

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type LiteralValue = string | number | bigint | boolean | null;

export interface Literal {
  readonly kind: 'literal';
  readonly value: LiteralValue;
  readonly at: number;
}

/** A property of the object before it, which counts as one of class `scope` only; `index` names an item of an array. */
export interface Step {
  readonly name: string;
  readonly scope?: string;
  readonly index?: number;
}

/** A property of the object, through embedded objects and references; without steps the object itself. */
export interface PropertyOperand {
  readonly kind: 'property';
  readonly steps: readonly Step[];
  /** `Property#'Label'`: the value that the label stands for (DSP0202, symbolic constants). */
  readonly label?: string;
  readonly at: number;
}

export type ArithmeticOperator = '||' | '+' | '-' | '*' | '/';

export type Operand =
  | Literal
  | PropertyOperand
  /** `{1, 2}` (DSP0212). */
  | { readonly kind: 'list'; readonly items: readonly Literal[]; readonly at: number }
  /** `#'Label'`: of the property that it is compared with. */
  | { readonly kind: 'label'; readonly label: string; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Operand[]; readonly at: number }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Operand;
      readonly right: Operand;
      readonly at: number;
    };

/** Whether a test of an array has to hold for one item or for all. */
export type Quantifier = 'any' | 'every';

export interface Comparison {
  readonly kind: 'compare';
  readonly operator: ComparisonOperator;
  readonly left: Operand;
  readonly right: Operand;
  readonly quantifier?: Quantifier;
  /** Whether NULL is a value that equals itself (DSP0212), or makes the comparison neither true nor false (DSP0202). */
  readonly nulls: 'value' | 'unknown';
}

export type Condition =
  | { readonly kind: 'and'; readonly of: readonly Condition[] }
  | { readonly kind: 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | Comparison
  | { readonly kind: 'like'; readonly left: Operand; readonly matches: Matcher; readonly quantifier?: Quantifier }
  | { readonly kind: 'isa'; readonly left: PropertyOperand; readonly className: string }
  | { readonly kind: 'isNull'; readonly left: Operand }
  /** `ANY name IN array SATISFIES (condition)` (DSP0202). */
  | {
      readonly kind: 'satisfies';
      readonly quantifier: Quantifier;
      readonly variable: string;
      readonly array: Operand;
      readonly condition: Condition;
    };

const conditionKinds: Readonly<Record<Condition['kind'], true>> = {
  and: true,
  or: true,
  not: true,
  compare: true,
  like: true,
  isa: true,
  isNull: true,
  satisfies: true,
};

export const isCondition = (node: Operand | Condition): node is Condition => Object.hasOwn(conditionKinds, node.kind);

const conditionsWithin = (condition: Condition): readonly Condition[] => {
  if (condition.kind === 'and' || condition.kind === 'or') return condition.of;
  if (condition.kind === 'not') return [condition.of];
  return condition.kind === 'satisfies' ? [condition.condition] : [];
};

/** The condition and all within it. */
export function* conditionsOf(condition: Condition): Iterable<Condition> {
  yield condition;
  for (const inner of conditionsWithin(condition)) yield* conditionsOf(inner);
}

/** The operand and all within it. */
export function* operandsOf(operand: Operand): Iterable<Operand> {
  yield operand;
  if (operand.kind === 'call') for (const inner of operand.operands) yield* operandsOf(inner);
  if (operand.kind === 'arithmetic') for (const inner of [operand.left, operand.right]) yield* operandsOf(inner);
}

/** The operands of the condition itself, not of those within it. */
export function operandsAt(condition: Condition): readonly Operand[] {
  if (condition.kind === 'compare') return [condition.left, condition.right];
  if (condition.kind === 'satisfies') return [condition.array];
  return 'left' in condition ? [condition.left] : [];
}
