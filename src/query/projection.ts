import type { CimInstance, PropertyShape, Shape } from '../cim/instance.js';
import type { CimScalar, CimType } from '../cim/value.js';
import { type Column, conformed } from './column.js';
import { type Datum, isInstance, isList, isPath, type Surroundings } from './datum.js';
import { evaluated } from './evaluation.js';
import type { Selected } from './query.js';

const typesOf: Readonly<Record<string, CimType>> = { boolean: 'boolean', bigint: 'sint64', number: 'real64' };

function typeOf({ type, value }: Datum): CimType {
  if (type) return type;
  const one = isList(value) ? value.find((item) => item !== null) : value;
  return isPath(one ?? null) ? 'reference' : (typesOf[typeof one] ?? 'string');
}

const embeds = ({ value }: Datum): boolean =>
  isList(value) ? value.some((item: CimScalar | null) => isInstance(item)) : isInstance(value);

/** A value of a row and what it is: as the column says, or as the value itself does. */
const shapeOf = (name: string, datum: Datum, column: Column | undefined): PropertyShape => {
  if (column) return { name, ...column } as PropertyShape;
  const shape = { name, type: typeOf(datum), isArray: isList(datum.value) };
  return embeds(datum) ? { ...shape, type: 'string', embedded: 'instance' } : shape;
};

/**
 * The row that a query with a list of its own makes of an object: an instance with these properties, without a path. Of
 * `columns` each is of the value at its place.
 */
export function projected(
  select: readonly Selected[],
  object: CimInstance,
  surroundings: Surroundings,
  columns: readonly (Column | undefined)[] = [],
): CimInstance {
  const data = select.map(({ operand }) => evaluated(operand, object, surroundings));
  const properties = select.map(({ name }, i) => shapeOf(name, data[i]!, columns[i]));
  const shape: Shape = { className: object.shape.className, properties };
  const values = data.map(({ value }, i) => (columns[i] ? conformed(value, columns[i]) : value));
  return { kind: 'instance', shape, values, ...(object.path && { path: object.path }) };
}
