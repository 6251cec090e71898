import type { CimInstance } from '../cim/instance.js';
import type { NamedValue, Result, TypedValue } from '../cim/operation.js';
import { encodeClass, encodeQualifierType } from './class-out.js';
import { escapeAttribute } from './escape.js';
import { encodeInstance } from './instance-out.js';
import { encodeClassName, encodeFullPath, encodeInstanceName, type Place } from './path-out.js';
import { encodeEmbeddedAttribute, encodeValue } from './value-out.js';

type ResultOf<K extends Result['kind']> = Extract<Result, { readonly kind: K }>;

function pathOf(item: CimInstance) {
  if (item.path) return item.path;
  throw new TypeError(`an instance of ${item.shape.className} was to be written with its path, and has none`);
}

function typed({ type, embedded }: TypedValue): string {
  return ` PARAMTYPE="${type}"${encodeEmbeddedAttribute(embedded)}`;
}

function encodeReturned(value: TypedValue): string {
  return `<RETURNVALUE${typed(value)}>${encodeValue(value.type, value.value)}</RETURNVALUE>`;
}

function encodeOutput(value: NamedValue): string {
  const attributes = `NAME="${escapeAttribute(value.name)}"${typed(value)}`;
  return `<PARAMVALUE ${attributes}>${encodeValue(value.type, value.value)}</PARAMVALUE>`;
}

/** For each kind of result the pieces of its element's content, one an item, made as they are asked for. */
const pieces: {
  readonly [K in Result['kind']]: (result: ResultOf<K>, place: Place) => Iterable<string>;
} = {
  void: () => [],
  *instance({ item, selection }) {
    yield encodeInstance(item, selection);
  },
  *namedInstances({ items, selection }) {
    for (const item of items)
      yield `<VALUE.NAMEDINSTANCE>${encodeInstanceName(pathOf(item))}${encodeInstance(item, selection)}</VALUE.NAMEDINSTANCE>`;
  },
  *instanceNames({ items }) {
    for (const item of items) yield encodeInstanceName(item);
  },
  *objects({ items, selection }, place) {
    for (const item of items)
      yield `<VALUE.OBJECTWITHPATH>${encodeFullPath(pathOf(item), place)}${encodeInstance(item, selection)}</VALUE.OBJECTWITHPATH>`;
  },
  *objectPaths({ items }, place) {
    for (const item of items) yield `<OBJECTPATH>${encodeFullPath(item, place)}</OBJECTPATH>`;
  },
  *classObjects({ items, selection }, place) {
    for (const [path, item] of items)
      yield `<VALUE.OBJECTWITHPATH>${encodeFullPath(path, place)}${encodeClass(item, selection)}</VALUE.OBJECTWITHPATH>`;
  },
  *class({ item, selection }) {
    yield encodeClass(item, selection);
  },
  *classes({ items, selection }) {
    for (const item of items) yield encodeClass(item, selection);
  },
  *classNames({ items }) {
    for (const item of items) yield encodeClassName(item);
  },
  *qualifier({ item }) {
    yield encodeQualifierType(item);
  },
  *qualifiers({ items }) {
    for (const item of items) yield encodeQualifierType(item);
  },
  *value({ type, value }) {
    yield encodeValue(type, value);
  },
  *method({ returned, output }) {
    yield encodeReturned(returned);
    for (const value of output) yield encodeOutput(value);
  },
};

/** Kinds that go into the response element as they are; all others lie in an IRETURNVALUE. */
export const isBare = (result: Result): boolean => result.kind === 'void' || result.kind === 'method';

/** The content of the answer's element, piece by piece. Throws what the result's items throw. */
export function encodeResult(result: Result, place: Place): Iterable<string> {
  const encode = pieces[result.kind] as (result: Result, place: Place) => Iterable<string>;
  return encode(result, place);
}
