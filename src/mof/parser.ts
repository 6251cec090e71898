import { type Scope, scopes } from '../cim/class.js';
import { fold } from '../cim/name.js';
import { type CimType, cimTypes } from '../cim/value.js';
import { MofError, type SourceText } from './error.js';
import { Lexer, type Token } from './lexer.js';
import {
  type ClassNode,
  type FlavorWord,
  flavors,
  type InstanceNode,
  type Literal,
  type MethodNode,
  type ParameterNode,
  type PragmaNode,
  type Production,
  type PropertyNode,
  type QualifierTypeNode,
  type QualifierUse,
} from './syntax.js';

const intrinsic: ReadonlySet<string> = new Set(cimTypes.filter((type) => type !== 'reference'));
const scopeWords: ReadonlySet<string> = new Set([...scopes, 'any']);
const flavorWords: ReadonlySet<string> = new Set(flavors);

interface Named {
  readonly name: string;
  readonly type: CimType;
  readonly referenceClass?: string;
  readonly offset: number;
}

/** Recursive descent over DSP0004 annex A, one token ahead. */
class Parser {
  readonly #source: SourceText;
  readonly #lexer: Lexer;
  #token: Token;

  constructor(source: SourceText) {
    this.#source = source;
    this.#lexer = new Lexer(source);
    this.#token = this.#lexer.next();
  }

  *productions(): Generator<Production> {
    while (this.#token.kind !== 'end') yield this.#production();
  }

  // Tokens.

  #take(): Token {
    const token = this.#token;
    this.#token = this.#lexer.next();
    return token;
  }

  #refuse(wanted: string, token = this.#token): never {
    const { kind, text, offset } = token;
    const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    const found = kind === 'end' ? 'the end of the file' : kind === 'string' ? `the string "${shown}"` : `"${shown}"`;
    throw new MofError({ source: this.#source, offset }, `${wanted} was expected, not ${found}`);
  }

  #at(mark: string): boolean {
    return this.#token.kind === 'mark' && this.#token.text === mark;
  }

  #took(mark: string): boolean {
    if (!this.#at(mark)) return false;
    this.#take();
    return true;
  }

  #expect(mark: string, after: string): Token {
    return this.#at(mark) ? this.#take() : this.#refuse(`"${mark}" ${after}`);
  }

  #atWord(word: string): boolean {
    return this.#token.kind === 'name' && fold(this.#token.text) === word;
  }

  #tookWord(word: string): boolean {
    if (!this.#atWord(word)) return false;
    this.#take();
    return true;
  }

  #name(wanted: string): Token {
    return this.#token.kind === 'name' ? this.#take() : this.#refuse(wanted);
  }

  #oneOf<Word extends string>(words: ReadonlySet<string>, wanted: string): Word {
    if (this.#token.kind !== 'name' || !words.has(fold(this.#token.text)))
      this.#refuse(`${wanted} (${[...words].join(', ')})`);
    return fold(this.#take().text) as Word;
  }

  #list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.#took(',')) items.push(item());
    return items;
  }

  // Productions.

  #production(): Production {
    if (this.#at('#')) return this.#pragma();
    if (this.#atWord('qualifier')) return this.#qualifierType();
    const qualifiers = this.#qualifiers();
    if (this.#atWord('class')) return this.#class(qualifiers);
    if (this.#atWord('instance')) return this.#instance();
    return this.#refuse('"class", "instance of", "qualifier", "#pragma" or a list of qualifiers');
  }

  #pragma(): PragmaNode {
    const { offset } = this.#take();
    if (!this.#tookWord('pragma')) this.#refuse('"pragma" after "#"');
    const { text: name } = this.#name('the name of a compiler directive');
    this.#expect('(', `after #pragma ${name}`);
    if (this.#token.kind !== 'string') this.#refuse(`a string for #pragma ${name}`);
    const parameter = this.#string();
    this.#expect(')', `after the string of #pragma ${name}`);
    return { kind: 'pragma', source: this.#source, name, parameter, offset };
  }

  #qualifierType(): QualifierTypeNode {
    this.#take();
    const { text: name, offset } = this.#name('the name of a qualifier');
    this.#expect(':', `and a type after the name of qualifier ${name}`);
    const type = this.#oneOf<CimType>(intrinsic, 'a type');
    const array = this.#array();
    const value = this.#initializer();
    this.#expect(',', 'and a scope');
    if (!this.#tookWord('scope')) this.#refuse('"Scope"');
    const scope = this.#parenthesised(() => this.#oneOf<Scope | 'any'>(scopeWords, 'a scope'));
    let words: FlavorWord[] = [];
    if (this.#took(',')) {
      if (!this.#tookWord('flavor')) this.#refuse('"Flavor"');
      words = this.#parenthesised(() => this.#oneOf<FlavorWord>(flavorWords, 'a flavor'));
    }
    this.#expect(';', `after qualifier ${name}`);
    const source = this.#source;
    return { kind: 'qualifierType', source, name, type, ...array, ...value, scope, flavors: words, offset };
  }

  #parenthesised<T>(item: () => T): T[] {
    this.#expect('(', 'before the list');
    const items = this.#list(item);
    this.#expect(')', 'or "," in the list');
    return items;
  }

  #qualifiers(): readonly QualifierUse[] {
    if (!this.#took('[')) return [];
    const uses = this.#list(() => this.#qualifier());
    this.#expect(']', 'or "," in the list of qualifiers');
    return uses;
  }

  #qualifier(): QualifierUse {
    const { text: name, offset } = this.#name('the name of a qualifier');
    let value: Literal | undefined;
    if (this.#took('(')) {
      value = this.#value();
      this.#expect(')', `after the value of qualifier ${name}`);
    } else if (this.#at('{')) value = this.#value();
    const own: FlavorWord[] = [];
    if (this.#took(':'))
      do own.push(this.#oneOf(flavorWords, 'a flavor'));
      while (this.#token.kind === 'name');
    return { name, ...(value && { value }), flavors: own, offset };
  }

  #class(qualifiers: readonly QualifierUse[]): ClassNode {
    this.#take();
    const { text: name, offset } = this.#name('the name of a class');
    const superclass = this.#took(':') ? this.#name(`the superclass of ${name}`) : undefined;
    this.#expect('{', `after the name of class ${name}`);
    const features: (PropertyNode | MethodNode)[] = [];
    while (!this.#took('}')) features.push(this.#feature());
    this.#expect(';', `after the "}" of class ${name}`);
    return {
      kind: 'class',
      source: this.#source,
      name,
      ...(superclass && { superclass: superclass.text }),
      superclassOffset: superclass?.offset ?? offset,
      qualifiers,
      features,
      offset,
    };
  }

  #feature(): PropertyNode | MethodNode {
    const qualifiers = this.#qualifiers();
    const named = this.#named('a property or method');
    if (this.#at('(') && named.type !== 'reference') return this.#method(named, qualifiers);
    const array = this.#array();
    const value = this.#initializer();
    this.#expect(';', `after ${named.name}`);
    return { kind: 'property', ...named, ...array, qualifiers, ...value };
  }

  /** A type, or a class and REF, and a name. */
  #named(what: string): Named {
    const type = this.#name(`the type of ${what}, or "}"`);
    if (intrinsic.has(fold(type.text))) {
      const { text: name, offset } = this.#name(`the name of ${what}`);
      return { name, type: fold(type.text) as CimType, offset };
    }
    if (!this.#tookWord('ref')) this.#refuse(`a type (${[...intrinsic].join(', ')}) or a class and REF`, type);
    const { text: name, offset } = this.#name(`the name of ${what}`);
    return { name, type: 'reference', referenceClass: type.text, offset };
  }

  #method(named: Named, qualifiers: readonly QualifierUse[]): MethodNode {
    const { name, type: returnType, offset } = named;
    this.#take();
    const parameters = this.#at(')') ? [] : this.#list(() => this.#parameter());
    this.#expect(')', `or "," after the parameters of ${name}`);
    this.#expect(';', `after method ${name}`);
    return { kind: 'method', name, returnType, parameters, qualifiers, offset };
  }

  #parameter(): ParameterNode {
    const qualifiers = this.#qualifiers();
    return { ...this.#named('a parameter'), ...this.#array(), qualifiers };
  }

  #array(): { readonly isArray: boolean; readonly arraySize?: number } {
    if (!this.#took('[')) return { isArray: false };
    const size = this.#token;
    if (size.kind === 'integer') {
      const arraySize = Number(size.value);
      if (!Number.isSafeInteger(arraySize) || arraySize < 1) this.#refuse('an array size of 1 or more');
      this.#take();
      this.#expect(']', 'after the array size');
      return { isArray: true, arraySize };
    }
    this.#expect(']', 'or an array size');
    return { isArray: true };
  }

  #initializer(): { readonly value?: Literal } {
    return this.#took('=') ? { value: this.#value() } : {};
  }

  #instance(): InstanceNode {
    this.#take();
    if (!this.#tookWord('of')) this.#refuse('"of" after "instance"');
    const { text: className, offset } = this.#name('the name of a class');
    const alias = this.#tookWord('as') ? this.#alias() : undefined;
    this.#expect('{', `after "instance of ${className}"`);
    const values: { name: string; value: Literal; offset: number }[] = [];
    while (!this.#took('}')) values.push(this.#assignment());
    this.#expect(';', 'after the "}" of an instance');
    return { kind: 'instance', source: this.#source, className, ...(alias && { alias }), values, offset };
  }

  #alias(): string {
    return this.#token.kind === 'alias' ? this.#take().text : this.#refuse('an alias ($name) after "as"');
  }

  #assignment(): { name: string; value: Literal; offset: number } {
    this.#qualifiers();
    const { text: name, offset } = this.#name('the name of a property, or "}"');
    this.#expect('=', `after ${name}`);
    const value = this.#value();
    this.#expect(';', `after the value of ${name}`);
    return { name, value, offset };
  }

  // Values.

  /** Strings that stand beside each other are one (DSP0004 7.12.1). */
  #string(): string {
    let text = this.#take().text;
    while (this.#token.kind === 'string') text += this.#take().text;
    return text;
  }

  #value(): Literal {
    const { kind, offset, text, value } = this.#token;
    if (kind === 'mark' && text === '{') return this.#arrayValue();
    if (kind === 'string') return { kind, value: this.#string(), offset };
    if (kind === 'name') return this.#word();
    if (kind === 'mark' || kind === 'end')
      return this.#refuse('a value (a string, a number, TRUE, FALSE, NULL, an alias or "{")');
    this.#take();
    if (kind === 'character') return { kind, value: text, offset };
    if (kind === 'alias') return { kind, name: text, offset };
    return kind === 'integer' ? { kind, value: value as bigint, offset } : { kind, value: value as number, offset };
  }

  #word(): Literal {
    const { offset } = this.#token;
    if (this.#tookWord('null')) return { kind: 'null', offset };
    if (this.#tookWord('true')) return { kind: 'boolean', value: true, offset };
    if (this.#tookWord('false')) return { kind: 'boolean', value: false, offset };
    return this.#refuse('a value (a string, a number, TRUE, FALSE, NULL, an alias or "{")');
  }

  #arrayValue(): Literal {
    const { offset } = this.#take();
    const items = this.#at('}') ? [] : this.#list(() => this.#value());
    const nested = items.find((item) => item.kind === 'array');
    if (nested) throw new MofError({ source: this.#source, offset: nested.offset }, 'an array cannot hold an array');
    this.#expect('}', 'or "," in the array');
    return { kind: 'array', items, offset };
  }
}

/** The productions of one file, in order; MofError at the first that is none. DSP0004 annex A. */
export const parse = (source: SourceText): Iterable<Production> => new Parser(source).productions();
