/** No number that means anything is longer; it also bounds what reading one may cost. */
const longest = 400;

/** The integer that a text means (DSP0004 annex A): decimal, `0x` hex, leading-zero octal or `b`-ended binary; else undefined. */
export function integerOfText(text: string): bigint | undefined {
  if (text.length > longest) return undefined;
  const found = /^([+-]?)(?:(0[xX][\da-fA-F]+)|([01]+)[bB]|0([0-7]+)|(0|[1-9]\d*))$/.exec(text);
  if (!found) return undefined;
  const [, sign, hex, binary, octal, decimal] = found;
  const size = BigInt(hex ?? (binary ? `0b${binary}` : octal ? `0o${octal}` : decimal!));
  return sign === '-' ? -size : size;
}

const special: Readonly<Record<string, number>> = { INF: Infinity, '-INF': -Infinity, NaN: NaN };

/** The real that a text means, an integer's included; `INF`, `-INF` and `NaN` as DSP0201 spells them; else undefined. */
export function realOfText(text: string): number | undefined {
  if (Object.hasOwn(special, text)) return special[text];
  if (text.length > longest || !/^[+-]?(?:\d+\.?|\d*\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The shortest text that reads back as the same real, with a point in it (DSP0004 annex A, realValue). */
export function textOfReal(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value < 0 ? '-INF' : 'INF';
  const [mantissa = '0', exponent] = String(Object.is(value, -0) ? '-0' : value).split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}E${exponent}`;
}
