import { describe, expect, it } from 'vitest';
import type { CimClass, Qualifier } from '../../src/cim/class.js';
import type { NameMap } from '../../src/cim/name.js';
import { compile, refusal } from './mof.js';

const classOf = (text: string, name: string): CimClass => compile(text).class(name)!;

const shown = (qualifiers: NameMap<Qualifier>): string[] =>
  [...qualifiers].map((one) => `${one.name}=${String(one.value)}${one.propagated ? ' propagated' : ''}`);

describe('DSP0004 5.6.1.4: how qualifiers travel', () => {
  const text = `
    Qualifier Sticky : string, Scope(any), Flavor(DisableOverride, ToSubclass);
    [Abstract, Version ("1"), Sticky ("s"), UMLPackagePath ("p")]
    class A {
      [Deprecated {"x"}, MaxLen (5), Units ("u"), Description ("d")] string P;
      [Deprecated {"y"}, Description ("m")] uint32 M([In, MaxLen (3), Deprecated {"z"}] string S);
    };
    [Description ("b")] class B : A {
      [Override ("P"), MaxLen (7)] string P;
    };
    [Sticky ("s")] class C : B { [Override ("M"), Static] uint32 M([Out] string S); };`;

  it('keeps a Restricted one where it stands, and hands the others down as propagated', () => {
    const b = classOf(text, 'B');
    expect(shown(b.qualifiers)).toEqual(['Description=b', 'Sticky=s propagated', 'UMLPackagePath=p propagated']);
    expect(b.isAbstract).toBe(false);
    expect(shown(classOf(text, 'A').qualifiers)).toEqual([
      'Abstract=true',
      'Version=1',
      'Sticky=s',
      'UMLPackagePath=p',
    ]);
  });

  it('joins an overriding property with the qualifiers of the one it overrides', () => {
    expect(shown(classOf(text, 'B').properties.get('p')!.qualifiers)).toEqual([
      'Override=P',
      'MaxLen=7',
      'Units=u propagated',
      'Description=d propagated',
    ]);
    expect(shown(classOf(text, 'C').properties.get('P')!.qualifiers)).toEqual([
      'MaxLen=7 propagated',
      'Units=u propagated',
      'Description=d propagated',
    ]);
  });

  it('does so for methods and their parameters', () => {
    const inherited = classOf(text, 'B').methods.get('M')!;
    expect(shown(inherited.qualifiers)).toEqual(['Description=m propagated']);
    expect(shown(inherited.parameters.get('S')!.qualifiers)).toEqual(['In=true propagated', 'MaxLen=3 propagated']);
    const overriding = classOf(text, 'C').methods.get('M')!;
    expect(shown(overriding.qualifiers)).toEqual(['Override=M', 'Static=true', 'Description=m propagated']);
    expect(shown(overriding.parameters.get('S')!.qualifiers)).toEqual([
      'Out=true',
      'In=true propagated',
      'MaxLen=3 propagated',
    ]);
  });

  it('lets a DisableOverride one be repeated, and refuses to change it', () => {
    expect(shown(classOf(text, 'C').qualifiers)).toContain('Sticky=s');
    const error = refusal(`${text}\n[Sticky ("t")] class D : A {};`);
    expect(error).toMatchObject({ file: 'a.mof', line: 12, column: 2 });
    expect(error.message).toContain(
      'the qualifier Sticky is s in the superclass and may not be changed (DisableOverride)',
    );
  });

  it('goes by a flavor given at the place, and by the declared one otherwise', () => {
    const own =
      'class A { [MaxLen (5): Restricted] string P; [MaxLen (5): DisableOverride] string Q; }; class B : A {};';
    expect(shown(classOf(own, 'B').properties.get('P')!.qualifiers)).toEqual([]);
    expect(refusal(`${own} class C : B { [Override ("Q"), MaxLen (6)] string Q; };`).message).toContain(
      'DisableOverride',
    );
  });

  it('gives a boolean without a value TRUE, and any other NULL', () => {
    const one = classOf('class A { [Write, Units, ValueMap] uint8 P; };', 'A').properties.get('P')!;
    expect([...one.qualifiers].map((qualifier) => qualifier.value)).toEqual([true, null, null]);
  });
});

describe('DSP0004 5.1: what a class inherits', () => {
  const text = `
    class C : B { [Override ("One")] string One = "c"; string Four; };
    class B : A { [Override ("two"), Write] string Two; uint8 Three = 3; };
    class A { [Write] string One = "a"; string Two; uint32 M(); [Key] uint16 Kk; };`;
  const c = classOf(text, 'C');

  it('comes first, in its own order, and what overrides keeps its place', () => {
    expect([...c.properties].map((one) => one.name)).toEqual(['One', 'Two', 'Kk', 'Three', 'Four']);
  });

  it('is propagated and knows where it was declared or overridden last', () => {
    expect([...c.properties].map((one) => [one.name, one.classOrigin, one.propagated, one.value])).toEqual([
      ['One', 'C', false, 'c'],
      ['Two', 'B', true, null],
      ['Kk', 'A', true, null],
      ['Three', 'B', true, 3],
      ['Four', 'C', false, null],
    ]);
    expect(c.methods.get('m')).toMatchObject({ classOrigin: 'A', propagated: true });
  });

  it('keeps the default of an overridden property that names none', () => {
    expect(classOf(`${text} class D : C { [Override ("One")] string One; };`, 'D').properties.get('One')!.value).toBe(
      'c',
    );
  });

  it('has its keys in alphabetical order', () => {
    expect(classOf('class A { [Key] string b; [Key] string C; [Key] string A; };', 'A').keys).toEqual(['A', 'b', 'C']);
  });

  it('makes associations of associations, and indications of indications', () => {
    const schema = compile(`class X {}; [Association] class A { [Key] X REF L; [Key] X REF R; }; class B : A {};
      [Indication] class I {}; class J : I {}; class K : X {};`);
    expect([
      schema.class('B')!.isAssociation,
      schema.class('J')!.isIndication,
      schema.class('K')!.isAssociation,
    ]).toEqual([true, true, false]);
  });

  it('shows what a reference leads to, and what a string embeds (DSP0004 5.6.3)', () => {
    const schema = compile(`class X {}; [Association] class A { [Key] X REF L; [Key] X REF R; };
      class E { [EmbeddedInstance ("X")] string I; [EmbeddedObject] string O[]; [EmbeddedInstance ("X")] string M(X REF P[], [EmbeddedInstance ("X")] string Q); };`);
    expect(schema.class('A')!.properties.get('L')).toMatchObject({ type: 'reference', referenceClass: 'X', key: true });
    const e = schema.class('E')!;
    expect(e.properties.get('I')).toMatchObject({ type: 'string', embedded: 'instance', referenceClass: 'X' });
    expect(e.properties.get('O')).toMatchObject({ embedded: 'object', isArray: true });
    const m = e.methods.get('M')!;
    expect(m.returnEmbedded).toBe('instance');
    expect([...m.parameters]).toMatchObject([
      { type: 'reference', referenceClass: 'X', isArray: true },
      { embedded: 'instance', referenceClass: 'X' },
    ]);
  });

  it('types its defaults (DSP0004 7.6.3, 7.12)', () => {
    const one = classOf(
      `class A { uint64 W = 0xFF; sint8 S = -128; real32 R = 1; char16 C = 'x'; char16 D = 0x41; boolean B = TRUE;
        datetime T = "20261122140000.000000+000"; string L[] = {"a" "b", NULL}; string E[] = {}; string N = NULL; };`,
      'A',
    );
    expect([...one.properties].map((property) => property.value)).toEqual([
      255n,
      -128,
      1,
      'x',
      'A',
      true,
      '20261122140000.000000+000',
      ['ab', null],
      [],
      null,
    ]);
  });
});

describe('a MofError says what contradicts what', () => {
  it.each([
    ['class A : Nowhere {};', 1, 11, 'there is no class Nowhere: the superclass of A was expected'],
    ['class A : A {};', 1, 11, 'A would be its own superclass'],
    ['class A : B {}; class B : A {};', 1, 27, 'B would be its own superclass'],
    ['class A { string P; uint8 p; };', 1, 27, 'A has a p already'],
    ['class A { [Wrong] string P; };', 1, 12, 'there is no qualifier Wrong'],
    [
      'class A { [Association] string P; };',
      1,
      12,
      'the qualifier Association is for association, and this is a property',
    ],
    ['class A { [Write, Write] string P; };', 1, 19, 'the qualifier Write stands here twice'],
    ['class A { [MaxLen ("5")] string P; };', 1, 20, 'a uint32 (0 to 4294967295) was expected, not the string "5"'],
    ['class A { [ValueMap ("5")] string P; };', 1, 22, 'an array of string in { } was expected'],
    ['class A { [MaxLen {5}] string P; };', 1, 19, 'a single uint32 was expected, not an array'],
    ['class A { uint8 P = 256; };', 1, 21, 'a uint8 (0 to 255) was expected, not the integer "256"'],
    ['class A { uint8 P[1] = {1, 2}; };', 1, 24, 'at most 1 values were expected, not 2'],
    ['class A { datetime P = "now"; };', 1, 24, 'a datetime of 25 characters'],
    ['class A { string P = $x; };', 1, 22, 'a string was expected, not $x'],
    ['class A { string P; }; class B : A { string P; };', 1, 45, 'Override ("P") was expected'],
    [
      'class A { string P; }; class B : A { [Override ("Q")] string P; };',
      1,
      39,
      'Override ("P") was expected, not "Q"',
    ],
    ['class A { [Override ("P")] string P; };', 1, 12, 'no superclass of A has a P to override'],
    [
      'class A { string P; }; class B : A { [Override ("P")] uint8 P; };',
      1,
      61,
      'P is uint8: string was expected, as in A',
    ],
    [
      'class A { string P; }; class B : A { [Override ("P")] string P[]; };',
      1,
      62,
      'P is string[]: string was expected',
    ],
    [
      'class A { uint8 M(); }; class B : A { [Override ("M")] uint16 M(); };',
      1,
      63,
      'M returns uint16: uint8 was expected',
    ],
    [
      'class A { uint8 M(string S[]); }; class B : A { [Override ("M")] uint8 M(string S); };',
      1,
      72,
      'M takes other parameters: (string[] S) was expected',
    ],
    ['class A { uint8 M(string S, uint8 s); };', 1, 35, 'M has a parameter s already'],
    ['[Association] class A { [Key] Nowhere REF P; [Key] A REF Q; };', 1, 43, 'there is no class Nowhere'],
    ['class A { [EmbeddedInstance ("Nowhere")] string P; };', 1, 49, 'there is no class Nowhere'],
    ['class A { [EmbeddedObject] uint8 P; };', 1, 34, 'P is a uint8: what embeds an instance or object is a string'],
    ['class A { A REF P; };', 1, 17, 'A is no association: a reference was not expected'],
    ['[Association] class A { [Key] A REF P; };', 1, 21, 'an association has two references or more: A has 1'],
    ['[Association] class A { A REF P; A REF Q[]; };', 1, 40, 'the reference Q must be single'],
    ['class A {}; [Association] class B : A { B REF P; B REF Q; };', 1, 37, 'A is no association'],
    ['class A { [Key] string P; }; class B : A { [Key] string Q; };', 1, 57, 'A has keys: Q can be none beside them'],
    ['[Terminal] class A {}; class B : A {};', 1, 34, 'A is Terminal and can have no subclass'],
    ['class A {};\nclass a {};', 2, 7, 'the class a stands already at a.mof:1:7'],
    [
      `class X {}; class Y {}; [Association] class A { X REF L; X REF R; };
class B : A { [Override ("L")] Y REF L; };`,
      2,
      38,
      'L leads to Y: X or a subclass was expected, as in A',
    ],
  ])('%s', (text, line, column, why) => {
    const error = refusal(text);
    expect(error.message).toContain(why);
    expect(error).toMatchObject({ file: 'a.mof', line, column });
  });
});
