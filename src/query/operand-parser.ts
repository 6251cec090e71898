import { fold, NameSet } from '../cim/name.js';
import { integerOfText, realOfText } from '../cim/number-text.js';
import {
  type ArithmeticOperator,
  type Condition,
  isCondition,
  type Literal,
  type Operand,
  type PropertyOperand,
  type Step,
} from './condition.js';
import type { Dialect } from './dialect.js';
import { functionFault } from './function.js';
import type { TokenReader } from './token-reader.js';

/** An operand, or a condition in parentheses: which, only its end tells. */
export type Node = Operand | Condition;

const reserved = new NameSet(['and', 'or', 'not', 'like', 'isa', 'is', 'where', 'select', 'from', 'satisfies']);

const aValue = 'a property or a value';

/** Reads operands; conditions in parentheses are read by the one given. */
export class OperandParser {
  readonly #reader: TokenReader;
  readonly #dialect: Dialect;
  /** Names of the object itself: its class, and what the query calls it. */
  readonly #self: NameSet;
  readonly #inner: () => Node;

  constructor(reader: TokenReader, dialect: Dialect, self: NameSet, inner: () => Node) {
    this.#reader = reader;
    this.#dialect = dialect;
    this.#self = self;
    this.#inner = inner;
  }

  /** A sum, product or concatenation where the language has them; else a single operand. */
  node(): Node {
    return this.#dialect.expressions ? this.#sum() : this.#primary();
  }

  operand(): Operand {
    const node = this.node();
    return isCondition(node) ? this.#reader.refuse('AND, OR or the end') : node;
  }

  #sum(): Node {
    return this.#chain(['||', '+', '-'], () => this.#chain(['*', '/'], () => this.#primary()));
  }

  #chain(operators: readonly ArithmeticOperator[], read: () => Node): Node {
    let left = read();
    for (;;) {
      const operator = operators.find((text) => this.#reader.isSymbol(text));
      if (!operator) return left;
      if (isCondition(left)) this.#reader.refuse('AND, OR or the end');
      const { at } = this.#reader.next();
      const right = read();
      if (isCondition(right)) return this.#reader.refuse('AND, OR or the end');
      left = { kind: 'arithmetic', operator, left, right, at };
    }
  }

  #primary(): Node {
    const reader = this.#reader;
    reader.countOperand();
    const { kind, at } = reader.peek();
    if (kind === 'string' || kind === 'integer' || kind === 'real') return this.literal();
    if (kind === 'name') return this.#named();
    if (reader.isSymbol('+') || reader.isSymbol('-')) return this.#signed();
    if (reader.isSymbol('(')) return this.#parenthesized();
    if (this.#dialect.arrays && reader.isSymbol('{')) return this.#list();
    if (this.#dialect.expressions && reader.symbol('#')) {
      return { kind: 'label', label: reader.expectString("a label in quotes, such as #'Enabled',").text, at };
    }
    return reader.refuse(aValue);
  }

  #parenthesized(): Node {
    const reader = this.#reader;
    reader.next();
    const node = reader.within(this.#inner);
    reader.expectSymbol(')');
    return node;
  }

  #signed(): Operand {
    const { kind } = this.#reader.peek(1);
    if (kind === 'integer' || kind === 'real') return this.literal();
    if (!this.#dialect.expressions) {
      this.#reader.next();
      return this.#reader.refuse('a number');
    }
    const { at, text } = this.#reader.next();
    const right = this.#reader.within(() => this.#primary());
    if (isCondition(right)) return this.#reader.refuse('AND, OR or the end');
    const left: Literal = { kind: 'literal', value: 0n, at };
    return { kind: 'arithmetic', operator: text as '+' | '-', left, right, at };
  }

  /** A constant: text, number with or without sign, TRUE, FALSE or NULL. */
  literal(): Literal {
    const reader = this.#reader;
    const { at } = reader.peek();
    const negative = reader.symbol('-');
    const sign = negative || reader.symbol('+');
    const { kind, text } = reader.peek();
    if (kind === 'integer') return { kind: 'literal', value: integerOf(reader.next().text, negative), at };
    if (kind === 'real') {
      const size = realOfText(text) ?? reader.refuse('a number that is not too large');
      reader.next();
      return { kind: 'literal', value: negative ? -size : size, at };
    }
    if (kind === 'string' && !sign) return { kind: 'literal', value: reader.next().text, at };
    const word = sign || kind !== 'name' ? undefined : words.get(fold(text));
    if (word === undefined) return reader.refuse('a value (a text in quotes, a number, TRUE, FALSE or NULL)');
    reader.next();
    return { kind: 'literal', value: word, at };
  }

  #list(): Operand {
    const { at } = this.#reader.next();
    const items: Literal[] = [];
    if (this.#reader.symbol('}')) return { kind: 'list', items, at };
    do {
      this.#reader.countOperand();
      items.push(this.literal());
    } while (this.#reader.symbol(','));
    this.#reader.expectSymbol('}');
    return { kind: 'list', items, at };
  }

  #named(): Operand {
    const { text, at } = this.#reader.peek();
    if (words.has(fold(text))) return this.literal();
    if (reserved.has(text)) return this.#reader.refuse(aValue);
    if (this.#dialect.expressions && this.#reader.isSymbol('(', 1)) return this.#call(text, at);
    return this.property();
  }

  #call(name: string, at: number): Operand {
    const reader = this.#reader;
    reader.next();
    reader.next();
    const operands: Operand[] = [];
    reader.within(() => {
      while (!reader.symbol(')')) {
        if (operands.length > 0) reader.expectSymbol(',');
        operands.push(this.operand());
      }
    });
    const fault = functionFault(name, operands.length);
    return fault === undefined ? { kind: 'call', name: fold(name), operands, at } : reader.unsupported(fault);
  }

  /** `A.B[0].C`, without the name of the object itself at its beginning. */
  property(): PropertyOperand {
    const reader = this.#reader;
    const { at } = reader.peek();
    const steps = [this.#step()];
    while (reader.isSymbol('.') && !reader.isSymbol('*', 1)) {
      reader.next();
      steps.push(this.#step());
    }
    const first = steps[0]!;
    const isSelf = first.scope === undefined && first.index === undefined && this.#self.has(first.name);
    const own = isSelf ? steps.slice(1) : steps;
    if (!this.#dialect.expressions || !reader.symbol('#')) return { kind: 'property', steps: own, at };
    return { kind: 'property', steps: own, label: reader.expectString('a label in quotes').text, at };
  }

  #step(): Step {
    const reader = this.#reader;
    const first = reader.expectName('the name of a property');
    const scoped = this.#dialect.expressions && reader.symbol('::');
    const name = scoped ? reader.expectName('the name of a property') : first;
    const step = { name, ...(scoped && { scope: first }) };
    if (!reader.symbol('[')) return step;
    const { kind, text } = reader.peek();
    if (kind !== 'integer' || text.length > 9) return reader.refuse('the number of an item, from 0 on,');
    reader.next();
    reader.expectSymbol(']');
    return { ...step, index: Number(integerOf(text, false)) };
  }
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** In queries a leading zero says nothing. */
function integerOf(text: string, negative: boolean): bigint {
  const size = /^\d+$/.test(text) ? BigInt(text) : integerOfText(text)!;
  return negative ? -size : size;
}
