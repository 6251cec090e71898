import { describe, expect, test } from 'vitest';
import { compileSchema } from '../../src/mof/compile.js';
import { textSource } from '../../src/mof/source.js';
import { association } from '../../src/provider/association.js';
import { bind, type Rows } from '../../src/provider/binding.js';
import { disagreements } from '../../src/provider/check.js';
import { Alteration, Dependence } from '../../src/provider/dependence.js';
import { element } from '../../src/provider/element.js';
import { Engine } from '../../src/provider/engine.js';
import type { RowSubject } from '../../src/provider/subject.js';
import { route } from '../../src/provider/walk.js';
import { RecordStore } from '../../src/xenapi/store.js';

const mof = `
Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);
Qualifier Association : boolean = false, Scope(association), Flavor(DisableOverride, ToSubclass);
class T_System { [Key] string CreationClassName; [Key] string Name; string Alerts[]; };
class T_Alert { [Key] string InstanceID; string Owner; };
class T_Image { [Key] string InstanceID; };
class T_Log { [Key] string InstanceID; uint64 Count; };
class T_Firmware {
  [Key] string Name; [Key] string Version; [Key] uint16 SoftwareElementState; [Key] string SoftwareElementID;
  [Key] uint16 TargetOperatingSystem;
};
[Association] class T_About { [Key] T_Alert REF Antecedent; [Key] T_System REF Dependent; };
[Association] class T_Concerned { [Key] T_System REF Antecedent; [Key] T_Alert REF Dependent; };
[Association] class T_Saved { [Key] T_Image REF Antecedent; [Key] T_System REF Dependent; };
[Association] class T_Parent { [Key] T_Image REF Child; [Key] T_Image REF Parent; };
`;

const system = element('T_System', 'VM', {
  reads: { alerts: ['<message.obj_uuid'] },
  key: { form: 'system' },
  properties: { Alerts: { calc: (_vm, { alerts }) => alerts.map(({ name }) => name) } },
});
const alert = element('T_Alert', 'message', {
  reads: { vm: ['obj_uuid=VM'] },
  key: { form: 'setting' },
  properties: { Owner: { from: 'vm', field: 'name_label' } },
});
const log = element('T_Log', 'pool', {
  reads: { alerts: ['#message'] },
  key: { form: 'setting' },
  properties: { Count: { calc: (_pool, { alerts }) => alerts } },
});
const image = element('T_Image', 'VDI', { key: { form: 'setting' }, properties: {} });
const firmware = element('T_Firmware', 'host', {
  key: {
    form: 'softwareElement',
    text: 'BIOS',
    keys: {
      Name: () => 'BIOS',
      Version: ({ bios_strings }) => bios_strings['bios-version'],
      SoftwareElementState: () => '3',
      TargetOperatingSystem: () => '66',
    },
  },
  properties: {},
});

const rows: Rows = {
  elements: [system, alert, log, image, firmware],
  associations: [
    association('T_About', ['Antecedent', alert], ['Dependent', system], ['obj_uuid=VM']),
    association('T_Concerned', ['Antecedent', system], ['Dependent', alert], ['<message.obj_uuid']),
    association('T_Saved', ['Antecedent', image], ['Dependent', system], ['<VM.suspend_VDI']),
    association('T_Parent', ['Child', image], ['Parent', image], ['sm_config.vhd-parent=VDI']),
  ],
};

/** The compiler refuses a reference as a uuid, and what is no class. */
const refused = (): unknown => [
  // @ts-expect-error message has no such field
  element('X', 'message', { reads: { a: ['nowhere=VM'] }, key: { form: 'setting' }, properties: {} }),
  // @ts-expect-error a reference is no uuid
  element('X', 'VBD', { reads: { a: ['VM=VM'] }, key: { form: 'setting' }, properties: {} }),
  // @ts-expect-error VM.suspend_VDI leads to a VDI
  element('X', 'VBD', { reads: { a: ['<VM.suspend_VDI'] }, key: { form: 'setting' }, properties: {} }),
  // @ts-expect-error message has no such field
  element('X', 'VM', { reads: { a: ['<message.nowhere'] }, key: { form: 'setting' }, properties: {} }),
  // @ts-expect-error a number of records stands alone
  element('X', 'pool', { reads: { a: ['master', '#message'] }, key: { form: 'setting' }, properties: {} }),
  // @ts-expect-error no such class
  element('X', 'message', { reads: { a: ['obj_uuid=Vm'] }, key: { form: 'setting' }, properties: {} }),
];

const schemas = new Map([['root/cimv2', compileSchema(textSource({ 'all.mof': mof }))]]);

function filled(): { engine: Engine; store: RecordStore } {
  const store = new RecordStore();
  const engine = new Engine({
    store,
    schemas,
    rows,
    readings: { sample: () => undefined, refresh: () => undefined },
    canonical: (name) => name,
  });
  store.apply([
    { of: 'pool', ref: 'R:p1', after: { uuid: 'p1' } },
    { of: 'VM', ref: 'R:v1', after: { uuid: 'v1', name_label: 'one', suspend_VDI: 'R:d1' } },
    { of: 'VM', ref: 'R:v2', after: { uuid: 'v2', name_label: 'two' } },
    { of: 'message', ref: 'R:m1', after: { uuid: 'm1', name: 'STARTED', cls: 'VM', obj_uuid: 'v1' } },
    { of: 'message', ref: 'R:m2', after: { uuid: 'm2', name: 'CRASHED', cls: 'VM', obj_uuid: 'v1' } },
    { of: 'message', ref: 'R:m3', after: { uuid: 'm3', cls: 'VM', obj_uuid: 'gone' } },
    { of: 'VDI', ref: 'R:d1', after: { uuid: 'd1', sm_config: {} } },
    { of: 'VDI', ref: 'R:d2', after: { uuid: 'd2', sm_config: { 'vhd-parent': 'd1' } } },
    { of: 'host', ref: 'R:h1', after: { uuid: 'h1', bios_strings: { 'bios-version': '2.1' } } },
    { of: 'host', ref: 'R:h2', after: { uuid: 'h2', bios_strings: {} } },
  ]);
  return { engine, store };
}

const all = (engine: Engine, cls: string): RowSubject[] => [...engine.enumerate('root/cimv2', cls)];
const keyOf = (engine: Engine, subject: RowSubject): unknown => engine.path('root/cimv2', subject).keys.at(-1)?.value;
const others = (engine: Engine, subject: RowSubject, role: string): unknown[] =>
  [
    ...engine.ties('root/cimv2', subject, { role, association: (name) => name === 'T_About' || name === 'T_Parent' }),
  ].map(({ other }) => keyOf(engine, other));

describe('a step that joins by value', () => {
  test('leads from the field to the record of that uuid, and back', () => {
    const { engine } = filled();
    const [one, two] = all(engine, 'T_System');
    const [first, , lost] = all(engine, 'T_Alert');
    expect(others(engine, one!, 'Dependent')).toEqual(['Xen:m1', 'Xen:m2']);
    expect(others(engine, two!, 'Dependent')).toEqual([]);
    expect(others(engine, first!, 'Antecedent')).toEqual(['v1']);
    expect(others(engine, lost!, 'Antecedent')).toEqual([]);
    expect(all(engine, 'T_About')).toHaveLength(2);
  });

  test('is followed by what a row reads', () => {
    const { engine, store } = filled();
    const owner = (at: number): unknown => {
      const { shape, values } = engine.instance('root/cimv2', all(engine, 'T_Alert')[at]!);
      return values[shape.properties.findIndex(({ name }) => name === 'Owner')];
    };
    expect([owner(0), owner(2)]).toEqual(['one', null]);
    store.apply([{ of: 'VM', ref: 'R:v9', after: { uuid: 'gone', name_label: 'back' } }]);
    expect(owner(2)).toBe('back');
  });

  test('goes through a key of a map', () => {
    const { engine } = filled();
    const [base, leaf] = all(engine, 'T_Image');
    expect(others(engine, leaf!, 'Child')).toEqual(['Xen:d1']);
    expect(others(engine, base!, 'Parent')).toEqual(['Xen:d2']);
  });

  test('needs a field of text and a class', () => {
    expect(refused).toBeTypeOf('function');
    expect(() => route('message', ['timestamp=VM'])).toThrow('message.timestamp holds no text that could be a uuid');
    expect(() => route('message', ['obj_uuid=Vm'])).toThrow('the XenAPI data model has no class Vm');
    expect(() => route('VDI', ['sm_config=VDI'])).toThrow('VDI.sm_config holds no text');
  });
});

describe('a step backward', () => {
  const alerts = (engine: Engine, at: number): unknown => {
    const { shape, values } = engine.instance('root/cimv2', all(engine, 'T_System')[at]!);
    return values[shape.properties.findIndex(({ name }) => name === 'Alerts')];
  };

  test('leads from a record to those whose field holds its uuid, or its reference, and back', () => {
    const { engine } = filled();
    const [one, two] = all(engine, 'T_System');
    const [first] = all(engine, 'T_Alert');
    const [base, leaf] = all(engine, 'T_Image');
    const named = (association: string, subject: RowSubject): unknown[] =>
      [...engine.ties('root/cimv2', subject, { association: (name) => name === association })].map(({ other }) =>
        keyOf(engine, other),
      );
    expect(named('T_Concerned', one!)).toEqual(['Xen:m1', 'Xen:m2']);
    expect(named('T_Concerned', two!)).toEqual([]);
    expect(named('T_Concerned', first!)).toEqual(['v1']);
    expect(named('T_Saved', base!)).toEqual(['v1']);
    expect(named('T_Saved', leaf!)).toEqual([]);
    expect(named('T_Saved', one!)).toEqual(['Xen:d1']);
    expect(all(engine, 'T_Concerned')).toHaveLength(2);
  });

  test('is followed by what a row reads, and makes what it read stale (decisions.md 8)', () => {
    const { engine, store } = filled();
    expect([alerts(engine, 0), alerts(engine, 1)]).toEqual([['STARTED', 'CRASHED'], []]);
    const bound = [...bind(schemas, rows, { sample: () => undefined, refresh: () => undefined }).values()];
    const dependence = new Dependence();
    for (const one of bound) for (const row of [...one.rows].flat()) dependence.followRow(row);
    for (const one of bound) for (const ties of [...one.associations].flat()) dependence.followTies(ties);
    const before = store.get('message', 'R:m2')!;
    const moved = { of: 'message', ref: 'R:m2', before, after: { ...before, obj_uuid: 'v2' } } as const;
    const alteration = new Alteration(moved);
    const touched = (state: 'before' | 'after' = 'before') => ({
      rows: [...dependence.rows(store, alteration, state)].map(({ row, ref }) => `${row.cls.name} ${ref}`),
      ties: [...dependence.ties(store, alteration)].map(([{ cls }, ref]) => `${cls.name} ${ref}`),
    });
    expect(touched().rows, 'nobody has read anything so far').toEqual([]);
    const systems = bound.flatMap((one) => [...(one.rows.get('T_System') ?? [])]);
    for (const { watch, read } of systems) {
      watch.reader = 0;
      expect(read(store, 'R:v1').alerts).toHaveLength(2);
    }
    expect(touched().rows).toContain('T_System R:v1');
    expect(touched().ties).toContain('T_Concerned R:v1');
    store.apply([moved]);
    expect(touched('after').rows).toContain('T_System R:v2');
    expect(touched().ties).toContain('T_Concerned R:v2');
    expect([alerts(engine, 0), alerts(engine, 1)]).toEqual([['STARTED'], ['CRASHED']]);
  });

  test('needs a field that leads there', () => {
    expect(route('VM', ['<message.obj_uuid']).many).toBe(true);
    expect(() => route('VBD', ['<VM.suspend_VDI'])).toThrow('VM.suspend_VDI leads to VDI, not to VBD');
    expect(() => route('VM', ['<message.priority'])).toThrow('message.priority holds no text');
    expect(() => route('VM', ['<Message.obj_uuid'])).toThrow('the XenAPI data model has no class Message');
  });
});

test('a row can count the records of a class (decisions.md 12)', () => {
  const { engine, store } = filled();
  const count = (): unknown => engine.instance('root/cimv2', all(engine, 'T_Log')[0]!).values[1];
  expect(count()).toBe(3n);
  store.apply([{ of: 'message', ref: 'R:m1', after: undefined }]);
  expect(count()).toBe(2n);
  expect(() => route('pool', ['#Message'])).toThrow('the XenAPI data model has no class Message');
  expect(() => route('pool', ['master', '#message'])).toThrow('a number of records stands alone');
});

describe('keys that are no texts', () => {
  test('are made, shown and found in their declared type', () => {
    const { engine } = filled();
    expect([...disagreements(schemas, rows)]).toEqual([]);
    const [bios, ...more] = all(engine, 'T_Firmware');
    expect(more).toEqual([]);
    const path = engine.path('root/cimv2', bios!);
    expect(path.keys.map(({ name, type, value }) => [name, type, value])).toEqual([
      ['Name', 'string', 'BIOS'],
      ['SoftwareElementID', 'string', 'Xen:h1/BIOS'],
      ['SoftwareElementState', 'uint16', 3],
      ['TargetOperatingSystem', 'uint16', 66],
      ['Version', 'string', '2.1'],
    ]);
    const { shape, values } = engine.instance('root/cimv2', bios!);
    expect(values[shape.properties.findIndex(({ name }) => name === 'SoftwareElementState')]).toBe(3);
    expect(engine.find('root/cimv2', path)).toMatchObject({ ref: 'R:h1' });
    const other = { ...path, keys: path.keys.map((key) => (key.value === 3 ? { ...key, value: 2 } : key)) };
    expect(engine.find('root/cimv2', other)).toBeUndefined();
  });
});
