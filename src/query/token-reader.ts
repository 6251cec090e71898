import { fold } from '../cim/name.js';
import { invalidQuery } from './fault.js';
import { type Escapes, type Token, tokensOf } from './token.js';

const deepest = 64;
const mostOperands = 1_000;

const shown = ({ kind, text }: Token): string => {
  if (kind === 'end') return 'its end';
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return kind === 'string' ? `the text "${short}"` : short;
};

/** Walks over the pieces of one query. Every refusal says where, what is there, and what was expected. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;
  #operands = 0;

  constructor(text: string, escapes: Escapes) {
    this.#tokens = tokensOf(text, escapes);
  }

  /** The piece to come, or one further on. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  isWord(word: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return kind === 'name' && fold(text) === word;
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const { kind, text } = this.peek(ahead);
    return kind === 'symbol' && text === symbol;
  }

  /** Steps over the word if it comes next; it is given in lower case. */
  word(word: string): boolean {
    const is = this.isWord(word);
    if (is) this.next();
    return is;
  }

  symbol(symbol: string): boolean {
    const is = this.isSymbol(symbol);
    if (is) this.next();
    return is;
  }

  expectWord(word: string): void {
    if (!this.word(word)) this.refuse(word.toUpperCase());
  }

  expectSymbol(symbol: string): void {
    if (!this.symbol(symbol)) this.refuse(`"${symbol}"`);
  }

  expectName(wanted: string): string {
    return this.peek().kind === 'name' ? this.next().text : this.refuse(wanted);
  }

  expectString(wanted: string): Token {
    return this.peek().kind === 'string' ? this.next() : this.refuse(wanted);
  }

  expectEnd(wanted: string): void {
    this.symbol(';');
    if (this.peek().kind !== 'end') this.refuse(wanted);
  }

  refuse(wanted: string): never {
    const token = this.peek();
    throw invalidQuery(token.at, `${wanted} was expected, not ${shown(token)}`);
  }

  unsupported(what: string): never {
    throw invalidQuery(this.peek().at, `${what} is not supported here`);
  }

  /** What is read within another of its kind; so deep that it would be refused anywhere is refused here. */
  within<T>(read: () => T): T {
    if (++this.#depth > deepest) throw invalidQuery(this.peek().at, `it is nested deeper than ${deepest} levels`);
    const found = read();
    this.#depth--;
    return found;
  }

  countOperand(): void {
    if (++this.#operands > mostOperands) {
      throw invalidQuery(this.peek().at, `it has more than ${mostOperands} names and values`);
    }
  }
}
