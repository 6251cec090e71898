import { textOfReal } from '../cim/number-text.js';
import type { TypedValue } from '../cim/operation.js';
import type { CimScalar, CimType, CimValue } from '../cim/value.js';
import { encodeClass } from './class-out.js';
import { escapeText } from './escape.js';
import { encodeInstance } from './instance-out.js';
import { encodeReference } from './path-out.js';
import { everything } from './selection.js';

const isReal = (type: CimType): boolean => type === 'real32' || type === 'real64';

/** The content of a VALUE or KEYVALUE of that type; an embedded object as escaped text (DSP0201 5.2.2, annex on values). */
export function encodeScalar(type: CimType, value: CimScalar): string {
  switch (typeof value) {
    case 'string':
      return escapeText(value);
    case 'number':
      return isReal(type) ? textOfReal(value) : String(value);
    case 'boolean':
      return value ? 'TRUE' : 'FALSE';
    case 'bigint':
      return value.toString();
    default:
      return encodeEmbedded(type, value);
  }
}

function encodeEmbedded(type: CimType, value: Exclude<CimScalar, string | number | bigint | boolean>): string {
  if (value.kind === 'instance') return escapeText(encodeInstance(value, everything));
  if (value.kind === 'class') return escapeText(encodeClass(value, everything));
  throw new TypeError(`a path to ${value.className} stands where a ${type} belongs`);
}

/** The items of a VALUE.ARRAY; an item may be NULL. */
export function encodeItems(type: CimType, items: readonly (CimScalar | null)[]): string {
  let out = '';
  for (const item of items) out += item === null ? '<VALUE.NULL/>' : `<VALUE>${encodeScalar(type, item)}</VALUE>`;
  return out;
}

/** The content of a VALUE.REFERENCE's surroundings: the reference itself, which has to be a path. */
export function encodeReferenceValue(value: CimScalar): string {
  if (typeof value === 'object' && value.kind === 'path') return encodeReference(value);
  throw new TypeError(`${typeof value === 'object' ? value.kind : typeof value} stands where a reference belongs`);
}

function encodeReferences(items: readonly (CimScalar | null)[]): string {
  let out = '';
  for (const item of items) out += item === null ? '<VALUE.NULL/>' : encodeReferenceValue(item);
  return out;
}

const isArray = (value: CimValue): value is readonly (CimScalar | null)[] => Array.isArray(value);

/** VALUE, VALUE.ARRAY, VALUE.REFERENCE or VALUE.REFARRAY, by type and value; nothing for NULL. */
export function encodeValue(type: CimType, value: CimValue): string {
  if (value === null) return '';
  if (type === 'reference')
    return isArray(value) ? `<VALUE.REFARRAY>${encodeReferences(value)}</VALUE.REFARRAY>` : encodeReferenceValue(value);
  return isArray(value)
    ? `<VALUE.ARRAY>${encodeItems(type, value)}</VALUE.ARRAY>`
    : `<VALUE>${encodeScalar(type, value)}</VALUE>`;
}

/** The attribute that says that a string embeds an object; mixed case, which all clients read. */
export const encodeEmbeddedAttribute = (embedded: TypedValue['embedded']): string =>
  embedded === undefined ? '' : ` EmbeddedObject="${embedded}"`;
