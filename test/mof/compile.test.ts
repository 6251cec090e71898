import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileNamespace, compileSchema } from '../../src/mof/compile.js';
import { MofError } from '../../src/mof/error.js';
import { openSource, textSource } from '../../src/mof/source.js';

const key = 'Qualifier Key : boolean = false, Scope(property, reference), Flavor(DisableOverride, ToSubclass);';
const names = (schema: { classes(): Iterable<{ name: string }> }): string[] =>
  [...schema.classes()].map((one) => one.name);

describe('DSP0004 7.11: includes', () => {
  it('are found beside the file that includes them, or beside the root', () => {
    const files = {
      'top/root.mof': '#pragma include ("a/a.mof")',
      'top/a/a.mof': '#pragma include ("b.mof")\n#pragma include ("c/c.mof") class A : B {};',
      'top/a/b.mof': 'class B {};',
      'top/c/c.mof': 'class C : A {};',
    };
    expect(names(compileSchema(textSource(files, ['top/root.mof'])))).toEqual(['B', 'A', 'C']);
  });

  it('are read once, whoever names them', () => {
    const files = {
      'a.mof': '#pragma include ("b.mof") class A {};',
      'b.mof': '#pragma include ("a.mof") class B {};',
    };
    expect(names(compileSchema(textSource(files)))).toEqual(['A', 'B']);
  });

  it('are refused with their place where there is no such file', () => {
    const compile = () => compileSchema(textSource({ 'd/a.mof': 'class A {};\n#pragma include ("no.mof")' }));
    expect(compile).toThrow(MofError);
    expect(compile).toThrow('d/a.mof:2:1: there is no file d/no.mof to include');
    expect(() => compileSchema(textSource({}, ['no.mof']))).toThrow('there is no file no.mof');
  });

  it('may hold a superclass after its subclasses', () => {
    const files = { 'a.mof': 'class C : B {};', 'b.mof': 'class B : A {}; class A {};' };
    expect(names(compileSchema(textSource(files)))).toEqual(['A', 'B', 'C']);
  });
});

describe('the places MOF comes from', () => {
  const files = {
    'cim_schema_9.9.0.mof': '#pragma include ("Core/q.mof")\n#pragma include ("Core/A.mof")',
    'Core/q.mof': key,
    'Core/A.mof': 'class CIM_A { [Key] string Theirs; };',
    'Core/unlisted.mof': 'class CIM_Unlisted {};',
  };
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mof-'));
    mkdirSync(join(folder, 'schema/Core'), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'schema', name), text);
    const entries = Object.fromEntries(Object.entries(files).map(([name, text]) => [`in/${name}`, strToU8(text)]));
    writeFileSync(join(folder, 'schema.zip'), zipSync({ ...entries, 'in/readme.txt': strToU8('no MOF') }));
    writeFileSync(
      join(folder, 'ours.mof'),
      `${key} class CIM_A { [Key] string Ours; }; class CIM_B : CIM_A {}; class Xen_C : CIM_B {};`,
    );
    writeFileSync(join(folder, 'latin.mof'), Buffer.from('// \xe4', 'latin1'));
    writeFileSync(join(folder, 'broken.zip'), 'PK?');
    mkdirSync(join(folder, 'empty'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['schema', 'schema.zip', 'schema/cim_schema_9.9.0.mof'])('may be %s', (path) => {
    expect(names(compileSchema(openSource(join(folder, path))))).toEqual(['CIM_A']);
  });

  it('are all files of a folder that has no schema file', () => {
    expect(names(compileSchema(openSource(join(folder, 'schema/Core'))))).toEqual(['CIM_A', 'CIM_Unlisted']);
  });

  it('are named where they cannot be used', () => {
    expect(() => openSource(join(folder, 'none'))).toThrow('a folder of MOF files, a .zip or a .mof was expected');
    expect(() => openSource(join(folder, 'empty'))).toThrow('holds no .mof file');
    expect(() => openSource(join(folder, 'broken.zip'))).toThrow('broken.zip cannot be read as a zip archive');
    expect(() => compileSchema(openSource(join(folder, 'latin.mof')))).toThrow('is not UTF-8');
  });

  it.each(['schema', 'schema.zip'])(
    'take the place of our classes, ours fill the rest: %s (decisions.md 26)',
    (path) => {
      const schema = compileNamespace({ root: join(folder, 'ours.mof'), override: join(folder, path) });
      expect(names(schema)).toEqual(['CIM_A', 'CIM_B', 'Xen_C']);
      expect(schema.class('Xen_C')!.keys).toEqual(['Theirs']);
      expect(compileNamespace({ root: join(folder, 'ours.mof') }).class('Xen_C')!.keys).toEqual(['Ours']);
    },
  );
});
