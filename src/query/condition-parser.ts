import type { NameSet } from '../cim/name.js';
import {
  type ComparisonOperator,
  type Condition,
  isCondition,
  type Operand,
  type PropertyOperand,
  type Quantifier,
} from './condition.js';
import type { Dialect } from './dialect.js';
import { type Node, OperandParser } from './operand-parser.js';
import type { TokenReader } from './token-reader.js';

const operators: readonly ComparisonOperator[] = ['=', '<>', '<=', '>=', '<', '>'];

const anOperator = 'an operator (=, <>, <, <=, >, >=, LIKE, ISA, IS NULL)';

/** Reads the condition of a query, in any of the languages: OR binds least, then AND, then NOT, then the comparisons. */
export class ConditionParser {
  readonly #reader: TokenReader;
  readonly #dialect: Dialect;
  /** Reads operands of the same query. */
  readonly operands: OperandParser;

  /** `self` are the names by which the query means the object itself. */
  constructor(reader: TokenReader, dialect: Dialect, self: NameSet) {
    this.#reader = reader;
    this.#dialect = dialect;
    this.operands = new OperandParser(reader, dialect, self, () => this.#node());
  }

  condition(): Condition {
    return this.#condition(this.#node());
  }

  #condition(node: Node): Condition {
    return isCondition(node) ? node : this.#reader.refuse(anOperator);
  }

  #node(): Node {
    return this.#joined('or', () => this.#joined('and', () => this.#negated()));
  }

  #joined(kind: 'and' | 'or', read: () => Node): Node {
    const first = read();
    if (!this.#reader.isWord(kind)) return first;
    const of = [this.#condition(first)];
    while (this.#reader.word(kind)) of.push(this.#condition(read()));
    return { kind, of };
  }

  #negated(): Node {
    if (!this.#reader.word('not')) return this.#predicate();
    return { kind: 'not', of: this.#condition(this.#reader.within(() => this.#negated())) };
  }

  #predicate(): Node {
    const quantifier = this.#quantifier();
    if (quantifier && this.#reader.isWord('in', 1)) return this.#satisfies(quantifier);
    if (quantifier) return this.#compared(this.operands.property(), quantifier);
    const left = this.operands.node();
    return isCondition(left) ? left : this.#compared(left);
  }

  /** ANY or EVERY before the name of an array. */
  #quantifier(): Quantifier | undefined {
    const { expressions, arrays } = this.#dialect;
    const named = this.#reader.peek(1).kind === 'name';
    if (!named || !(arrays || (expressions && this.#reader.isWord('in', 2)))) return undefined;
    if (this.#reader.word('any')) return 'any';
    return this.#reader.word('every') ? 'every' : undefined;
  }

  #satisfies(quantifier: Quantifier): Condition {
    const variable = this.#reader.expectName('a name for the item');
    this.#reader.expectWord('in');
    const array = this.operands.operand();
    this.#reader.expectWord('satisfies');
    this.#reader.expectSymbol('(');
    const condition = this.#reader.within(() => this.condition());
    this.#reader.expectSymbol(')');
    return { kind: 'satisfies', quantifier, variable, array, condition };
  }

  /** The test of an operand that has been read; the operand itself where no test follows. */
  #compared(left: Operand, quantifier?: Quantifier): Node {
    const operator = operators.find((text) => this.#reader.isSymbol(text));
    if (operator) {
      this.#reader.next();
      return this.#comparison(operator, left, quantifier);
    }
    if (this.#reader.isWord('is') && !quantifier) return this.#is(left);
    const negated = this.#reader.isWord('not') && (this.#reader.isWord('like', 1) || this.#reader.isWord('isa', 1));
    if (negated) this.#reader.next();
    const test = this.#like(left, quantifier) ?? (quantifier ? undefined : this.#isa(left));
    if (test) return negated ? { kind: 'not', of: test } : test;
    return quantifier ? this.#reader.refuse('an operator (=, <>, <, <=, >, >=, LIKE)') : left;
  }

  #comparison(operator: ComparisonOperator, left: Operand, quantifier?: Quantifier): Condition {
    const right = this.operands.operand();
    const { nulls } = this.#dialect;
    const [literal, other] = right.kind === 'literal' ? [right, left] : [left, right];
    const isNull = nulls === 'unknown' && literal.kind === 'literal' && literal.value === null;
    if (isNull && operator === '=') return { kind: 'isNull', left: other };
    if (isNull && operator === '<>') return { kind: 'not', of: { kind: 'isNull', left: other } };
    return { kind: 'compare', operator, left, right, nulls, ...(quantifier && { quantifier }) };
  }

  /** IS [NOT] NULL, TRUE or FALSE. */
  #is(left: Operand): Condition {
    this.#reader.next();
    const not = this.#reader.word('not');
    const { at } = this.#reader.peek();
    const value = this.#reader.word('true') ? true : this.#reader.word('false') ? false : undefined;
    if (value === undefined && !this.#reader.word('null')) this.#reader.refuse('NULL, TRUE or FALSE');
    const test: Condition =
      value === undefined
        ? { kind: 'isNull', left }
        : { kind: 'compare', operator: '=', left, right: { kind: 'literal', value, at }, nulls: 'value' };
    return not ? { kind: 'not', of: test } : test;
  }

  #like(left: Operand, quantifier?: Quantifier): Condition | undefined {
    if (!this.#reader.word('like')) return undefined;
    const { text, at } = this.#reader.expectString('a pattern in quotes');
    return { kind: 'like', left, matches: this.#dialect.pattern(text, at), ...(quantifier && { quantifier }) };
  }

  #isa(left: Operand): Condition | undefined {
    if (!this.#reader.isWord('isa')) return undefined;
    if (left.kind !== 'property') return this.#reader.refuse('a comparison');
    this.#reader.next();
    const { kind } = this.#reader.peek();
    const className =
      kind === 'string' || kind === 'name' ? this.#reader.next().text : this.#reader.refuse('the name of a class');
    return { kind: 'isa', left: left as PropertyOperand, className };
  }
}
