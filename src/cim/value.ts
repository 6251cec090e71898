import type { CimClass } from './class.js';
import type { CimInstance } from './instance.js';
import type { InstancePath } from './path.js';

/** The intrinsic types (DSP0004 5.2.1) and the reference. */
export const cimTypes = [
  'boolean',
  'string',
  'char16',
  'datetime',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'sint8',
  'sint16',
  'sint32',
  'sint64',
  'real32',
  'real64',
  'reference',
] as const;

export type CimType = (typeof cimTypes)[number];

/** What a string-typed element embeds (DSP0004 5.6.3.13, 5.6.3.14): an instance of a class, or any object. */
export type Embedded = 'instance' | 'object';

/**
 * A single value. 64-bit integers are bigint, other numbers number; a datetime is its 25 characters; a char16 a string
 * of one UTF-16 unit. What a string means is told by the type that travels beside it.
 */
export type CimScalar = string | number | bigint | boolean | InstancePath | CimInstance | CimClass;

/** A value, an array (null is a legal item), or null: NULL, "" and [] are three different things. */
export type CimValue = CimScalar | null | readonly (CimScalar | null)[];

export type IntegerType = Extract<CimType, `uint${number}` | `sint${number}`>;

/** The bounds of the integer types, inclusive. */
export const integerRange: Readonly<Partial<Record<CimType, readonly [min: bigint, max: bigint]>>> = {
  uint8: [0n, 255n],
  uint16: [0n, 65_535n],
  uint32: [0n, 4_294_967_295n],
  uint64: [0n, 18_446_744_073_709_551_615n],
  sint8: [-128n, 127n],
  sint16: [-32_768n, 32_767n],
  sint32: [-2_147_483_648n, 2_147_483_647n],
  sint64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
};

export const isWide = (type: CimType): boolean => type === 'uint64' || type === 'sint64';

/** What is made for each integer type, by type. */
export const forIntegers = <T>(make: (type: IntegerType) => T): Readonly<Record<IntegerType, T>> => ({
  uint8: make('uint8'),
  uint16: make('uint16'),
  uint32: make('uint32'),
  uint64: make('uint64'),
  sint8: make('sint8'),
  sint16: make('sint16'),
  sint32: make('sint32'),
  sint64: make('sint64'),
});
