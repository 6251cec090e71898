import type { CimInstance } from '../cim/instance.js';
import type { Delay, NamedValue, Result, Selection, TypedValue } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import { encodeClass, encodeQualifierType } from './class-out.js';
import { escapeAttribute } from './escape.js';
import { encodeInstance } from './instance-out.js';
import type { PageForm, PageText } from './page-out.js';
import { encodeClassName, encodeFullPath, encodeInstanceName, type Place } from './path-out.js';
import { encodeEmbeddedAttribute, encodeValue } from './value-out.js';

type ResultOf<K extends Result['kind']> = Extract<Result, { readonly kind: K }>;

/** The path of an instance that is written with it. */
export function pathOf(item: CimInstance): InstancePath {
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

function namedInstance(item: CimInstance, selection: Selection): string {
  const name = encodeInstanceName(pathOf(item));
  return `<VALUE.NAMEDINSTANCE>${name}${encodeInstance(item, selection)}</VALUE.NAMEDINSTANCE>`;
}

/** Every other result. */
export type Pieced = Exclude<Result, PagedResult | KeptResult | { readonly kind: 'batch' }>;

/** An instance of which the encoding may be kept. */
export type KeptResult = Extract<Result, { readonly kind: 'keptInstance' }>;

/** A result whose items come in pages, each encoded as a whole. */
export type PagedResult = Extract<Result, { readonly kind: 'pages' }>;

const whole: Selection = { classOrigin: false };

/** The items of a page as a text, and how many they are. */
function encodeItems<T>(items: Iterable<T>, encode: (item: T) => string): PageText {
  let text = '';
  let count = 0;
  for (const item of items) {
    text += encode(item);
    count++;
  }
  return { text, items: count };
}

/** The forms of the pages of enumerations. */
export const pageForms: Readonly<Record<PagedResult['form'], PageForm>> = {
  namedInstances: {
    name: 'namedInstances',
    closing: Buffer.from('</VALUE.NAMEDINSTANCE>'),
    encode: (page) => encodeItems(page.instances(), (item) => namedInstance(item, whole)),
  },
  instanceNames: {
    name: 'instanceNames',
    closing: undefined,
    encode: (page) => encodeItems(page.paths(), encodeInstanceName),
  },
};

/** For each kind of result the pieces of its element's content, one an item, made as they are asked for. */
const pieces: {
  readonly [K in Pieced['kind']]: (result: ResultOf<K>, place: Place) => Iterable<string | Delay>;
} = {
  void: () => [],
  *instance({ item, selection }) {
    yield encodeInstance(item, selection);
  },
  *namedInstances({ items, selection }) {
    for (const item of items) yield item instanceof Promise ? item : namedInstance(item, selection);
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
export function encodeResult(result: Pieced, place: Place): Iterable<string | Delay> {
  const encode = pieces[result.kind] as (result: Pieced, place: Place) => Iterable<string | Delay>;
  return encode(result, place);
}
