import { CimError } from '../cim/error.js';
import { fold, NameSet } from '../cim/name.js';
import type { Condition, Operand } from './condition.js';
import { ConditionParser } from './condition-parser.js';
import { type Dialect, dialects, type QueryLanguage } from './dialect.js';
import { invalidQuery } from './fault.js';
import { TokenReader } from './token-reader.js';

/** What a query wants of each object: all of it, or these values under these names. */
export interface Selected {
  readonly name: string;
  readonly operand: Operand;
}

/** `SELECT … FROM … WHERE …`, read. */
export interface Query {
  readonly language: QueryLanguage;
  readonly className: string;
  /** Where the class is named. */
  readonly classAt: number;
  /** Absent: all properties. */
  readonly select?: readonly Selected[];
  /** Absent: every object. */
  readonly condition?: Condition;
}

const languages: ReadonlyMap<string, QueryLanguage> = new Map([
  ['wql', 'WQL'],
  ['dmtf:cql', 'DMTF:CQL'],
  ['cim:cql', 'DMTF:CQL'],
  ['cql', 'DMTF:CQL'],
  ['dmtf:fql', 'DMTF:FQL'],
  ['fql', 'DMTF:FQL'],
]);

/** The languages of whole queries, and of filters. */
export const queryLanguages = ['WQL', 'DMTF:CQL'] as const;
export const filterLanguages = ['DMTF:FQL'] as const;

function languageOf(name: string, taken: readonly QueryLanguage[]): QueryLanguage {
  const language = languages.get(fold(name.trim()));
  if (language && taken.includes(language)) return language;
  throw new CimError(
    'QUERY_LANGUAGE_NOT_SUPPORTED',
    `the language "${name.slice(0, 60)}" is not supported here; there is ${taken.join(' and ')}`,
  );
}

const notHere: readonly string[] = ['distinct', 'first', 'top', 'count', 'min', 'max', 'avg', 'mean', 'median', 'sum'];

/** A name that would not stand there if it were of a property. */
function refuseFeatures(reader: TokenReader): void {
  const word = notHere.find((name) => reader.isWord(name));
  const after = reader.peek(1);
  const plain = after.kind === 'symbol' ? after.text !== '(' : reader.isWord('from', 1) || reader.isWord('as', 1);
  if (word && !plain) reader.unsupported(word.toUpperCase());
}

/** The name of a value that the query gives none: that of the property it comes from. */
const nameOf = (operand: Operand, number: number): string => {
  const last = operand.kind === 'property' ? operand.steps.at(-1)?.name : undefined;
  return last ?? `Column${number}`;
};

function readSelected(reader: TokenReader, parser: ConditionParser, number: number): Selected | undefined {
  if (reader.symbol('*')) return undefined;
  refuseFeatures(reader);
  const operand = parser.operands.operand();
  if (reader.isSymbol('.') && operand.kind === 'property') {
    reader.next();
    reader.expectSymbol('*');
    return operand.steps.length === 0 ? undefined : { name: nameOf(operand, number), operand };
  }
  const name = reader.word('as') ? reader.expectName('a name for the value') : nameOf(operand, number);
  return { name, operand };
}

/** What two operands have in common that are the same property, and only those. */
const placeOf = (operand: Operand): string | undefined =>
  operand.kind === 'property' ? fold(JSON.stringify([operand.steps, operand.label])) : undefined;

/** Whether those before it have another value; CIM_ERR_INVALID_QUERY where one of them has the name of this one. */
function isNew({ name, operand }: Selected, list: readonly Selected[], at: number): boolean {
  const namesake = list.find((other) => fold(other.name) === fold(name));
  if (!namesake) return true;
  const place = placeOf(operand);
  if (place !== undefined && place === placeOf(namesake.operand)) return false;
  throw invalidQuery(at, `another value is called ${name} already; give one of them another name with AS`);
}

/** All that is selected; undefined when a star is among it, since that is everything. */
function readSelect(reader: TokenReader, parser: ConditionParser): readonly Selected[] | undefined {
  const list: Selected[] = [];
  let everything = false;
  do {
    const { at } = reader.peek();
    const item = readSelected(reader, parser, list.length + 1);
    if (!item) everything = true;
    else if (isNew(item, list, at)) list.push(item);
  } while (reader.symbol(','));
  return everything ? undefined : list;
}

/** What follows FROM: a class and, in CQL, a name for its objects. */
function readFrom(
  reader: TokenReader,
  { expressions }: Dialect,
): { readonly className: string; readonly alias: string } {
  const className = reader.expectName('the name of a class');
  if (reader.isSymbol(',')) reader.unsupported('a query of more than one class');
  const named = expressions && (reader.word('as') || (reader.peek().kind === 'name' && !reader.isWord('where')));
  return { className, alias: named ? reader.expectName('a name for the objects of the class') : className };
}

/** The names that FROM gives, found before the list that stands in front of it is read. */
function selfOf(reader: TokenReader, dialect: Dialect): NameSet {
  let at = 0;
  while (reader.peek(at).kind !== 'end' && !reader.isWord('from', at)) at++;
  const [className, next, after] = [reader.peek(at + 1), reader.peek(at + 2), reader.peek(at + 3)];
  const alias = fold(next.text) === 'as' ? after : next;
  const named = dialect.expressions && alias.kind === 'name' && fold(alias.text) !== 'where';
  return new NameSet([className.text, ...(named ? [alias.text] : [])]);
}

/** WITHIN says how often an event may be looked for; it is read and not needed, since changes are told at once. */
function readWithin(reader: TokenReader): void {
  if (!reader.word('within')) return;
  const { kind } = reader.peek();
  if (kind !== 'integer' && kind !== 'real') reader.refuse('a number of seconds');
  reader.next();
}

/**
 * A whole query in WQL or DMTF:CQL. CIM_ERR_QUERY_LANGUAGE_NOT_SUPPORTED for another language; CIM_ERR_INVALID_QUERY says
 * where the text is wrong and what was expected (DSP0202; DSP0200 5.4.2.13).
 */
export function parseQuery(language: string, text: string): Query {
  const dialect = dialects[languageOf(language, queryLanguages)];
  const reader = new TokenReader(text, dialect.escapes);
  if (reader.isWord('associators') || reader.isWord('references')) {
    reader.unsupported(`${reader.peek().text.toUpperCase()} OF (there is an operation of that name)`);
  }
  reader.expectWord('select');
  const self = selfOf(reader, dialect);
  const parser = new ConditionParser(reader, dialect, self);
  const select = readSelect(reader, parser);
  reader.expectWord('from');
  const classAt = reader.peek().at;
  const { className } = readFrom(reader, dialect);
  readWithin(reader);
  const condition = reader.word('where') ? parser.condition() : undefined;
  reader.expectEnd(condition ? 'AND, OR or the end' : 'WHERE or the end');
  return {
    language: dialect.language,
    className,
    classAt,
    ...(select && { select }),
    ...(condition && { condition }),
  };
}

/** A filter in DMTF:FQL: a condition on the objects of an enumeration (DSP0212). Errors as of `parseQuery`. */
export function parseFilter(language: string, text: string): Condition {
  const dialect = dialects[languageOf(language, filterLanguages)];
  const reader = new TokenReader(text, dialect.escapes);
  const condition = new ConditionParser(reader, dialect, new NameSet()).condition();
  reader.expectEnd('AND, OR or the end');
  return condition;
}
