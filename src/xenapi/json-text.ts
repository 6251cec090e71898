/** Integers of so many digits and more may not fit into a double. */
const manyDigits = 16;

/** Words for floats that JSON does not have, as older releases write them. */
const words = /-?(?:NaN|nan|Infinity|inf)/g;

/** Characters between which a number of JSON stands. */
const before = /[:,[\s]/;
const behind = /[\s,}\]]/;

const standsAlone = (text: string, from: number, to: number): boolean =>
  (from === 0 || before.test(text[from - 1]!)) && (to === text.length || behind.test(text[to]!));

interface Spot {
  readonly from: number;
  readonly to: number;
}

/** Where so many digits stand in a row: every one of them spelt out, which a search skips through faster than a count. */
const digitsInRow = new RegExp(`${'[0-9]'.repeat(manyDigits)}[0-9]*`, 'g');

/** Where something stands that looks like a number JSON.parse would round: inside a string that is a false alarm. */
function longIntegers(text: string): readonly Spot[] {
  const spots: Spot[] = [];
  for (const { 0: digits, index } of text.matchAll(digitsInRow)) {
    const from = text[index - 1] === '-' ? index - 1 : index;
    const to = index + digits.length;
    if (standsAlone(text, from, to) && !Number.isSafeInteger(Number(digits))) spots.push({ from, to });
  }
  return spots;
}

/** The same for words that JSON.parse would refuse. */
const oddWords = (text: string): readonly Spot[] =>
  Array.from(text.matchAll(words), ({ 0: word, index }) => ({ from: index, to: index + word.length })).filter(
    ({ from, to }) => standsAlone(text, from, to),
  );

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}

/** Puts quotes round the spots that lie outside of strings. They are in order. */
function quoted(text: string, spots: readonly Spot[]): string {
  const parts: string[] = [];
  let copied = 0;
  let open = text.indexOf('"');
  let close = open < 0 ? text.length : closingQuote(text, open + 1);
  for (const { from, to } of spots) {
    while (open >= 0 && close < from) {
      open = text.indexOf('"', close + 1);
      close = open < 0 ? text.length : closingQuote(text, open + 1);
    }
    if (open >= 0 && open < from) continue;
    parts.push(text.slice(copied, from), '"', text.slice(from, to), '"');
    copied = to;
  }
  parts.push(text.slice(copied));
  return parts.join('');
}

/**
 * Parses the JSON that XenAPI sends: integers beyond 2^53 and bare NaN or Infinity (older releases) come out
 * as strings, which the typed converters of value.ts read exactly. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  const integers = longIntegers(text);
  const safe = integers.length > 0 ? quoted(text, integers) : text;
  try {
    return JSON.parse(safe);
  } catch (reason) {
    const odd = oddWords(safe);
    if (odd.length === 0) throw reason;
    return JSON.parse(quoted(safe, odd));
  }
}
