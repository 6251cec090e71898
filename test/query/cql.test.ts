import { describe, expect, test } from 'vitest';
import { evaluated } from '../../src/query/evaluation.js';
import { projected } from '../../src/query/projection.js';
import { parseQuery } from '../../src/query/query.js';
import { cql, machine, modification, surroundings } from './object.js';

const check = (rows: readonly (readonly [where: string, truth: boolean])[], object = machine): void => {
  for (const [where, truth] of rows) test(`${where} is ${truth}`, () => expect(cql(where, object)).toBe(truth));
};

describe('basic query (DSP0202)', () => {
  check([
    ['EnabledState = 2 AND Started = TRUE', true],
    ["Name = '6f1b2c9a-3c1e-4f5c-9f6b-2d3a1e0f9b77'", true],
    ["'Test' = Setting.Text", true],
    ['Description IS NULL', true],
    ["Description <> 'x'", false],
    ['Memory > 18446744073709551614', true],
    ['EnabledState = 002', true],
    ["Empty = ''", true],
    ["ElementName = 'Bob\\'s \"web\" server'", true],
    ["ElementName = '\\u0042ob\\'s \"web\" server'", true],
  ]);
});

describe('comparison of expressions', () => {
  check([
    ['EnabledState + 1 = 3', true],
    ['EnabledState * 2 + 1 = 5', true],
    ['EnabledState * (2 + 1) = 6', true],
    ['10 / 4 = 2.5', true],
    ['EnabledState / 0 = 1', false],
    ['-Offset = 25123', true],
    ['EnabledState - -1 = 3', true],
    ['Memory - 1 = 18446744073709551614', true],
    ["'a' || 'b' = 'ab'", true],
    ["Setting.Text || '!' = 'Test!'", true],
    ['Description + 1 = 1', false],
    ["UPPERCASE(Setting.Text) = 'TEST'", true],
    ["StringToUint('12') = 12", true],
    ["StringToUint('-12') = 12", false],
    ["NumericToString(EnabledState) = '2'", true],
    ['InstallDate < CurrentDateTime()', true],
    ["DateTime('20241224110000.000000+000') = InstallDate", true],
  ]);
});

describe('LIKE takes regular expressions (DSP1001)', () => {
  check([
    ["'abcdefg' LIKE '.*defg'", true],
    ["'abcdefg' LIKE 'abcd'", false],
    ["'abcdefg' LIKE '^abc.*$'", true],
    ["'abcddddd' LIKE 'abcd*'", true],
    ["'' LIKE 'a?'", true],
    ["'ab.' LIKE 'ab\\\\.'", true],
    ["'abx' LIKE 'ab\\\\.'", false],
    ["'rat' LIKE 'r[au]t'", true],
    ["'ret' LIKE 'r[au]^t'", true],
    ["'rat' LIKE 'r[au]^t'", false],
    ["'EF' LIKE '[EF]{1,2}'", true],
    ["'EFE' LIKE '[EF]{1,2}'", false],
    ["'XYZXYZ' LIKE '(XYZ)+'", true],
    ["'GHI' LIKE '(DEF)?|GHI'", true],
    ["'DEFGHI' LIKE '(DEF)?|GHI'", false],
    ["'人気サイト' LIKE '人気サ.ト'", true],
    ["'a😀b' LIKE 'a.b'", true],
    ["ElementName LIKE '.*web.*'", true],
    ["ElementName NOT LIKE '.*web.*'", false],
  ]);
});

describe('paths, classes and labels', () => {
  check([
    ['Xen_ComputerSystem.Name IS NOT NULL', true],
    ['CIM_ComputerSystem::EnabledState = 2', true],
    ['CIM_Process::EnabledState = 2', false],
    ['Xen_ComputerSystem ISA CIM_System', true],
    ["ClassName(Xen_ComputerSystem) = 'Xen_ComputerSystem'", true],
    ["NamespaceName(OBJECTPATH(Xen_ComputerSystem)) = 'root/cimv2'", true],
    ["ClassName(Host) = 'Xen_HostComputerSystem'", true],
    [
      `ModelPath(Xen_ComputerSystem) = 'Xen_ComputerSystem.CreationClassName="Xen_ComputerSystem",Name="6f1b2c9a-3c1e-4f5c-9f6b-2d3a1e0f9b77"'`,
      true,
    ],
    ["EnabledState = #'Enabled'", true],
    ["EnabledState#'Disabled' = EnabledState", false],
    ["EnabledState = EnabledState#'enabled'", true],
  ]);
});

describe('arrays', () => {
  check([
    ['OperationalStatus[1] = 15', true],
    ['ANY s IN OperationalStatus SATISFIES (s = 15 OR s = 16)', true],
    ['EVERY s IN OperationalStatus SATISFIES (s >= 2)', true],
    ['EVERY s IN OperationalStatus SATISFIES (s = 2)', false],
    ["NOT ANY t IN Tags SATISFIES (t = 'three')", false],
    ["ANY t IN Tags SATISFIES (t LIKE 'o.e')", true],
    ['ANY x IN Description SATISFIES (x IS NULL)', false],
  ]);
});

describe('embedded objects', () => {
  check(
    [
      ['SourceInstance ISA Xen_ComputerSystem AND SourceInstance.EnabledState = 2', true],
      ['SourceInstance.CIM_ComputerSystem::EnabledState = 2', true],
      ['SourceInstance.CIM_Process::EnabledState = 2', false],
      ['SourceInstance.Setting.Count = 5', true],
      ["SourceInstance.EnabledState#'Enabled' = SourceInstance.EnabledState", true],
      ['PreviousInstance.EnabledState <> SourceInstance.EnabledState', true],
    ],
    modification,
  );
});

test('another name for the objects is the object itself', () => {
  const query = parseQuery('DMTF:CQL', 'SELECT a.Name, a.* FROM Xen_ComputerSystem AS a WHERE a.EnabledState = 2');
  expect(query.className).toBe('Xen_ComputerSystem');
  expect(query.select).toBeUndefined();
  const named = parseQuery('CIM:CQL', 'SELECT b.Setting.Text FROM Xen_ComputerSystem b');
  expect(named.select).toMatchObject([{ name: 'Text' }]);
  expect(evaluated(named.select![0]!.operand, machine, surroundings).value).toBe('Test');
});

test('a list of expressions makes rows of its own', () => {
  const text = 'SELECT OBJECTPATH(x) AS Path, x.EnabledState, x.Load + 1 AS More, x.Tags, x.Setting FROM CIM_System x';
  const row = projected(parseQuery('DMTF:CQL', text).select!, machine, surroundings);
  expect(row.shape.properties).toEqual([
    { name: 'Path', type: 'string', isArray: false },
    { name: 'EnabledState', type: 'uint16', isArray: false },
    { name: 'More', type: 'real64', isArray: false },
    { name: 'Tags', type: 'string', isArray: true },
    { name: 'Setting', type: 'string', isArray: false, embedded: 'instance' },
  ]);
  expect(row.values[0]).toContain('root/cimv2:Xen_ComputerSystem.');
  expect(row.values.slice(1, 3)).toEqual([2, 21.5]);
});

test('what is selected twice is given once', () => {
  const query = parseQuery('DMTF:CQL', 'SELECT Name, c.NAME, c.Setting.Load, Setting.load, Tags[1], Tags[1] FROM C c');
  expect(query.select!.map(({ name }) => name)).toEqual(['Name', 'Load', 'Tags']);
});
