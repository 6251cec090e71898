import type { CimInstance } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';

/** The value of a property; undefined where the instance does not hold it, null where it is NULL. */
export const valueIn = ({ shape, values }: CimInstance, name: string): CimValue | undefined =>
  values[shape.properties.findIndex((property) => sameName(property.name, name))];

/** A text that is given; undefined where it is not, or NULL. */
export function textIn(instance: CimInstance, name: string): string | undefined {
  const value = valueIn(instance, name);
  return typeof value === 'string' ? value : undefined;
}

export function booleanIn(instance: CimInstance, name: string): boolean | undefined {
  const value = valueIn(instance, name);
  return typeof value === 'boolean' ? value : undefined;
}

/** An integer of any width. */
export function integerIn(instance: CimInstance, name: string): bigint | undefined {
  const value = valueIn(instance, name);
  return typeof value === 'number' || typeof value === 'bigint' ? BigInt(value) : undefined;
}

/** The texts of an array, without those that are NULL or empty. */
export function textsIn(instance: CimInstance, name: string): readonly string[] | undefined {
  const value = valueIn(instance, name);
  if (!Array.isArray(value)) return undefined;
  return value.filter((item): item is string => typeof item === 'string' && item !== '');
}

const same = (a: CimValue, b: CimValue): boolean => {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
};

/** What of an instance is given (not NULL) and other than what is shown now: clients send back what they have read. */
export function changed(given: CimInstance, shown: CimInstance | undefined): CimInstance {
  const kept = given.shape.properties
    .map((property, i) => ({ property, value: given.values[i]! }))
    .filter(({ property: { name }, value }) => value !== null && !(shown && same(value, valueIn(shown, name) ?? null)));
  const shape = { ...given.shape, properties: kept.map(({ property }) => property) };
  return { ...given, shape, values: kept.map(({ value }) => value) };
}

/** An instance of a class of the schema with these values; what they do not name is NULL. */
export function instanceOf(schema: Schema, className: string, values: Readonly<Record<string, CimValue>>): CimInstance {
  const cls = schema.class(className)!;
  const properties = [...cls.properties];
  return {
    kind: 'instance',
    shape: {
      className: cls.name,
      properties: properties.map(({ name, type, isArray, embedded }) => ({
        name,
        type,
        isArray,
        ...(embedded && { embedded }),
      })),
    },
    values: properties.map(({ name }) => values[name] ?? null),
  };
}
