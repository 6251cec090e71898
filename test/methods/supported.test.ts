import { describe, expect, test } from 'vitest';
import { rows } from '../../src/mapping/index.js';
import { type CapabilityClass, capabilities, supported } from '../../src/methods/supported.js';
import { methods } from '../../src/methods/table.js';
import { comesOut } from '../../src/operations/method-parameter.js';
import { cimv2, schemas } from './stage.js';

const schema = schemas.get(cimv2)!;

/** The properties that list methods by code, in the spelling of the schema, and what they list. */
const lists = {
  SynchronousMethodsSupported: 'synchronous',
  AsynchronousMethodsSupported: 'asynchronous',
  AynchronousMethodsSupported: 'asynchronous',
  SupportedMethods: 'synchronous',
} as const;

const reserved = /reserved|vendor/i;

/** The methods that codes stand for and that no class of the schema declares. */
const undeclared = ['DestroySystemConfiguration', 'SelectSystemConfiguration', 'SnapshotSystem'].map(
  (name) => `${name}Supported`,
);

const declared = Object.keys(lists) as readonly (keyof typeof lists)[];

const classes = [...schema.classes()]
  .filter(({ name, properties }) => name.startsWith('Xen_') && declared.some((list) => properties.has(list)))
  .map(({ name }) => name as CapabilityClass);

test('every class that lists methods by code is known', () => {
  expect(classes.length).toBeGreaterThan(5);
  expect([...classes].sort()).toEqual(Object.keys(capabilities).sort());
});

describe.each(classes)('%s (decisions.md 33)', (cim) => {
  const { service, codes } = capabilities[cim];
  const cls = schema.class(cim)!;
  const valuesOf = (list: string): readonly string[] =>
    (cls.properties.get(list)!.qualifiers.get('Values')!.value as string[]).filter((text) => !reserved.test(text));
  const own = declared.filter((list) => cls.properties.has(list));
  const methodOf = (value: string): string | undefined => codes.find(([text]) => text === value)?.[1];

  test('each value is a code of the schema and names a method that is carried out', () => {
    for (const list of own) {
      const shown = supported(cim)[lists[list]];
      expect(valuesOf(list)).toEqual(expect.arrayContaining([...shown]));
      for (const value of shown) {
        const method = methods[service]?.[methodOf(value)!];
        expect(method, `${service}.${methodOf(value)}`).toBeDefined();
        expect(method?.declines).toBeUndefined();
      }
    }
  });

  test('each method that is carried out and has a code is listed; what merely declines is not', () => {
    const { synchronous, asynchronous } = supported(cim);
    const listed = new Set([...synchronous, ...asynchronous].map(methodOf));
    for (const value of own.flatMap(valuesOf)) {
      if (undeclared.includes(value)) continue;
      const name = methodOf(value);
      expect(name, `the method that "${value}" stands for`).toBeDefined();
      expect(schema.class(service)?.methods.has(name!), `${service}.${name}`).toBe(true);
      const method = methods[service]?.[name!];
      expect(listed.has(name!), name).toBe(method !== undefined && method.declines === undefined);
    }
  });

  test('only a method that can give a job is listed among those that go on in one', () => {
    for (const value of supported(cim).asynchronous) {
      const { parameters } = schema.class(service)!.methods.get(methodOf(value)!)!;
      expect(
        [...parameters].filter(comesOut).map(({ name }) => name),
        value,
      ).toContain('Job');
    }
  });
});

/** What DMTF classes declare that nobody carries out: deprecated for RequestStateChange, or nothing that XenAPI can do. */
const left = [
  'BISTExecution',
  'BroadcastReset',
  'ChangeAffectedElementsAssignedSequence',
  'ClearLog',
  'ConnectorPower',
  'CreateGoalSettings',
  'EnableDevice',
  'GetDescriptor',
  'IsCompatible',
  'LockMedia',
  'OnlineDevice',
  'QuiesceDevice',
  'Reboot',
  'Reset',
  'RestoreProperties',
  'SaveProperties',
  'SetPowerState',
  'Shutdown',
];

test('of the methods of classes that have instances, no other is left out, and none that our own MOF declares', () => {
  const absent = new Set<string>();
  for (const { cim } of rows.elements) {
    for (const { name } of [...schemas.values()].flatMap((each) => [...(each.class(cim)?.methods ?? [])])) {
      if (!methods[cim]?.[name]) absent.add(name);
    }
  }
  expect([...absent].sort()).toEqual(left);
  const own = [...schema.classes()].filter(({ name }) => name.startsWith('Xen_'));
  const ours = own.flatMap(({ methods: all }) => [...all].filter(({ classOrigin }) => classOrigin?.startsWith('Xen_')));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter(({ name }) => left.includes(name))).toEqual([]);
});
