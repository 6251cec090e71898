import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import { coerce } from '../cim/coerce.js';
import { CimError } from '../cim/error.js';
import type { CimInstance, PropertyShape } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';

/** Classes that are taken where another is declared, as clients of the predecessor send them. */
const takenFor: Readonly<Record<string, readonly string[]>> = {
  CIM_ResourceAllocationSettingData: ['Xen_KVP'],
};

const shapeOf = ({ name, type, isArray, embedded, referenceClass }: PropertyDeclaration): PropertyShape => ({
  name,
  type,
  isArray,
  ...(embedded && { embedded }),
  ...(referenceClass !== undefined && { referenceClass }),
});

/** One value alone is an array of one, and the other way round: which of the two it is, clients often have wrong. */
function fitted(value: CimValue, isArray: boolean): CimValue {
  if (value === null || Array.isArray(value) === isArray) return value;
  if (isArray) return [value as Exclude<CimValue, readonly unknown[] | null>];
  const items = value as readonly Exclude<CimValue, readonly unknown[]>[];
  return items.length === 1 ? items[0]! : value;
}

/** The value as the property is declared; INVALID_PARAMETER says what was wanted and what came. */
export const propertyValue = (property: PropertyDeclaration, value: CimValue): CimValue =>
  coerce(fitted(value, property.isArray), property, 'INVALID_PARAMETER');

/** The class of an instance that a client made up; one that is not there, or is no `wanted`, is INVALID_PARAMETER. */
function classOf(schema: Schema, { shape: { className } }: CimInstance, wanted: string | undefined): CimClass {
  const cls = schema.class(className);
  if (!cls) throw new CimError('INVALID_PARAMETER', `there is no class ${className.slice(0, 100)}`);
  const taken =
    wanted === undefined || [wanted, ...(takenFor[wanted] ?? [])].some((name) => schema.isA(cls.name, name));
  if (!taken) throw new CimError('INVALID_PARAMETER', `an instance of ${wanted} is wanted, not of ${cls.name}`);
  return cls;
}

/**
 * An instance that a client made up, with its values as the class declares them. What the class does not declare is
 * left out (clients send properties of other products); a class that is not there is INVALID_PARAMETER.
 */
export function declaredInstance(schema: Schema, instance: CimInstance, wanted?: string): CimInstance {
  const cls = classOf(schema, instance, wanted);
  const properties: PropertyShape[] = [];
  const values: CimValue[] = [];
  for (const [i, { name }] of instance.shape.properties.entries()) {
    const declared = cls.properties.get(name);
    if (!declared || properties.some((known) => sameName(known.name, name))) continue;
    properties.push(shapeOf(declared));
    values.push(propertyValue(declared, instance.values[i]!));
  }
  const { path } = instance;
  return { kind: 'instance', shape: { className: cls.name, properties }, values, ...(path && { path }) };
}
