import { classFields, enumValues } from '../xenapi/datamodel.generated.js';
import type { RemoteClass } from '../xenapi/records.js';

/** A type of the XenAPI data model as a tree. `events` is the answer of event.from, whose parts have types of their own. */
export type Type =
  | { readonly kind: 'string' | 'int' | 'float' | 'bool' | 'datetime' | 'void' | 'events' }
  | { readonly kind: 'enum'; readonly name: string; readonly values: readonly string[] }
  | { readonly kind: 'ref' | 'record'; readonly of: RemoteClass }
  | { readonly kind: 'set' | 'option'; readonly item: Type }
  | { readonly kind: 'map'; readonly key: Type; readonly value: Type };

/** A record as the database holds it: fields in the order of the data model, int as bigint, datetime as on the wire. */
export type AnyRecord = Readonly<Record<string, unknown>>;

const simple = new Set(['string', 'int', 'float', 'bool', 'datetime', 'void']);
const parsed = new Map<string, Type>();

/** Splits `K -> V` at the arrow that is in no parentheses. */
function arrow(text: string): [string, string] {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    else if (depth === 0 && text.startsWith(' -> ', i)) return [text.slice(0, i), text.slice(i + 4)];
  }
  throw new Error(`"${text}" is not KEY -> VALUE in the notation of the data model`);
}

function parse(text: string): Type {
  if (simple.has(text)) return { kind: text as 'string' };
  if (text === 'an event batch') return { kind: 'events' };
  const at = text.lastIndexOf(' ');
  const [head, tail] = [text.slice(0, at), text.slice(at + 1)];
  if (tail === 'set' || tail === 'option') return { kind: tail, item: typeOf(head) };
  if (tail === 'ref' || tail === 'record') return { kind: tail, of: head as RemoteClass };
  if (tail === 'map') {
    const [key, value] = arrow(head.slice(1, -1));
    return { kind: 'map', key: typeOf(key), value: typeOf(value) };
  }
  if (head === 'enum') return { kind: 'enum', name: tail, values: enumValues[tail as keyof typeof enumValues] };
  throw new Error(`"${text}" is no type of the XenAPI data model`);
}

/** The type that the data model's notation names, such as `(VM ref -> VM record) map`. */
export function typeOf(text: string): Type {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const type = parse(text);
  parsed.set(text, type);
  return type;
}

/** Names and types of a class's fields, in the data model's order. */
export const fieldsOf = (of: string): readonly (readonly [string, string])[] =>
  Object.entries(classFields[of as RemoteClass] ?? {});
