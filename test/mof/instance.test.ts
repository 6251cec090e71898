import { describe, expect, it } from 'vitest';
import type { CimInstance } from '../../src/cim/instance.js';
import { formatPath } from '../../src/cim/path-text.js';
import type { CimValue } from '../../src/cim/value.js';
import { compile, refusal } from './mof.js';

const classes = `
  class X { [Key] string Name; [Key] uint8 Number = 1; boolean Flag = true; string Texts[]; };
  class H { [Key] string Id; [EmbeddedInstance ("X")] string One; [EmbeddedObject] string Many[]; };
  [Association] class T { [Key] X REF Left; [Key] X REF Right; };
  [Abstract] class V {};
  class N { string Free; };`;

const given = ({ shape, values }: CimInstance, name: string): CimValue | undefined =>
  values[shape.properties.findIndex((property) => property.name === name)];

describe('DSP0004 7.9: instances', () => {
  it('have the defaults of their class, and a path by their keys', () => {
    const [x] = compile(`${classes} instance of X { name = "a"; TEXTS = {"t", null}; };`).instances;
    expect(x).toMatchObject({ kind: 'instance', shape: { className: 'X' }, values: ['a', 1, true, ['t', null]] });
    expect(formatPath(x!.path!)).toBe('X.Name="a",Number=1');
  });

  it('lie in the namespace that a pragma names (DSP0004 7.11)', () => {
    const [x] = compile(`${classes} #pragma namespace ("/root/cimv2/")\ninstance of X { Name = "a"; };`).instances;
    expect(formatPath(x!.path!)).toBe('root/cimv2:X.Name="a",Number=1');
  });

  it('share the layout of their class, and have no path where it has no keys', () => {
    const [a, b] = compile(`${classes} instance of N {}; instance of N { Free = "f"; };`).instances;
    expect(a!.shape).toBe(b!.shape);
    expect(a!.path).toBeUndefined();
  });

  it('refer to each other by alias or path, before or after (DSP0004 7.9.1)', () => {
    const schema = compile(`${classes} instance of T { Left = $l; Right = "X.Name=\\"r\\",Number=2"; };
      instance of X as $l { Name = "l"; };`);
    const [tie, left] = schema.instances;
    expect(given(tie!, 'Left')).toBe(left!.path);
    expect(formatPath(tie!.path!)).toBe('T.Left="X.Name=\\"l\\",Number=1",Right="X.Name=\\"r\\",Number=2"');
  });

  it('embed each other by alias, or as their MOF (DSP0004 5.6.3)', () => {
    const [host, inner] = compile(`${classes}
      instance of H { Id = "h"; One = "instance of X {" "Name = \\"e\\"; };"; Many = {$x, NULL}; };
      instance of X as $x { Name = "x"; };`).instances;
    expect(given(host!, 'Many')).toEqual([inner, null]);
    expect(given(host!, 'One')).toMatchObject({ kind: 'instance', values: ['e', 1, true, null] });
  });

  it.each([
    ['instance of Nowhere {};', 13, 'there is no class Nowhere'],
    ['instance of V {};', 13, 'V is abstract'],
    ['instance of X { Number = 2; };', 13, 'X has the key Name: a value for it was expected'],
    ['instance of X { Name = "a"; No = 1; };', 29, 'X has no property No'],
    ['instance of X { Name = "a"; name = "b"; };', 29, 'Name has a value already'],
    ['instance of X { Name = 5; };', 24, 'a string was expected, not the integer "5"'],
    ['instance of T { Left = $no; };', 24, 'the path of an instance, or an alias was expected, not $no'],
    ['instance of T { Left = "X"; };', 24, 'with keys, was wanted'],
    ['instance of X as $a { Name = "a"; }; instance of X as $a { Name = "b"; };', 50, 'the alias $a is given already'],
    ['instance of T as $t { Left = $t; };', 13, 'refers to itself'],
    ['instance of H { Id = "h"; One = "class Q {};"; };', 33, 'the MOF of one instance'],
  ])('refuse %s', (text, column, why) => {
    const error = refusal(`${classes}\n${text}`);
    expect(error.message).toContain(why);
    expect(error).toMatchObject({ line: 7, column });
  });
});
