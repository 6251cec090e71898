import { NULL_REF } from '../xenapi/records.js';
import type { Type } from './type.js';

/** When the epoch stands for "never" (facts 1.4). */
export const EPOCH = '19700101T00:00:00Z';

const unquoted = (text: string): string => text.replace(/^"([\s\S]*)"$/, '$1');

/** A value in the notation of the data model's defaults: `""`, `{}`, `{"a" -> "b"}`, `1.`, `Null`, `OpaqueRef:NULL`. */
export function parseDefault(type: Type, text: string): unknown {
  const items = (): string[] =>
    text
      .slice(1, -1)
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  switch (type.kind) {
    case 'int':
      return BigInt(text);
    case 'float':
      return Number(text);
    case 'bool':
      return text === 'true';
    case 'ref':
      return text === 'Null' ? NULL_REF : text;
    case 'set':
      return items().map((item) => parseDefault(type.item, item));
    case 'map':
      return Object.fromEntries(
        items().map((item) => {
          const [key, value] = item.split(' -> ') as [string, string];
          return [parseDefault(type.key, key), parseDefault(type.value, value)];
        }),
      );
    default:
      return unquoted(text);
  }
}

/** What a field holds before anybody has said anything. */
export function emptyValue(type: Type): unknown {
  switch (type.kind) {
    case 'int':
      return 0n;
    case 'float':
      return 0;
    case 'bool':
      return false;
    case 'datetime':
      return EPOCH;
    case 'enum':
      return type.values[0] ?? '';
    case 'ref':
      return NULL_REF;
    case 'set':
      return [];
    case 'map':
    case 'record':
      return {};
    case 'option':
      return undefined;
    default:
      return '';
  }
}
