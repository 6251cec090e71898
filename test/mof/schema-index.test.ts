import { describe, expect, it } from 'vitest';
import { compile } from './mof.js';

const schema = compile('class D : B {}; class C : A {}; class b : A {}; class A {}; class E : D {}; class Z {};');
const names = (classes: Iterable<{ name: string }>): string[] => [...classes].map((one) => one.name);

describe('the tree of a schema', () => {
  it('lists a superclass before its subclasses', () => {
    expect(names(schema.classes())).toEqual(['A', 'b', 'D', 'E', 'C', 'Z']);
  });

  it('knows direct and all subclasses, by name', () => {
    expect(names(schema.subclasses('a', false))).toEqual(['b', 'C']);
    expect(names(schema.subclasses('A', true))).toEqual(['b', 'C', 'D', 'E']);
    expect(schema.subclasses('E', true)).toEqual([]);
    expect(schema.subclasses('nowhere', true)).toEqual([]);
    expect(schema.subclasses('', false)).toEqual([]);
  });

  it('knows who descends from whom, without regard to case', () => {
    expect(schema.isA('E', 'a')).toBe(true);
    expect(schema.isA('B', 'b')).toBe(true);
    expect(schema.isA('A', 'E')).toBe(false);
    expect(schema.isA('C', 'b')).toBe(false);
    expect(schema.isA('nowhere', 'A')).toBe(false);
    expect(schema.isA('A', 'nowhere')).toBe(false);
  });

  it('finds a class by its name in any case, one object each', () => {
    expect(schema.class('B')?.name).toBe('b');
    expect(schema.class('B')).toBe(schema.class('b'));
    expect(schema.class('B')?.superclass).toBe('A');
    expect(schema.class('nowhere')).toBeUndefined();
  });
});
