import type { CimInstance, PropertyShape, Shape } from '../cim/instance.js';
import { fold } from '../cim/name.js';
import type { InstancePath } from '../cim/path.js';
import type { CimScalar, CimType, CimValue } from '../cim/value.js';

/** A value that a condition meets. */
export interface Datum {
  readonly value: CimValue;
  /** Of a property or key the declared type; a constant has none, and is taken as the type of what it meets. */
  readonly type?: CimType;
  /** The property that it is of, for the labels of its values. */
  readonly of?: { readonly className: string; readonly property: string };
}

/** What the tests of a condition have to know besides the object. */
export interface Surroundings {
  /** Whether the class is the ancestor or descends from it. */
  isA(className: string, ancestor: string): boolean;
  /** The value that a label stands for among the Values of a property; undefined where it is none. */
  labelled?(className: string, property: string, label: string): CimScalar | undefined;
}

export const nullDatum: Datum = { value: null };

type List = readonly (CimScalar | null)[];

export const isList = (value: CimValue): value is List => Array.isArray(value);

const isObject = (value: CimValue): value is Exclude<CimScalar, string | number | bigint | boolean> =>
  typeof value === 'object' && value !== null && !isList(value);

export const isInstance = (value: CimValue): value is CimInstance => isObject(value) && value.kind === 'instance';

export const isPath = (value: CimValue): value is InstancePath => isObject(value) && value.kind === 'path';

type Places = ReadonlyMap<string, number>;

const placesOf = new WeakMap<Shape, Places>();

/** Where a shape has the property; undefined where it has none of that name. */
export function placeOf(shape: Shape, name: string): number | undefined {
  let places = placesOf.get(shape);
  if (!places) {
    places = new Map(shape.properties.map((property, i) => [fold(property.name), i]));
    placesOf.set(shape, places);
  }
  return places.get(fold(name));
}

/** The value of a property of an instance, or of a key of a path, whose names are CIM names. */
export function propertyOf(value: CimValue, name: string): Datum {
  if (isPath(value)) {
    const key = value.keys.find((binding) => fold(binding.name) === fold(name));
    return key ? { value: key.value, ...(key.type && { type: key.type }) } : nullDatum;
  }
  if (!isInstance(value)) return nullDatum;
  const place = placeOf(value.shape, name);
  if (place === undefined) return nullDatum;
  const { name: property, type }: PropertyShape = value.shape.properties[place]!;
  return { value: value.values[place] ?? null, type, of: { className: value.shape.className, property } };
}
