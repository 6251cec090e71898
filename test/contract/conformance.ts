import type { PropertyDeclaration } from '../../src/cim/class.js';
import { isDatetime } from '../../src/cim/datetime.js';
import { type CimScalar, type CimType, type CimValue, integerRange, isWide } from '../../src/cim/value.js';

const isInteger = (type: CimType, value: unknown): boolean => {
  const [min, max] = integerRange[type]!;
  if (typeof value !== (isWide(type) ? 'bigint' : 'number')) return false;
  return BigInt(value as number) >= min && BigInt(value as number) <= max;
};

const fits: Readonly<Record<CimType, (value: unknown) => boolean>> = {
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string' || typeof value === 'object',
  char16: (value) => typeof value === 'string' && value.length === 1,
  datetime: (value) => typeof value === 'string' && isDatetime(value),
  uint8: (value) => isInteger('uint8', value),
  uint16: (value) => isInteger('uint16', value),
  uint32: (value) => isInteger('uint32', value),
  uint64: (value) => isInteger('uint64', value),
  sint8: (value) => isInteger('sint8', value),
  sint16: (value) => isInteger('sint16', value),
  sint32: (value) => isInteger('sint32', value),
  sint64: (value) => isInteger('sint64', value),
  real32: (value) => typeof value === 'number',
  real64: (value) => typeof value === 'number',
  reference: (value) => typeof value === 'object' && (value as { kind?: string }).kind === 'path',
};

/** Whether a value is one of a ValueMap's entries: a literal, a range `a..b`, or an open one. */
function mapped(map: readonly string[], value: CimScalar): boolean {
  const text = String(value);
  return map.some((entry) => {
    const [low, high] = entry.split('..');
    if (high === undefined) return entry === text;
    if (typeof value !== 'number' && typeof value !== 'bigint') return false;
    return (low === '' || BigInt(low!) <= BigInt(value)) && (high === '' || BigInt(high) >= BigInt(value));
  });
}

/** What is wrong with a value of the property, in a sentence each; nothing when it is as the MOF says. */
export function* faults(property: PropertyDeclaration, value: CimValue): Iterable<string> {
  if (value === null) {
    if (property.key) yield `${property.name} is a key and NULL`;
    return;
  }
  if (Array.isArray(value) !== property.isArray)
    yield `${property.name}: array expected ${property.isArray}, got ${String(value)}`;
  const map = property.qualifiers.get('ValueMap')?.value as readonly string[] | undefined;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item === null) continue;
    if (!fits[property.type](item)) yield `${property.name}: not a ${property.type}: ${String(item)}`;
    else if (map && !mapped(map, item)) yield `${property.name}: ${String(item)} is not in its ValueMap`;
  }
}
