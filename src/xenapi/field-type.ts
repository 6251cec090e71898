/** A type of the XenAPI data model, taken apart: `(string -> VM ref) map` is a map from string to a reference to VM. */
export type FieldType =
  | { readonly kind: 'string' | 'int' | 'float' | 'bool' | 'datetime' }
  | { readonly kind: 'enum'; readonly name: string }
  | { readonly kind: 'ref'; readonly of: string }
  | { readonly kind: 'set' | 'option'; readonly item: FieldType }
  | { readonly kind: 'map'; readonly key: FieldType; readonly value: FieldType }
  /** A record inside a value, or a notation that this version does not know: taken as it comes. */
  | { readonly kind: 'any' };

const simple = new Set(['string', 'int', 'float', 'bool', 'datetime']);

function ending(notation: string, word: string): string | undefined {
  return notation.endsWith(word) ? notation.slice(0, -word.length) : undefined;
}

/** Reads the notation of the data model. Never throws: what it does not know is `any`. */
export function parseFieldType(notation: string): FieldType {
  const text = notation.trim();
  if (simple.has(text)) return { kind: text as 'string' };
  const map = /^\((.+?) -> (.+)\) map$/.exec(text);
  if (map) return { kind: 'map', key: parseFieldType(map[1]!), value: parseFieldType(map[2]!) };
  const set = ending(text, ' set');
  if (set !== undefined) return { kind: 'set', item: parseFieldType(set) };
  const option = ending(text, ' option');
  if (option !== undefined) return { kind: 'option', item: parseFieldType(option) };
  const of = ending(text, ' ref');
  if (of !== undefined) return { kind: 'ref', of };
  if (text.startsWith('enum ')) return { kind: 'enum', name: text.slice(5) };
  return { kind: 'any' };
}
