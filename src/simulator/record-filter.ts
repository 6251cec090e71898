import { XenApiFailure } from './failure.js';
import type { AnyRecord } from './type.js';

type Condition = (record: AnyRecord) => boolean;

const tokens = /\s*(?:(\()|(\))|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(=)|([A-Za-z_]+))\s*/y;

interface Token {
  readonly kind: '(' | ')' | '=' | 'word' | 'string' | 'end';
  readonly text: string;
}

const refused = (text: string, why: string): XenApiFailure =>
  new XenApiFailure('INTERNAL_ERROR', `Could not read the condition '${text.slice(0, 80)}': ${why}`);

function tokenize(text: string): Token[] {
  const found: Token[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < text.length) {
    const at = tokens.exec(text);
    if (at === null) throw refused(text, 'wanted a field, a string, an operator or a parenthesis');
    const string = at[3] ?? at[4];
    if (string !== undefined) found.push({ kind: 'string', text: string.replace(/\\(.)/g, '$1') });
    else if (at[6] !== undefined) found.push({ kind: 'word', text: at[6] });
    else found.push({ kind: (at[1] ?? at[2] ?? at[5]) as '(', text: at[0] });
  }
  return found;
}

/** A field's value as the text that a condition compares with: numbers and truth values as they are written. */
const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** A recursive descent over `or`, `and`, `not`, comparisons, `true`, `false` and parentheses. */
class ConditionReader {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  whole(): Condition {
    const condition = this.#or(0);
    if (this.#peek().kind !== 'end') throw refused(this.#text, `wanted its end, got "${this.#peek().text}"`);
    return condition;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: 'its end' };
  }

  #take(kind: Token['kind'], text?: string): boolean {
    const token = this.#peek();
    if (token.kind !== kind || (text !== undefined && token.text !== text)) return false;
    this.#at++;
    return true;
  }

  #or(depth: number): Condition {
    const parts = [this.#and(depth)];
    while (this.#take('word', 'or')) parts.push(this.#and(depth));
    return parts.length === 1 ? (parts[0] as Condition) : (record) => parts.some((part) => part(record));
  }

  #and(depth: number): Condition {
    const parts = [this.#not(depth)];
    while (this.#take('word', 'and')) parts.push(this.#not(depth));
    return parts.length === 1 ? (parts[0] as Condition) : (record) => parts.every((part) => part(record));
  }

  #not(depth: number): Condition {
    if (depth > 100) throw refused(this.#text, 'wanted at most 100 levels');
    if (this.#take('word', 'not')) {
      const inner = this.#not(depth + 1);
      return (record) => !inner(record);
    }
    if (this.#take('(')) {
      const inner = this.#or(depth + 1);
      if (!this.#take(')')) throw refused(this.#text, `wanted ")", got "${this.#peek().text}"`);
      return inner;
    }
    if (this.#take('word', 'true')) return () => true;
    if (this.#take('word', 'false')) return () => false;
    return this.#comparison();
  }

  #comparison(): Condition {
    const left = this.#operand();
    if (!this.#take('=')) throw refused(this.#text, `wanted "=", got "${this.#peek().text}"`);
    const right = this.#operand();
    return (record) => left(record) === right(record);
  }

  #operand(): (record: AnyRecord) => string {
    const isField = this.#take('word', 'field');
    const { text } = this.#peek();
    if (!this.#take('string')) throw refused(this.#text, `wanted a string in quotes, got "${text}"`);
    const name = text.replaceAll('/', '_').replace(/^_+/, '');
    return isField ? (record) => valueText(record[text] ?? record[name]) : () => text;
  }
}

/** The records that a condition such as `field "is_a_template" = "false" and not field "power_state" = "Running"` holds for. */
export function filterRecords(records: ReadonlyMap<string, AnyRecord>, condition: string): Map<string, AnyRecord> {
  const holds = new ConditionReader(condition).whole();
  return new Map([...records].filter(([, record]) => holds(record)));
}
