import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CimClass, Qualifier } from '../../src/cim/class.js';
import type { NameMap } from '../../src/cim/name.js';
import { compileNamespace, compileSchema } from '../../src/mof/compile.js';
import type { Schema } from '../../src/mof/schema.js';
import { openSource } from '../../src/mof/source.js';
import { bearsOnBehaviour, dmtfFiles, referenceSchema } from '../generate/dmtf.js';
import { reference, root } from './mof.js';

const archive = join(reference, 'cim_schema_2.49.0Final-MOFs.zip');
const absent = !existsSync(archive);
if (absent) console.log('the DMTF classes are not held against their source: ../shared/reference is not there');

const ours = compileSchema(openSource(join(root, 'mof/dmtf/schema.mof')));

const kept = (qualifiers: NameMap<Qualifier>): Qualifier[] =>
  [...qualifiers].filter(bearsOnBehaviour).sort((a, b) => (a.name < b.name ? -1 : 1));

/** All that a client can see of a class but its prose. */
const essence = (one: CimClass) => ({
  ...one,
  qualifiers: kept(one.qualifiers),
  properties: [...one.properties].map((property) => ({ ...property, qualifiers: kept(property.qualifiers) })),
  methods: [...one.methods].map((method) => ({
    ...method,
    qualifiers: kept(method.qualifiers),
    parameters: [...method.parameters].map((parameter) => ({ ...parameter, qualifiers: kept(parameter.qualifiers) })),
  })),
});

describe('the DMTF classes that we serve', () => {
  it('hold no prose', () => {
    for (const one of ours.classes())
      expect([...one.qualifiers].filter((qualifier) => !bearsOnBehaviour(qualifier))).toEqual([]);
  });

  it('are included in both namespaces', () => {
    for (const file of ['root-cimv2.mof', 'root-interop.mof'])
      expect(readFileSync(join(root, 'mof', file), 'utf8')).toContain('#pragma include ("dmtf/schema.mof")');
  });
});

describe.skipIf(absent)('the DMTF schema 2.49.0', () => {
  let theirs: Schema;
  beforeAll(() => {
    theirs = referenceSchema(reference);
  });

  it('compiles in whole, from the archive: a class for each file that its own list includes', () => {
    const schema = openSource(archive);
    const list = schema.read(schema.roots[0]!)!.text;
    const included = list.match(/^#pragma include \("\w+\/\w+\.mof"\)/gm)!.length;
    expect([...compileSchema(schema).classes()]).toHaveLength(included);
    expect(included).toBeGreaterThan(1600);
  });

  it('has each of our classes in the same names, types, keys, value maps and other qualifiers', () => {
    const mine = [...ours.classes()];
    expect(mine.length).toBeGreaterThan(250);
    for (const one of mine) expect(essence(one)).toEqual(essence(theirs.class(one.name)!));
  });

  it('has our qualifiers', () => {
    expect([...ours.qualifierTypes]).toEqual([...theirs.qualifierTypes]);
  });

  it('gives the files of mof/dmtf as they stand; else run test/generate/dmtf.ts', () => {
    const files = dmtfFiles(theirs);
    expect(readdirSync(join(root, 'mof/dmtf')).sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(join(root, 'mof/dmtf', name), 'utf8')).toBe(text);
  });

  it('may take the place of our subset (decisions.md 26)', () => {
    const schema = compileNamespace({ root: join(root, 'mof/dmtf/schema.mof'), override: archive });
    expect([...schema.classes()]).toHaveLength([...theirs.classes()].length);
    expect(schema.class('CIM_ManagedElement')!.properties.get('Caption')!.qualifiers.has('Description')).toBe(true);
    expect(schema.isA('CIM_VirtualSystemMigrationService', 'CIM_Service')).toBe(true);
  });
});

describe('GetClass of a DMTF class shows it exactly (DSP0004 5.6.1.4)', () => {
  const system = ours.class('cim_computersystem')!;

  it('with inherited keys, in alphabetical order', () => {
    expect(system.superclass).toBe('CIM_System');
    expect(system.keys).toEqual(['CreationClassName', 'Name']);
    expect(system.properties.get('CreationClassName')).toMatchObject({
      key: true,
      propagated: true,
      classOrigin: 'CIM_System',
    });
  });

  it('with the qualifiers of an overriding property', () => {
    const format = system.properties.get('NameFormat')!;
    expect(format).toMatchObject({ propagated: false, classOrigin: 'CIM_ComputerSystem' });
    expect(format.qualifiers.get('Override')).toMatchObject({ value: 'NameFormat', propagated: false });
  });

  it('with Abstract where it stands alone', () => {
    expect(ours.class('CIM_System')!.isAbstract).toBe(true);
    expect(system.isAbstract).toBe(false);
    expect(system.qualifiers.has('Abstract')).toBe(false);
  });
});
