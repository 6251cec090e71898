import type { CimInstance } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';

/** The value of a property; undefined where the instance does not hold it, null where it is NULL. */
export const valueIn = ({ shape, values }: CimInstance, name: string): CimValue | undefined =>
  values[shape.properties.findIndex((property) => sameName(property.name, name))];

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
