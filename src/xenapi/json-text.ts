/** An integer that a double may not hold, or a float that JSON has no word for; only ever tested outside of strings. */
const oddNumber = /(?<![\w.+])-?(?:NaN|nan|Infinity|inf|\d{16,})(?![\w.])/g;

/** Whether a long integer may stand in the text. Inside a string it is a false alarm, which costs only time. */
const longInteger = /[:,[\s]-?\d{16}/;

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === 0x5c) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}

const quotedUnlessSafe = (number: string): string => (Number.isSafeInteger(Number(number)) ? number : `"${number}"`);

/** Puts quotes round the numbers that JSON.parse would refuse or round. */
function quoteOddNumbers(text: string): string {
  const parts: string[] = [];
  let from = 0;
  while (from < text.length) {
    const open = text.indexOf('"', from);
    const end = open < 0 ? text.length : open;
    parts.push(text.slice(from, end).replace(oddNumber, quotedUnlessSafe));
    if (open < 0) break;
    const close = closingQuote(text, open + 1);
    parts.push(text.slice(open, close + 1));
    from = close + 1;
  }
  return parts.join('');
}

/**
 * Parses the JSON that XenAPI sends: integers beyond 2^53 and bare NaN or Infinity (older releases) come out
 * as strings, which the typed converters of value.ts read exactly. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  if (longInteger.test(text)) return JSON.parse(quoteOddNumbers(text));
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(quoteOddNumbers(text));
  }
}
