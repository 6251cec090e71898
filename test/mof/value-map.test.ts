import { describe, expect, it } from 'vitest';
import { type Labelled, labelOf, labelsOf, valueOfLabel } from '../../src/mof/value-map.js';
import { compile } from './mof.js';

const schema = compile(`class A {
  [ValueMap {"0", "2", "0x10", "..", "32768..65535", "100..", "7"}, Values {"Unknown", "Enabled", "Hex", "Reserved", "Vendor", "Many", "Enabled"}]
  uint16 State;
  [Values {"Zero", "One"}] uint8 Index;
  [ValueMap {"a", "b"}, Values {"Label A", "Label B"}] string Text;
  [ValueMap {"18446744073709551615", "..-1"}, Values {"Most", "Below"}] sint64 Signed;
  [ValueMap {"18446744073709551615"}, Values {"Most"}] uint64 Wide[];
  [ValueMap {"1", "2"}, Values {"Only"}] uint8 Short;
  uint8 Bare;
  [ValueMap {"0", "4096"}, Values {"Completed", "Job Started"}] uint32 M();
};`);
const one = (name: string): Labelled => schema.class('A')!.properties.get(name)!;

describe('DSP0004 5.6.3: ValueMap and Values', () => {
  it('give the value of a label, whose case counts', () => {
    expect(valueOfLabel(one('State'), 'Enabled')).toBe(2);
    expect(valueOfLabel(one('State'), 'Hex')).toBe(16);
    expect(valueOfLabel(one('State'), 'enabled')).toBeUndefined();
    expect(valueOfLabel(one('State'), 'Nothing')).toBeUndefined();
    expect(valueOfLabel(one('Text'), 'Label B')).toBe('b');
    expect(valueOfLabel(one('Wide'), 'Most')).toBe(18_446_744_073_709_551_615n);
  });

  it('give none for a range', () => {
    for (const label of ['Reserved', 'Vendor', 'Many']) expect(valueOfLabel(one('State'), label)).toBeUndefined();
    expect(labelsOf(one('State'))).toEqual(['Unknown', 'Enabled', 'Hex']);
  });

  it('count from 0 where there is no ValueMap', () => {
    expect(valueOfLabel(one('Index'), 'One')).toBe(1);
    expect(labelOf(one('Index'), 0)).toBe('Zero');
    expect(labelOf(one('Index'), 2)).toBeUndefined();
  });

  it('give the label of a value: its own, its range, the rest', () => {
    const labels = [0, 2, 16, 5, 40_000, 200, 7].map((value) => labelOf(one('State'), value));
    expect(labels).toEqual(['Unknown', 'Enabled', 'Hex', 'Reserved', 'Vendor', 'Many', 'Enabled']);
    expect(labelOf(one('Text'), 'a')).toBe('Label A');
    expect(labelOf(one('Text'), 'c')).toBeUndefined();
    expect(labelOf(one('Signed'), -5n)).toBe('Below');
    expect(labelOf(one('Signed'), 5n)).toBeUndefined();
  });

  it('say nothing where they are missing, or end early', () => {
    expect(labelOf(one('Bare'), 1)).toBeUndefined();
    expect(valueOfLabel(one('Bare'), 'x')).toBeUndefined();
    expect(labelOf(one('Short'), 2)).toBeUndefined();
  });

  it('stand on methods too, for what they return', () => {
    const { returnType: type, qualifiers } = schema.class('A')!.methods.get('M')!;
    expect(valueOfLabel({ type, qualifiers }, 'Job Started')).toBe(4096);
  });
});
