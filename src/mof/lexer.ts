import { integerOfText, realOfText } from '../cim/number-text.js';
import { MofError, type SourceText } from './error.js';

/** What a token is; `name` covers keywords, whose case does not count; `mark` is one of `[]{}():;,=#$`. */
export type TokenKind = 'name' | 'alias' | 'string' | 'character' | 'integer' | 'real' | 'mark' | 'end';

/** A token of MOF (DSP0004 annex A). `text` is as written, but for strings and characters what they mean. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
  readonly value?: bigint | number;
}

const blank = /[ \t\r\n\f]+|\/\/[^\r\n]*|\/\*[\s\S]*?\*\//y;
const name = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const number = /[+-]?(?:\d*\.\d+(?:[eE][+-]?\d+)?|\w+)/y;
const escaped = /\\(?:[xX]([\da-fA-F]{1,4})|([btnfr"'\\]))/y;

const meaning: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

const match = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Where the run of ordinary characters of a string ends: at a quote, a backslash, a line's end or another control. */
function endOfPlain(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22 || code === 0x5c || (code < 0x20 && code !== 0x09)) return at;
  }
  return text.length;
}

/** The tokens of one file, one at a time; MofError at what is none. */
export class Lexer {
  readonly #source: SourceText;
  #at = 0;

  constructor(source: SourceText) {
    this.#source = source;
  }

  next(): Token {
    const { text } = this.#source;
    this.#skipBlank();
    const offset = this.#at;
    if (offset >= text.length) return { kind: 'end', text: '', offset };
    const first = text[offset]!;
    if (first === '"') return this.#string(offset);
    const named = match(name, text, offset);
    if (named) return this.#step('name', named[0], offset);
    if ('[]{}():;,=#'.includes(first)) return this.#step('mark', first, offset);
    if (first === '$') return this.#alias(offset);
    if (first === "'") return this.#character(offset);
    return this.#number(offset);
  }

  #step(kind: TokenKind, text: string, offset: number): Token {
    this.#at = offset + text.length;
    return { kind, text, offset };
  }

  #skipBlank(): void {
    const { text } = this.#source;
    for (let found = match(blank, text, this.#at); found; found = match(blank, text, this.#at))
      this.#at += found[0].length;
    if (text.startsWith('/*', this.#at)) this.#refuse(this.#at, 'this comment has no end: "*/" was expected');
  }

  #alias(offset: number): Token {
    const found = match(name, this.#source.text, offset + 1);
    if (!found) this.#refuse(offset, 'a name was expected after "$"');
    return this.#step('alias', `$${found[0]}`, offset);
  }

  #number(offset: number): Token {
    const found = match(number, this.#source.text, offset)?.[0];
    if (found === undefined) {
      const shown = JSON.stringify(String.fromCodePoint(this.#source.text.codePointAt(offset)!));
      return this.#refuse(offset, `${shown} cannot stand here: a name, a value or a mark was expected`);
    }
    const token = this.#step('integer', found, offset);
    const integer = integerOfText(found);
    if (integer !== undefined) return { ...token, value: integer };
    const real = found.includes('.') ? realOfText(found) : undefined;
    if (real !== undefined) return { ...token, kind: 'real', value: real };
    return this.#refuse(
      offset,
      `${found} is no number: decimal, 0x hex, 0 octal, binary with b, or a real was expected`,
    );
  }

  /** One escape at the present place (DSP0004 7.12.1). */
  #escape(): string {
    const found = match(escaped, this.#source.text, this.#at);
    if (!found)
      this.#refuse(this.#at, 'an escape was expected: \\b \\t \\n \\f \\r \\" \\\' \\\\ or \\x and 1 to 4 hex digits');
    this.#at += found[0].length;
    return found[1] ? String.fromCharCode(Number.parseInt(found[1], 16)) : (meaning[found[2]!] ?? found[2]!);
  }

  #string(offset: number): Token {
    const { text } = this.#source;
    this.#at = offset + 1;
    let content = '';
    for (;;) {
      const end = endOfPlain(text, this.#at);
      content += text.slice(this.#at, end);
      this.#at = end;
      if (text[end] !== '\\') break;
      content += this.#escape();
    }
    if (text[this.#at] !== '"') this.#refuse(offset, "this string has no end on its line: '\"' was expected");
    this.#at += 1;
    return { kind: 'string', text: content, offset };
  }

  #character(offset: number): Token {
    const { text } = this.#source;
    this.#at = offset + 1;
    let content = text[this.#at] ?? '';
    if (content === '\\') content = this.#escape();
    else this.#at += 1;
    if (text[this.#at] !== "'" || content === '') this.#refuse(offset, "one character between ' and ' was expected");
    this.#at += 1;
    return { kind: 'character', text: content, offset };
  }

  #refuse(offset: number, problem: string): never {
    throw new MofError({ source: this.#source, offset }, problem);
  }
}
