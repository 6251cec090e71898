import { parseDatetime } from '../cim/datetime.js';
import { realOfText } from '../cim/number-text.js';
import { type CimType, integerRange, isWide } from '../cim/value.js';
import { fault } from './fault.js';
import { quoted } from './refusal.js';

/** What the text of a VALUE or KEYVALUE stands for. */
export type Scalar = string | number | bigint | boolean;

// No number that means anything is longer; it also bounds what matching and BigInt may cost.
const longestNumber = 400;
const decimal = /^[+-]?\d+$/;
const hexadecimal = /^[+-]?0[xX][\da-fA-F]+$/;

/** The integer of a text in decimal (leading zeros are no octal) or hexadecimal, or undefined (DSP0201 5.2.2). */
function integerOf(text: string): bigint | undefined {
  if (text.length > longestNumber) return undefined;
  if (decimal.test(text)) return BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (!hexadecimal.test(text)) return undefined;
  const size = BigInt(text.replace(/^[+-]/, ''));
  return text.startsWith('-') ? -size : size;
}

function readInteger(type: CimType, text: string): number | bigint {
  const value = integerOf(text.trim());
  const [min, max] = integerRange[type]!;
  if (value === undefined || value < min || value > max)
    throw fault(`${quoted(text)} is no ${type} (${min} to ${max})`);
  return isWide(type) ? value : Number(value);
}

function readReal(type: CimType, text: string): number {
  const value = realOfText(text.trim());
  if (value === undefined) throw fault(`${quoted(text)} is no ${type}`);
  return value;
}

function readBoolean(_type: CimType, text: string): boolean {
  const folded = text.trim().toLowerCase();
  if (folded === 'true' || folded === 'false') return folded === 'true';
  throw fault(`${quoted(text)} is no boolean (TRUE or FALSE)`);
}

function readCharacter(_type: CimType, text: string): string {
  if (text.length === 1) return text;
  throw fault(`a char16 is one character, not ${quoted(text)}`);
}

function readDatetime(_type: CimType, text: string): string {
  const trimmed = text.trim();
  parseDatetime(trimmed);
  return trimmed;
}

function readReference(): never {
  throw fault('a reference has to be given as a path');
}

const readers: Readonly<Record<CimType, (type: CimType, text: string) => Scalar>> = {
  boolean: readBoolean,
  string: (_type, text) => text,
  char16: readCharacter,
  datetime: readDatetime,
  uint8: readInteger,
  uint16: readInteger,
  uint32: readInteger,
  uint64: readInteger,
  sint8: readInteger,
  sint16: readInteger,
  sint32: readInteger,
  sint64: readInteger,
  real32: readReal,
  real64: readReal,
  reference: readReference,
};

/** The value that a text of that type stands for. White space counts in strings and characters alone. */
export const readScalar = (type: CimType, text: string): Scalar => readers[type](type, text);

/** The value of a key that is said to be numeric, and no more: an integer if it is one, as a number where that is exact. */
export function readNumber(text: string): number | bigint {
  const trimmed = text.trim();
  const integer = integerOf(trimmed);
  if (integer !== undefined) return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer;
  const real = realOfText(trimmed);
  if (real === undefined) throw fault(`${quoted(text)} is no number, though its VALUETYPE is numeric`);
  return real;
}
