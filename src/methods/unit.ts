import { invalid } from './input.js';

/** Bytes in the units that clients name in words; the programmatic units of DSP0004 annex C are read by their form. */
const words: Readonly<Record<string, bigint>> = {
  byte: 1n,
  bytes: 1n,
  b: 1n,
  kb: 1n << 10n,
  kilobytes: 1n << 10n,
  mb: 1n << 20n,
  megabytes: 1n << 20n,
  gb: 1n << 30n,
  gigabytes: 1n << 30n,
  tb: 1n << 40n,
  terabytes: 1n << 40n,
};

/** The bytes of one unit of `AllocationUnits`: `byte`, `byte*2^20`, `byte * 10^6`, `MegaBytes`; INVALID_PARAMETER for others. */
export function bytesOfUnit(unit: string): bigint {
  const text = unit.replace(/\s+/g, '').toLowerCase();
  const known = words[text];
  if (known !== undefined) return known;
  const [, base, exponent] = /^bytes?\*(2|10)\^(\d{1,2})$/.exec(text) ?? [];
  if (base !== undefined) return BigInt(base) ** BigInt(exponent!);
  return invalid(`"${unit.slice(0, 40)}" is no unit of bytes; wanted is one such as "byte * 2^20"`);
}
