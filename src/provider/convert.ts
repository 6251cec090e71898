import type { PropertyDeclaration } from '../cim/class.js';
import { type CimScalar, type CimType, type CimValue, forIntegers, integerRange, isWide } from '../cim/value.js';
import { valueOfLabel } from '../mof/value-map.js';
import { type Given, isLabel, type Label } from './codec.js';

type Scalar = CimScalar | null;
type Single = string | number | bigint | boolean | Label | null | undefined;

const NEVER = '19700101000000';

/** A XenAPI date (`yyyy-mm-ddThh:mm:ssZ`, UTC) as a CIM timestamp; the epoch means never and is NULL. */
export function timestamp(iso: string): string | null {
  if (iso.length === 25) return iso;
  const digits = iso.replaceAll(/\D/g, '');
  return digits.length < 14 || digits.startsWith(NEVER) ? null : `${digits.slice(0, 14)}.000000+000`;
}

const isNumeric = (value: unknown): value is number | bigint | string =>
  typeof value === 'bigint' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && /^-?\d+$/.test(value));

/** What does not fit the type is NULL: -1 as the size of what has none, for one. */
function integer(type: CimType): (value: Single) => Scalar {
  const [min, max] = integerRange[type]!;
  const wide = isWide(type);
  return (value) => {
    if (!isNumeric(value)) return null;
    const whole = typeof value === 'number' ? BigInt(Math.trunc(value)) : BigInt(value);
    if (whole < min || whole > max) return null;
    return wide ? whole : Number(whole);
  };
}

const text = (value: Single): Scalar =>
  value === null || value === undefined ? null : isLabel(value) ? value.label : String(value);
const real = (value: Single): Scalar => (typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null);
const none = (): Scalar => null;

const scalarOf: Readonly<Record<CimType, (value: Single) => Scalar>> = {
  boolean: (value) => (typeof value === 'boolean' ? value : null),
  string: text,
  char16: (value) => (typeof value === 'string' && value.length === 1 ? value : null),
  datetime: (value) => (typeof value === 'string' ? timestamp(value) : null),
  ...forIntegers(integer),
  real32: real,
  real64: real,
  reference: none,
};

/** The labels of one property, looked up once each. */
function labelled(property: PropertyDeclaration, scalar: (value: Single) => Scalar): (value: Single) => Scalar {
  const known = new Map<Label, Scalar>();
  return (value) => {
    if (!isLabel(value)) return scalar(value);
    let found = known.get(value);
    if (found === undefined) {
      const mapped = valueOfLabel(property, value.label);
      found = mapped === undefined ? scalar(value) : scalar(mapped as string | number | bigint);
      known.set(value, found);
    }
    return found;
  };
}

const isMap = (value: Given): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isLabel(value);

const pairs = (map: Readonly<Record<string, string>>): string[] => Object.keys(map).map((key) => `${key}=${map[key]}`);

/** Makes what a row gives into a value of the property's declared type. */
export function converter(property: PropertyDeclaration): (given: Given) => CimValue {
  const scalar = labelled(property, scalarOf[property.type]);
  if (!property.isArray) {
    return (given) => scalar((Array.isArray(given) ? given[0] : isMap(given) ? null : given) as Single);
  }
  return (given) => {
    if (given === null || given === undefined) return null;
    if (isMap(given)) return pairs(given);
    return Array.isArray(given) ? given.map(scalar) : [scalar(given as Single)];
  };
}
