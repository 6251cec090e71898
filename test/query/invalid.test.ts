import { expect, test } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { parseFilter, parseQuery } from '../../src/query/query.js';

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (reason) {
    if (reason instanceof CimError) return `${reason.status}: ${reason.message}`;
    throw reason;
  }
  return 'it was taken';
}

const where = (condition: string): string => `SELECT * FROM C WHERE ${condition}`;

/* `SELECT * FROM C WHERE ` has 22 characters. */
const rows: readonly (readonly [language: string, text: string, said: string])[] = [
  ['WQL', '', 'at character 1 of the query: SELECT was expected, not its end'],
  ['WQL', '   ', 'at character 4 of the query: SELECT was expected, not its end'],
  ['WQL', 'DELETE FROM C', 'at character 1 of the query: SELECT was expected, not DELETE'],
  ['WQL', 'SELECT FROM C', 'at character 8 of the query: a property or a value was expected, not FROM'],
  ['WQL', 'SELECT *', 'at character 9 of the query: FROM was expected, not its end'],
  ['WQL', 'SELECT * FROM', 'at character 14 of the query: the name of a class was expected, not its end'],
  ['WQL', 'SELECT * FROM C, D', 'at character 16 of the query: a query of more than one class is not supported here'],
  ['WQL', 'SELECT * FROM C D', 'at character 17 of the query: WHERE or the end was expected, not D'],
  ['WQL', 'SELECT COUNT(*) FROM C', 'at character 8 of the query: COUNT is not supported here'],
  ['WQL', 'SELECT a, b.c, d.c FROM C', 'at character 16 of the query: another value is called c already'],
  ['DMTF:CQL', 'SELECT a AS x, b AS X FROM C', 'at character 16 of the query: another value is called X already'],
  ['DMTF:CQL', 'SELECT a, UPPERCASE(a) AS a FROM C', 'at character 11 of the query: another value is called a already'],
  ['DMTF:CQL', 'SELECT DISTINCT a FROM C', 'at character 8 of the query: DISTINCT is not supported here'],
  ['WQL', 'ASSOCIATORS OF {C.k=1}', 'ASSOCIATORS OF (there is an operation of that name) is not supported here'],
  ['WQL', where(''), 'a property or a value was expected, not its end'],
  [
    'WQL',
    where('a'),
    'at character 24 of the query: an operator (=, <>, <, <=, >, >=, LIKE, ISA, IS NULL) was expected',
  ],
  ['WQL', where('a = '), 'at character 27 of the query: a property or a value was expected, not its end'],
  ['WQL', where('a = b = c'), 'at character 29 of the query: AND, OR or the end was expected, not ='],
  ['WQL', where('a == 1'), 'at character 26 of the query: a property or a value was expected, not ='],
  ['WQL', where('a = "x'), 'at character 27 of the query: the string that begins with " has no end'],
  ['WQL', where('a = 12x'), 'at character 27 of the query: 12x is no number'],
  ['WQL', where('a = 1 AND'), 'a property or a value was expected, not its end'],
  ['WQL', where('a = 1 ORDER BY a'), 'AND, OR or the end was expected, not ORDER'],
  ['WQL', where('(a = 1'), '")" was expected, not its end'],
  ['WQL', where('a LIKE b'), 'a pattern in quotes was expected, not b'],
  ['WQL', where('a ISA 5'), 'the name of a class was expected, not 5'],
  ['WQL', where('a IS 5'), 'NULL, TRUE or FALSE was expected, not 5'],
  ['WQL', where('a[x] = 1'), 'the number of an item, from 0 on, was expected, not x'],
  ['WQL', where('a = 1 ?'), 'at character 29 of the query: the character "?" has no meaning in a query'],
  ['WQL', where(`a = -"x"`), 'a number was expected, not the text "x"'],
  ['WQL', where('UPPERCASE(a) = 1'), 'an operator (='],
  ['DMTF:CQL', where('BOTTOM(a) = 1'), 'the function BOTTOM is not supported here'],
  ['DMTF:CQL', where('UPPERCASE(a, b) = 1'), 'UPPERCASE with 2 operands (it takes 1) is not supported here'],
  ['DMTF:CQL', where("a LIKE '(x'"), 'the pattern is wrong at its character 3: ")" was expected'],
  ['DMTF:CQL', where("a LIKE 'x)'"), 'a ")" without a "("'],
  ['DMTF:CQL', where("a LIKE '[x'"), '"]" was expected'],
  ['DMTF:CQL', where("a LIKE 'x{3,2}'"), 'at least 3 but at most 2'],
  ['DMTF:CQL', where("a LIKE '(x{999}){999}'"), 'the pattern is too large'],
  ['DMTF:CQL', where('(a = 1) + 2 = 3'), 'AND, OR or the end was expected, not +'],
];

for (const [language, text, said] of rows) {
  test(`${language}: ${text || 'nothing'} says where and why`, () => {
    const message = refusal(() => parseQuery(language, text));
    expect(message).toContain('INVALID_QUERY: at character ');
    expect(message).toContain(said);
  });
}

const filters: readonly (readonly [filter: string, said: string])[] = [
  ['', 'a property or a value was expected, not its end'],
  ['a', 'an operator'],
  ['a = {1, b}', 'a value (a text in quotes, a number, TRUE, FALSE or NULL) was expected, not b'],
  ['SELECT * FROM C', 'not SELECT'],
  ['ANY a ISA b', 'an operator (=, <>, <, <=, >, >=, LIKE) was expected'],
];

for (const [filter, said] of filters) {
  test(`DMTF:FQL: ${filter || 'nothing'} says where and why`, () => {
    expect(refusal(() => parseFilter('DMTF:FQL', filter))).toContain(said);
  });
}

test('other languages are not supported, each in its place', () => {
  expect(refusal(() => parseQuery('XQuery', 'x'))).toBe(
    'QUERY_LANGUAGE_NOT_SUPPORTED: the language "XQuery" is not supported here; there is WQL and DMTF:CQL',
  );
  expect(refusal(() => parseQuery('DMTF:FQL', 'a = 1'))).toContain('QUERY_LANGUAGE_NOT_SUPPORTED');
  expect(refusal(() => parseFilter('WQL', 'a = 1'))).toContain('QUERY_LANGUAGE_NOT_SUPPORTED');
  for (const name of ['wql', 'DMTF:CQL', 'cim:cql', ' CQL ']) {
    expect(refusal(() => parseQuery(name, 'SELECT * FROM C'))).toBe('it was taken');
  }
});

test('nesting and length have bounds', () => {
  const deep = (n: number): string => where(`${'('.repeat(n)}a = 1${')'.repeat(n)}`);
  expect(refusal(() => parseQuery('DMTF:CQL', deep(60)))).toBe('it was taken');
  expect(refusal(() => parseQuery('DMTF:CQL', deep(100)))).toContain('nested deeper than 64 levels');
  expect(refusal(() => parseQuery('WQL', where(`${'NOT '.repeat(100)}a = 1`)))).toContain('nested deeper');
  expect(refusal(() => parseQuery('DMTF:CQL', where(`${'-'.repeat(100)}a = 1`)))).toContain('nested deeper');
  expect(refusal(() => parseQuery('WQL', where(`a = 1${' OR a = 1'.repeat(600)}`)))).toContain('more than 1000 names');
  expect(refusal(() => parseQuery('WQL', where(`a = "${'x'.repeat(20_000)}"`)))).toContain('at most 16384 are read');
});

test('WITHIN, a final semicolon and names of functions as properties are taken', () => {
  const text = "SELECT First, Count FROM CIM_InstModification WITHIN 10.5 WHERE SourceInstance ISA 'X';";
  expect(parseQuery('WQL', text)).toMatchObject({ className: 'CIM_InstModification', classAt: 25 });
});
