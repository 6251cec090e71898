import { describe, expect, test } from 'vitest';
import { instancePath } from '../../src/cim/path.js';
import { association } from '../../src/provider/association.js';
import { disagreements } from '../../src/provider/check.js';
import { label } from '../../src/provider/codec.js';
import { element } from '../../src/provider/element.js';
import { host, rows, schema, smallPool, storage, system } from './small-pool.js';

const ns = 'root/cimv2';
const { engine, asked, store } = smallPool();
const all = (name: string) => [...engine.enumerate(ns, name)];
const at = (name: string, i = 0) => all(name)[i]!;
const key = (path: { keys: readonly { value: unknown }[] }) => path.keys.map(({ value }) => value);
const values = (name: string, i = 0): Record<string, unknown> => {
  const { shape, values } = engine.instance(ns, at(name, i));
  return Object.fromEntries(shape.properties.map((p, n) => [p.name, values[n]]));
};
const others = (subject: ReturnType<typeof at>, filter = {}) =>
  [...engine.ties(ns, subject, filter)].map(
    (tie) => `${tie.role}>${tie.otherRole}:${key(engine.path(ns, tie.other)).at(-1)}`,
  );

describe('enumeration', () => {
  test('gives the records that count, in the order of their uuids, times their parts', () => {
    expect(all('t_system').map((s) => key(engine.path(ns, s)))).toEqual([
      ['T_System', 'a'],
      ['T_System', 'b'],
      ['T_System', 'c'],
    ]);
    expect(all('T_Processor')).toHaveLength(2 + 1 + 300);
    expect([...engine.enumerate('nowhere', 'T_System')]).toEqual([]);
  });
  test('an alias of the namespace is what the paths name', () => {
    expect(engine.path('alias', at('T_System')).namespace).toBe('alias');
  });
});

describe('values take the type of the MOF', () => {
  test('labels, dates, maps, wide integers, defaults', () => {
    expect(values('T_System', 0)).toMatchObject({
      State: 2,
      Installed: '20240501100000.000000+000',
      Fixed: 7,
      Small: 2,
    });
    expect(values('T_System', 1)).toMatchObject({
      State: 3,
      Installed: null,
      Other: ['x=y=z', 'e='],
      Memory: 2n ** 60n,
    });
  });
  test('what does not fit is NULL', () => expect(values('T_System', 2)['Small']).toBeNull());
  test('a property list leaves the others out', () => {
    const wanted = { has: (name: string) => name === 'State', size: 1 } as never;
    const { values } = engine.instance(ns, at('T_System'), wanted);
    expect(values.filter((value) => value !== null)).toEqual([2]);
  });
  test('a table by part, and a part that it leaves out', () => {
    expect(values('T_Processor', 0)['ElementName']).toBe('boot');
    expect(values('T_Processor', 1)['ElementName']).toBeNull();
  });
});

describe('look-up by path', () => {
  const found = (name: string, keys: Record<string, string>) =>
    engine.find(
      ns,
      instancePath(
        name,
        Object.entries(keys).map(([name, value]) => ({ name, type: 'string', value })),
      ),
    );
  test('every path gets its instance back', () => {
    for (const name of ['T_System', 'T_Host', 'T_Processor', 'T_Storage', 'T_Hosted', 'T_Part', 'T_Tree', 'T_Every']) {
      expect(all(name).length).toBeGreaterThan(0);
      for (const subject of all(name)) {
        const path = engine.path(ns, subject);
        const back = engine.find(ns, path);
        expect(back && engine.path(ns, back)).toEqual(path);
      }
    }
  });
  test('names are compared without case, values exactly, and all keys count', () => {
    expect(found('t_SYSTEM', { NAME: 'a', creationclassname: 'T_System' })).toBeDefined();
    expect(found('T_System', { Name: 'A', CreationClassName: 'T_System' })).toBeUndefined();
    expect(found('T_System', { Name: 'a' })).toBeUndefined();
    expect(found('T_System', { Name: 't', CreationClassName: 'T_System' })).toBeUndefined();
    expect(found('T_System', { Name: 'a', CreationClassName: 'T_System', More: 'x' })).toBeUndefined();
  });
  test('a part that is not there is not found', () => {
    const keys = { SystemCreationClassName: 'T_System', SystemName: 'a', CreationClassName: 'T_Processor' };
    expect(found('T_Processor', { ...keys, DeviceID: 'Xen:a/VCPU1' })).toBeDefined();
    expect(found('T_Processor', { ...keys, DeviceID: 'Xen:a/VCPU2' })).toBeUndefined();
    expect(found('T_Processor', { ...keys, DeviceID: 'Xen:b/VCPU1' })).toBeUndefined();
    expect(found('T_Processor', { ...keys, DeviceID: 'nonsense' })).toBeUndefined();
  });
  test('the part of a key that is no identity is not compared', () => {
    expect(found('T_Storage', { InstanceID: 'Xen:Moved/s' })).toBeDefined();
    expect(found('T_Storage', { InstanceID: 'Xen:Moved/other' })).toBeUndefined();
  });
});

describe('associations', () => {
  test('the first way that leads anywhere counts, and its inverse is the same', () => {
    const pairs = all('T_Hosted').map((tie) => key(engine.path(ns, tie)).map((path) => key(path as never)[1]));
    expect(pairs).toEqual([
      ['h2', 'a'],
      ['h2', 'b'],
      ['h1', 'c'],
    ]);
    expect(others(at('T_Host', 0), { association: (name: string) => name === 'T_Hosted' })).toEqual([
      'Antecedent>Dependent:c',
    ]);
    expect(others(at('T_Host', 1), { association: (name: string) => name === 'T_Hosted' })).toEqual([
      'Antecedent>Dependent:a',
      'Antecedent>Dependent:b',
    ]);
  });
  test('a self-association is walked both ways, each role once', () => {
    const tree = { association: (name: string) => name === 'T_Tree' };
    expect(others(at('T_System', 0), tree)).toEqual(['Parent>Child:b']);
    expect(others(at('T_System', 1), tree)).toEqual(['Child>Parent:a']);
  });
  test('role, result role and result class narrow', () => {
    expect(others(at('T_System'), { role: 'group' })).toHaveLength(2);
    expect(others(at('T_System'), { resultRole: 'ANTECEDENT' })).toEqual(['Dependent>Antecedent:h2']);
    expect(others(at('T_System'), { resultClass: (name: string) => name === 'T_Host' })).toEqual([
      'Dependent>Antecedent:h2',
    ]);
    expect(others(at('T_System'), { role: 'nothing' })).toEqual([]);
  });
  test('properties of the pair', () => expect(values('T_Hosted')['Weight']).toBe(2));
  test('every tie leads back, and its instance is found', () => {
    for (const name of ['T_System', 'T_Host', 'T_Processor', 'T_Storage']) {
      for (const subject of all(name)) {
        for (const { association, role, otherRole, other } of engine.ties(ns, subject, {})) {
          const same = { association: (n: string) => n === association.className, role: otherRole, resultRole: role };
          const back = [...engine.ties(ns, other, same)].map((tie) => engine.path(ns, tie.other));
          expect(back).toContainEqual(engine.path(ns, subject));
          expect(engine.find(ns, engine.path(ns, association))).toBeDefined();
        }
      }
    }
  });
});

test('live properties are fetched for the hosts that are asked about, once', async () => {
  const wanted = (name: string) => ({ has: (n: string) => n === name, size: 1 }) as never;
  await engine.ready(all('T_Processor'));
  expect(asked).toEqual([['h2']]);
  expect(engine.ready(all('T_Processor'), wanted('ElementName'))).toBeUndefined();
  expect(engine.ready(all('T_System'))).toBeUndefined();
  expect(values('T_Processor', 0)['Load']).toBe(25);
  expect(values('T_Processor', 1)['Load']).toBeNull();
});

test('a change of the store is seen by the next read', () => {
  const small = smallPool();
  const before = small.store.get('VM', 'A')!;
  small.store.apply([{ of: 'VM', ref: 'A', after: { ...before, resident_on: 'H1' } }]);
  const names = [...small.engine.enumerate(ns, 'T_Hosted')].map((tie) => JSON.stringify(small.engine.path(ns, tie)));
  expect(names[0]).toContain('h1');
  expect(store.get('VM', 'A')?.resident_on).toBe('H2');
});

describe('check', () => {
  const said = (elements: unknown[], associations: unknown[] = []) =>
    [...disagreements(new Map([[ns, schema]]), { elements, associations } as never)].filter(
      (line) => !line.includes('no row'),
    );
  test('nothing to say about rows that agree', () =>
    expect(said([...rows.elements], [...rows.associations])).toEqual([]));
  test('a sentence for each disagreement', () => {
    const key = { form: 'system' } as const;
    expect(said([element('T_None', 'VM', { key, properties: {} })])[0]).toMatch(/T_None: no such class/);
    expect(said([element('T_System', 'VM', { key, properties: { Nope: 'uuid' } })])[0]).toMatch(
      /T_System.Nope: no such property/,
    );
    expect(said([element('T_System', 'VM', { key, properties: { Name: 'uuid' } })])[0]).toMatch(/a key/);
    expect(said([element('T_System', 'VM', { key, properties: { State: { value: label('On') } } })])[0]).toMatch(
      /'On' is not one of its Values/,
    );
    expect(said([element('T_System', 'VM', { key: { form: 'setting' }, properties: {} })])[0]).toMatch(
      /keys CreationClassName, Name/,
    );
    const wrongEnd = association('T_Hosted', ['Dependent', host], ['Antecedent', host], []);
    expect(said([host], [wrongEnd])[0]).toMatch(/T_Host is not a T_System/);
    const wrongRole = association('T_Part', ['Nope', system], ['Group', system], []);
    expect(said([system], [wrongRole]).join()).toMatch(/T_Part.Nope: not a reference/);
    expect(said([system], [association('T_Every', ['One', storage], ['All', host], 'every')]).join()).toMatch(
      /not in the list/,
    );
  });
});
