import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MofError } from '../../src/mof/error.js';
import { parse } from '../../src/mof/parser.js';
import type { ClassNode, Production } from '../../src/mof/syntax.js';
import { runs } from '../fuzz/runs.js';

const productions = (text: string): Production[] => [...parse({ file: 'a.mof', text })];
const classOf = (text: string): ClassNode => productions(text)[0] as ClassNode;

describe('DSP0004 annex A: productions', () => {
  it('are pragmas, of any name and case', () => {
    expect(productions('#pragma Include ("a/b.mof") #PRAGMA locale("en" "_US")')).toMatchObject([
      { kind: 'pragma', name: 'Include', parameter: 'a/b.mof' },
      { kind: 'pragma', name: 'locale', parameter: 'en_US' },
    ]);
  });

  it('are qualifier types with scope and flavor (DSP0004 7.8)', () => {
    expect(
      productions('QUALIFIER A : STRING[3] = {"x", null}, SCOPE(Class, ANY), FLAVOR(Restricted, Translatable);'),
    ).toMatchObject([
      {
        kind: 'qualifierType',
        name: 'A',
        type: 'string',
        isArray: true,
        arraySize: 3,
        value: { kind: 'array', items: [{ kind: 'string', value: 'x' }, { kind: 'null' }] },
        scope: ['class', 'any'],
        flavors: ['restricted', 'translatable'],
      },
    ]);
  });

  it('are classes with properties, references and methods (DSP0004 7.6, 7.7, 7.10)', () => {
    const one = classOf(`[Association, Version ("1" ".2"), ValueMap {"1"}: DisableOverride ToSubclass]
      Class A_B : A_C {
        [Key] A_D ref Left = "a.b=1";
        Uint16 Numbers[4] = { 1, 0x2 };
        [Override("M")] uint32 M([IN] string S[], [Out (true)] A_D REF R[]);
        datetime N();
      };`);
    expect(one).toMatchObject({
      name: 'A_B',
      superclass: 'A_C',
      qualifiers: [
        { name: 'Association', flavors: [] },
        { name: 'Version', value: { kind: 'string', value: '1.2' } },
        { name: 'ValueMap', flavors: ['disableoverride', 'tosubclass'] },
      ],
      features: [
        { kind: 'property', name: 'Left', type: 'reference', referenceClass: 'A_D', isArray: false },
        { kind: 'property', name: 'Numbers', type: 'uint16', isArray: true, arraySize: 4 },
        {
          kind: 'method',
          name: 'M',
          returnType: 'uint32',
          parameters: [
            { name: 'S', type: 'string', isArray: true },
            { name: 'R', type: 'reference', referenceClass: 'A_D', isArray: true },
          ],
        },
        { kind: 'method', name: 'N', returnType: 'datetime', parameters: [] },
      ],
    });
  });

  it('are instances with aliases (DSP0004 7.9)', () => {
    expect(productions('INSTANCE OF A as $a { B = $b; C = {TRUE, False}; D = -1.5; E = NULL; };')).toMatchObject([
      {
        kind: 'instance',
        className: 'A',
        alias: '$a',
        values: [
          { name: 'B', value: { kind: 'alias', name: '$b' } },
          { name: 'C', value: { items: [{ value: true }, { value: false }] } },
          { name: 'D', value: { kind: 'real', value: -1.5 } },
          { name: 'E', value: { kind: 'null' } },
        ],
      },
    ]);
  });

  it.each([
    ['class A {', 1, 10, 'the type of a property or method, or "}" was expected, not the end of the file'],
    ['class A {}', 1, 11, '";" after the "}" of class A was expected'],
    ['class A {\n  strin B;\n};', 2, 3, 'a type (boolean, string, char16'],
    ['class A {\n  string ;\n};', 2, 10, 'the name of a property or method was expected, not ";"'],
    ['class A { string B = ; };', 1, 22, 'a value (a string, a number'],
    ['class A { string B[0]; };', 1, 20, 'an array size of 1 or more'],
    ['class A { string B = {"a", {"b"}}; };', 1, 28, 'an array cannot hold an array'],
    ['[A B] class C {};', 1, 4, '"]" or "," in the list of qualifiers'],
    ['[A] class C : "D" {};', 1, 15, 'the superclass of C was expected, not the string "D"'],
    ['qualifier A : string, Scope(clas);', 1, 29, 'a scope (class, association'],
    ['qualifier A : string, Scope(class), Flavor(Sticky);', 1, 44, 'a flavor (enableoverride'],
    ['#pragma include "a"', 1, 17, '"(" after #pragma include'],
    ['#include ("a")', 1, 2, '"pragma" after "#"'],
    ['instance A {};', 1, 10, '"of" after "instance"'],
    ['instance of A { B : 1; };', 1, 19, '"=" after B'],
    ['klass A {};', 1, 1, '"class", "instance of", "qualifier", "#pragma"'],
  ])('refuse %j at line %i, column %i', (text, line, column, why) => {
    expect(() => productions(text)).toThrow(MofError);
    expect(() => productions(text)).toThrow(expect.objectContaining({ line, column }));
    expect(() => productions(text)).toThrow(why);
  });

  it('refuse any other text, and never anything but a MofError comes', () => {
    const words = fc.constantFrom(
      ...'class instance of qualifier A B string REF [ ] { } ( ) ; : , = # pragma $a "s" 1 0x 1.5 NULL'.split(' '),
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (some) => {
        try {
          productions(some.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(MofError);
        }
      }),
      runs(1_000, 20_000),
    );
  });
});
