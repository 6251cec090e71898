// XML 1.0 2.2 allows no control characters but tab, line feed and carriage return, no lone surrogates, no U+FFFE, U+FFFF.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
const inText = /[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const eachInText = /[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const inAttribute = /[&<>"\0-\x1f\ud800-\udfff\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const eachInAttribute = /[&<>"\0-\x1f\ud800-\udfff\ufffe\uffff]/gu;

const entity: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const replacement = (character: string): string => entity[character] ?? '\ufffd';

/** Text as the content of an element. A carriage return survives; what XML cannot hold becomes U+FFFD. */
export function escapeText(text: string): string {
  return inText.test(text) ? text.replace(eachInText, replacement) : text;
}

/** Text as the value of an attribute in double quotes; tabs and line ends survive the parser's normalisation. */
export function escapeAttribute(text: string): string {
  return inAttribute.test(text) ? text.replace(eachInAttribute, replacement) : text;
}
