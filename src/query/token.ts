import { invalidQuery } from './fault.js';

export type TokenKind = 'name' | 'string' | 'integer' | 'real' | 'symbol' | 'end';

/** The smallest piece of a query. `at` is the index of its first character. */
export interface Token {
  readonly kind: TokenKind;
  /** Of a string what it says, without quotes and escapes; of the others the text itself. */
  readonly text: string;
  readonly at: number;
}

/** Which escapes a string may hold: `quotes` those of quotes and the backslash, `all` also those of DSP0202 and DSP0212. */
export type Escapes = 'quotes' | 'all';

const longest = 16_384;

const blank = /\s+/y;
const name = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y;
const number = /0[xX][\da-fA-F]+|[01]+[bB](?![\w.])|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const symbol = /<>|!=|<=|>=|\|\||::|[=<>()[\]{},.*+\-/#;]/y;
const string = /'((?:[^'\\]|\\[\s\S]|'')*)'|"((?:[^"\\]|\\[\s\S]|"")*)"/y;
const partOfName = /[\w\u0080-\uffff]/y;

const letters: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

/** A backslash that escapes nothing stays, so that a pattern or a path may be written as it is. */
function withoutEscapes(text: string, escapes: Escapes): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([\da-fA-F]{4})|([\s\S]))/g, (all: string, hex?: string, one = '') => {
    if (/["'\\]/.test(one)) return one;
    if (escapes === 'quotes') return all;
    return hex === undefined ? (letters[one] ?? all) : String.fromCharCode(Number.parseInt(hex, 16));
  });
}

const sticky = (pattern: RegExp, text: string, at: number): RegExpExecArray | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
};

function stringToken(text: string, at: number, escapes: Escapes): readonly [Token, end: number] {
  const found = sticky(string, text, at);
  if (!found) throw invalidQuery(at, `the string that begins with ${text[at]} has no end`);
  const [all, single, double] = found;
  const inner = single?.replaceAll("''", "'") ?? double!.replaceAll('""', '"');
  return [{ kind: 'string', text: withoutEscapes(inner, escapes), at }, at + all.length];
}

function numberToken(text: string, at: number): readonly [Token, end: number] | undefined {
  const found = sticky(number, text, at)?.[0];
  if (found === undefined) return undefined;
  const end = at + found.length;
  if (sticky(partOfName, text, end)) {
    const whole = text.slice(at, end + 12).match(/^[\w.]+/)?.[0] ?? found;
    throw invalidQuery(at, `${whole} is no number (a text stands in quotes)`);
  }
  const integer = /^(?:\d+|0[xX].*|[01]+[bB])$/.test(found);
  return [{ kind: integer ? 'integer' : 'real', text: found, at }, end];
}

function tokenAt(text: string, at: number, escapes: Escapes): readonly [Token, end: number] {
  const first = text[at]!;
  if (first === "'" || first === '"') return stringToken(text, at, escapes);
  const numeric = numberToken(text, at);
  if (numeric) return numeric;
  for (const [kind, pattern] of [['name', name] as const, ['symbol', symbol] as const]) {
    const found = sticky(pattern, text, at)?.[0];
    if (found !== undefined) return [{ kind, text: found === '!=' ? '<>' : found, at }, at + found.length];
  }
  throw invalidQuery(at, `the character ${JSON.stringify(first)} has no meaning in a query`);
}

/** The pieces of a query, the last of them its end. CIM_ERR_INVALID_QUERY where the text holds what is none. */
export function tokensOf(text: string, escapes: Escapes): readonly Token[] {
  if (text.length > longest) {
    throw invalidQuery(longest, `the query has ${text.length} characters; at most ${longest} are read`);
  }
  const tokens: Token[] = [];
  let at = sticky(blank, text, 0)?.[0].length ?? 0;
  while (at < text.length) {
    const [token, end] = tokenAt(text, at, escapes);
    tokens.push(token);
    at = end + (sticky(blank, text, end)?.[0].length ?? 0);
  }
  return [...tokens, { kind: 'end', text: '', at }];
}
