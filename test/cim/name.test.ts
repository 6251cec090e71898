import { describe, expect, it } from 'vitest';
import { NameMap, NameSet, sameName } from '../../src/cim/name.js';

describe('DSP0004 5.1.2: names are compared without regard to case', () => {
  it('one with another', () => {
    expect(sameName('CIM_System', 'cim_SYSTEM')).toBe(true);
    expect(sameName('CIM_System', 'CIM_Systems')).toBe(false);
  });

  it('in maps, which keep the order and take a later spelling for the same', () => {
    const map = new NameMap([
      ['B', 1],
      ['a', 2],
    ]);
    map.set('b', 3);
    expect([...map]).toEqual([3, 2]);
    expect([map.get('A'), map.has('B'), map.size, map.get('c')]).toEqual([2, true, 2, undefined]);
    expect([map.delete('A'), map.delete('A'), map.size]).toEqual([true, false, 1]);
    expect(map.get('__proto__')).toBeUndefined();
  });

  it('in sets', () => {
    const set = new NameSet(['Name', 'NAME', 'Caption']);
    expect([set.size, set.has('name'), set.has('Names')]).toEqual([2, true, false]);
  });
});
