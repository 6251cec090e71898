import { type Label, label } from '../provider/codec.js';

/** What a processor calls itself, to the family of SMBIOS; the first that fits. */
const known: readonly (readonly [name: RegExp, family: string])[] = [
  [/EPYC|Ryzen|Threadripper/i, 'AMD Zen'],
  [/Opteron/i, 'AMD Opteron'],
  [/Athlon.*64/i, 'AMD Athlon 64'],
  [/Athlon/i, 'AMD Athlon'],
  [/Duron/i, 'AMD Duron'],
  [/K6.*III|K6-3/i, 'AMD K6-3'],
  [/K6.*-2|K6 2/i, 'AMD K6-2'],
  [/K6/i, 'AMD K6'],
  [/K5/i, 'AMD K5'],
  [/Xeon/i, 'Intel Xeon'],
  [/Core.*2 Extreme/i, 'Intel Core 2 Extreme'],
  [/Core.*2 Quad/i, 'Intel Core 2 Quad'],
  [/Core.*2/i, 'Intel Core 2 Duo'],
  [/Core.*i9/i, 'Intel Core i9'],
  [/Core.*i7/i, 'Intel Core i7'],
  [/Core.*i5/i, 'Intel Core i5'],
  [/Core.*i3/i, 'Intel Core i3'],
  [/Core.*Solo/i, 'Intel Core Solo'],
  [/Atom/i, 'Intel Atom'],
  [/Celeron/i, 'Celeron'],
  [/Pentium.*(?:4|IV)\b/i, 'Pentium 4'],
  [/Pentium.*III/i, 'Pentium III'],
  [/Pentium.*II/i, 'Pentium II'],
  [/Pentium.*Pro/i, 'Pentium Pro'],
  [/Pentium.*MMX/i, 'Pentium MMX'],
  [/Pentium/i, 'Pentium'],
  [/Intel|AMD/i, 'Other'],
];

/** Every family that `familyOf` can give. */
export const families: readonly string[] = [...new Set(known.map(([, family]) => family)), 'Unknown'];

const told = new Map<string, Label>();

/** The family of a processor by its model name. A pool has few models, so each is told once. */
export function familyOf(modelname: string): Label {
  const found = told.get(modelname) ?? label(known.find(([name]) => name.test(modelname))?.[1] ?? 'Unknown');
  if (told.size < 1000) told.set(modelname, found);
  return found;
}
