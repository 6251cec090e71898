import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { sealCursor, unsealCursor } from '../../src/operations/cursor.js';
import { holds } from '../../src/query/evaluation.js';
import { parseFilter, parseQuery } from '../../src/query/query.js';
import { machine, surroundings } from '../query/object.js';
import { runs } from './runs.js';

const many = runs(3_000, 200_000);

const words = [
  ...['SELECT', '*', 'FROM', 'WHERE', 'AND', 'OR', 'NOT', 'LIKE', 'ISA', 'IS', 'NULL', 'TRUE', 'ANY', 'EVERY', 'IN'],
  ...['SATISFIES', 'Name', 'EnabledState', 'OperationalStatus', 'Setting', 'Xen_ComputerSystem', 'AS', 'x', 'WITHIN'],
  ...['=', '<>', '<', '>=', '(', ')', '[', ']', '{', '}', ',', '.', '::', '#', '||', '+', '-', '*', '/', ';'],
  ...[
    '1',
    '0x1F',
    '1.5',
    '101B',
    "'a'",
    '"%a[b"',
    "'(a|b)*'",
    'UPPERCASE',
    'OBJECTPATH',
    "'20241224110000.000000+000'",
  ],
];

/** Text of no kind, and text of pieces that mean something. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((list) => list.join(' ')),
  fc.array(fc.constantFrom(...words), { maxLength: 15 }).map((list) => `SELECT * FROM C WHERE ${list.join(' ')}`),
  fc
    .array(fc.constantFrom(...words), { maxLength: 8 })
    .map((list) => `SELECT * FROM C WHERE Name LIKE '${list.join('')}'`),
);

function tried(read: () => ReturnType<typeof parseFilter> | undefined): void {
  try {
    const condition = read();
    if (condition) expect(typeof holds(condition, machine, surroundings)).toBe('boolean');
  } catch (reason) {
    expect(reason).toBeInstanceOf(CimError);
    expect((reason as CimError).status).toBe('INVALID_QUERY');
    expect((reason as CimError).message).toMatch(/^at character \d+ of the query: ./);
  }
}

for (const language of ['WQL', 'DMTF:CQL']) {
  test(`any text is a query in ${language} or CIM_ERR_INVALID_QUERY`, () => {
    fc.assert(
      fc.property(text, (query) => tried(() => parseQuery(language, query).condition)),
      many,
    );
  });
}

test('any text is a filter in DMTF:FQL or CIM_ERR_INVALID_QUERY', () => {
  fc.assert(
    fc.property(text, (filter) => tried(() => parseFilter('DMTF:FQL', filter))),
    many,
  );
});

test('a pattern made to blow up takes no longer than any other', () => {
  const evil = `SELECT * FROM C WHERE Name LIKE '${'(a*)*'.repeat(30)}b'`;
  const object = { ...machine, values: machine.values.map((value, i) => (i === 0 ? 'a'.repeat(5_000) : value)) };
  expect(holds(parseQuery('DMTF:CQL', evil).condition!, object, surroundings)).toBe(false);
  const percent = `SELECT * FROM C WHERE Name LIKE '${'%a'.repeat(100)}b'`;
  expect(holds(parseQuery('WQL', percent).condition!, object, surroundings)).toBe(false);
});

test('no context that was changed is taken for one of ours', () => {
  const key = Buffer.alloc(32, 3);
  const cursor = {
    id: 'a'.repeat(20),
    user: 'pool:root',
    namespace: 'root/cimv2',
    request: { operation: 'OpenEnumerateInstances' },
    mark: 'x',
    timeout: 9,
    expires: 9,
    sequence: 1,
    idle: 0,
  };
  const context = sealCursor(key, cursor);
  const body = context.slice(0, context.indexOf('.'));
  expect(unsealCursor(key, context)).toEqual(cursor);
  fc.assert(
    fc.property(
      fc.nat(body.length - 1),
      fc.string({ minLength: 0, maxLength: 3, unit: 'grapheme-ascii' }),
      (at, put) => {
        const changed = context.slice(0, at) + put + context.slice(at + 1);
        fc.pre(changed.trim() !== context);
        expect(unsealCursor(key, changed)).toBeUndefined();
      },
    ),
    many,
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(unsealCursor(key, text)).toBeUndefined();
    }),
    many,
  );
});
