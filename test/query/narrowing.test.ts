import { expect, test } from 'vitest';
import { equalitiesOf, isPlain, propertiesOf, shownBy } from '../../src/query/narrowing.js';
import { parseQuery } from '../../src/query/query.js';

const condition = (where: string) => parseQuery('WQL', `SELECT * FROM C WHERE ${where}`).condition!;

const indexed = (name: string): boolean => ['name', 'instanceid', 'elementname'].includes(name.toLowerCase());

const found = (where: string) =>
  equalitiesOf(condition(where), indexed)?.map(({ property, value }) => `${property}=${value}`);

test('equality with a text on what can be looked up is a look-up, not a scan (decision 25)', () => {
  expect(found('Name = "a"')).toEqual(['Name=a']);
  expect(found('"a" = name')).toEqual(['name=a']);
  expect(found('State = 2 AND Name = "a" AND Name LIKE "b%"')).toEqual(['Name=a']);
  expect(found('Name = "a" OR InstanceID = "b"')).toEqual(['Name=a', 'InstanceID=b']);
  expect(found('(Name = "a" OR Name = "b") AND ElementName = "c"')).toEqual(['ElementName=c']);
});

test('what does not follow from an equality is a scan', () => {
  for (const where of [
    'Name = "a" OR State = 2',
    'NOT Name = "a"',
    'Name <> "a"',
    'Name = 5',
    'Name = Other',
    'Name[0] = "a"',
    'Name.More = "a"',
    'Caption = "a"',
    'Name LIKE "a"',
  ]) {
    expect(found(where), where).toBeUndefined();
  }
});

test('what a condition looks at, and what a query shows', () => {
  const names = [...propertiesOf(condition('A = 1 AND (NOT B.C = D OR E ISA "X") AND F IS NULL AND G LIKE "x"'))];
  expect(names.sort()).toEqual(['a', 'b', 'd', 'e', 'f', 'g']);
  const cql = (list: string) => parseQuery('DMTF:CQL', `SELECT ${list} FROM C x`);
  expect([...shownBy(cql('x.A, B + D'))!].sort()).toEqual(['a', 'b', 'd']);
  expect(shownBy(cql('*'))).toBeUndefined();
  expect(shownBy(cql('x'))).toBeUndefined();
  expect(['A, x.B', '*', 'A[0]', 'A AS B', 'A.B', 'x', 'UPPERCASE(A)'].map((list) => isPlain(cql(list)))).toEqual([
    ...[true, true, false, false, false, false, false],
  ]);
});
