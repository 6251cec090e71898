import { expect, test } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import type { Argument } from '../../src/cim/operation.js';
import { as, pool, valuesOf } from './pool.js';

const { ask, refused, main } = pool();

const run = async (Query: string, QueryLanguage = 'WQL') =>
  as(await ask('ExecQuery', { QueryLanguage, Query }), 'objects');

const found = async (query: string, language?: string): Promise<readonly CimInstance[]> => [
  ...(await run(query, language)).items,
];

const namesOf = async (query: string, language?: string) =>
  (await found(query, language)).map((object) => valuesOf(object)['Name']);

test('DSP0200 5.4.2.13: FROM may be a superclass; each object has its path and all its properties', async () => {
  const result = await run('SELECT * FROM CIM_System WHERE CreationClassName LIKE "Xen%"');
  const objects = [...result.items];
  expect(objects.map((object) => valuesOf(object)['Name']).sort()).toEqual(['a', 'b', 'h']);
  expect(result.selection).toEqual({ classOrigin: false });
  for (const { path } of objects) expect(path?.namespace).toBe('root/cimv2');
  expect(valuesOf(objects.find(({ shape }) => shape.className === 'Xen_HostSystem')!)['Model']).toBe('X1');
});

test('the select list narrows the properties, whatever the condition looks at', async () => {
  const { items, selection } = await run('SELECT Name, caption FROM Xen_ComputerSystem WHERE EnabledState = 3');
  expect([...selection.properties!].sort()).toEqual(['caption', 'name']);
  const [only, ...more] = [...items];
  expect(more).toEqual([]);
  expect(valuesOf(only!)).toMatchObject({ Name: 'b', Caption: 'machine b' });
});

test('conditions of every kind', async () => {
  expect(await namesOf('select * from xen_computersystem where name="a"')).toEqual(['a']);
  expect(await namesOf('SELECT * FROM CIM_System WHERE Name = "a" OR Name = "h"')).toEqual(['a', 'h']);
  expect(await namesOf('SELECT * FROM CIM_System WHERE Model = "X1"')).toEqual(['h']);
  expect(await namesOf('SELECT * FROM Xen_ComputerSystem WHERE Roles = "mail"')).toEqual(['a']);
  expect(await namesOf('SELECT * FROM Xen_ComputerSystem WHERE Roles IS NULL')).toEqual(['b']);
  expect(await namesOf('SELECT * FROM CIM_System WHERE CIM_System ISA "Xen_HostSystem"')).toEqual(['h']);
  expect(await namesOf('SELECT * FROM Xen_ComputerSystem WHERE Uptime = 77')).toEqual(['a', 'b']);
  expect(await namesOf("SELECT * FROM CIM_System s WHERE s.Name = 'a' AND s ISA CIM_System", 'DMTF:CQL')).toEqual([
    'a',
  ]);
  expect(await found(`SELECT * FROM Xen_SystemDevice WHERE PartComponent.DeviceID = 'a/1'`)).toHaveLength(1);
  expect(await found('SELECT * FROM Xen_Empty')).toEqual([]);
});

test('expressions in the list make rows of their own, still with the path of the object (DSP0202)', async () => {
  const [row] = await found(
    "SELECT ClassName(OBJECTPATH(s)) AS What, s.EnabledState FROM Xen_ComputerSystem s WHERE s.Name = 'b'",
    'DMTF:CQL',
  );
  expect(valuesOf(row!)).toEqual({ What: 'Xen_ComputerSystem', EnabledState: 3 });
  expect(row!.path?.className).toBe('Xen_ComputerSystem');
});

test('only what the condition looks at is worked out of what does not pass', async () => {
  const before = main.asked.length;
  await namesOf('SELECT * FROM Xen_ComputerSystem WHERE Name = "b"');
  const asked = main.asked.slice(before).filter(({ what }) => what === 'instance Xen_ComputerSystem');
  expect(asked.map(({ wanted }) => wanted && [...wanted])).toEqual([['name'], ['name'], undefined]);
});

test('a bad query says where and why; a language that is not there has its own error', async () => {
  const wrong = async (Query: string, QueryLanguage = 'WQL') => {
    const { status, message } = await refused('ExecQuery', { QueryLanguage, Query });
    return `${status}: ${message}`;
  };
  expect(await wrong('SELECT * FROM Xen_ComputerSystem WHERE Nmae = "a"')).toBe(
    'INVALID_QUERY: at character 40 of the query: Xen_ComputerSystem has not the property Nmae',
  );
  expect(await wrong('SELECT Nmae FROM CIM_System')).toContain(
    'at character 8 of the query: neither CIM_System nor a cl',
  );
  expect(await wrong('SELECT * FROM Xen_Odd')).toBe(
    'INVALID_QUERY: at character 15 of the query: there is no class Xen_Odd in root/cimv2',
  );
  expect(await wrong('SELECT * FROM CIM_System WHERE EnabledState = "on"')).toContain(
    'EnabledState is a uint16; "on" cannot be read',
  );
  expect(await wrong('SELECT * FROM Xen_SystemDevice WHERE PartComponent < "x"')).toContain(
    'PartComponent is a reference, which has',
  );
  expect(await wrong('SELECT * FROM CIM_System WHERE')).toContain('a property or a value was expected, not its end');
  expect(await wrong('//CIM_System', 'XPath')).toContain('QUERY_LANGUAGE_NOT_SUPPORTED');
  expect(await wrong('', 'WQL')).toContain('INVALID_PARAMETER');
});

test('OpenQueryInstances tells the class of its rows when asked (DSP0200 5.4.2.24.9)', async () => {
  const open = async (FilterQuery: string, more: Record<string, Argument> = {}) =>
    as(
      await ask('OpenQueryInstances', { FilterQueryLanguage: 'DMTF:CQL', FilterQuery, MaxObjectCount: '9', ...more }),
      'batch',
    );
  const returned = { ReturnQueryResultClass: 'TRUE' };
  const plain = await open('SELECT * FROM CIM_System');
  expect(plain).not.toHaveProperty('resultClass');
  expect(plain.form).toBe('instances');
  const all = await open('SELECT * FROM CIM_System', returned);
  expect([...all.resultClass!.properties].map(({ name }) => name)).toContain('CreationClassName');
  const some = await open(
    'SELECT s.Name, s.Roles[0] AS Role, s.EnabledState + 1 AS More FROM Xen_ComputerSystem s',
    returned,
  );
  expect(some.resultClass!.name).toBe('Xen_ComputerSystem');
  expect([...some.resultClass!.properties].map(({ name, type, isArray }) => [name, type, isArray])).toEqual([
    ['Name', 'string', false],
    ['Role', 'string', false],
    ['More', 'sint64', false],
  ]);
  const rows = [...some.stretches].flatMap(({ page }) => [...page.instances()].map(valuesOf));
  expect(rows).toContainEqual({ Name: 'a', Role: 'web', More: 3n });
});

test('a column is of one type, in the class of the rows and in each of them, NULL or not', async () => {
  const select =
    'EnabledState + 1 AS Sum, EnabledState / 2 AS Half, EnabledState / 0 AS None, TRUE AS Yes, 1.5 * 2 AS Real, ' +
    "CURRENTDATETIME() AS Now, STRINGTOUINT('x') AS Number, Name || '!' AS Text, Roles, Roles[7] AS Eighth, NULL AS Empty";
  const query = { FilterQueryLanguage: 'DMTF:CQL', FilterQuery: `SELECT ${select} FROM Xen_ComputerSystem` };
  const given = { ...query, MaxObjectCount: '9', ReturnQueryResultClass: 'TRUE' };
  const { resultClass, stretches } = as(await ask('OpenQueryInstances', given), 'batch');
  const types = [...resultClass!.properties].map(({ name, type, isArray }) => `${name} ${type}${isArray ? '[]' : ''}`);
  expect(types).toEqual([
    'Sum sint64',
    'Half real64',
    'None real64',
    'Yes boolean',
    'Real real64',
    'Now datetime',
    'Number uint64',
    'Text string',
    'Roles string[]',
    'Eighth string',
    'Empty string',
  ]);
  const rows = [...stretches].flatMap(({ page }) => [...page.instances()]);
  expect(rows.length).toBeGreaterThan(1);
  for (const { shape, values } of rows) {
    const own = shape.properties.map(({ name, type, isArray }) => `${name} ${type}${isArray ? '[]' : ''}`);
    expect(own).toEqual(types);
    expect(values[4]).toBe(3);
  }
});
