import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import type { Shape } from '../cim/instance.js';
import { fold, NameMap } from '../cim/name.js';
import type { KeyBinding } from '../cim/path.js';
import type { CimValue } from '../cim/value.js';
import type { ReadingKey, Readings, Sample } from '../xenapi/reading.js';
import type { View } from '../xenapi/view.js';
import type { Given } from './codec.js';
import { converter } from './convert.js';
import type { AnyElement } from './element.js';
import { type Identify, identityOf, keyValues } from './identity.js';
import type { Provided } from './subject.js';
import { first, forward, type Route, route } from './walk.js';
import { Watch } from './watch.js';

/** Gives one property of a subject. */
export type Getter = (subject: Provided) => CimValue;

/** A row made ready for one namespace: held against the class, its paths resolved, its labels looked up. */
export interface BoundRow {
  readonly element: AnyElement;
  readonly namespace: string;
  readonly cls: CimClass;
  readonly shape: Shape;
  readonly routes: readonly Route[];
  readonly getters: readonly Getter[];
  /** Whether the property of the same index changes without an event. */
  readonly volatile: readonly boolean[];
  /** The indexes of the properties that show a sample. */
  readonly live: readonly number[];
  readonly reading: (subject: Provided) => ReadingKey | undefined;
  readonly watch: Watch;
  /** What the row reads beside its record, each path walked when it is first asked for. */
  readonly read: (view: View, ref: string) => any;
  /** The key properties in alphabetical order; undefined when one cannot be made, and so no instance is there. */
  readonly keys: (record: any, reads: any, part: any) => readonly string[] | undefined;
  /** The key properties of a subject as a path names them, each in the type that the class declares. */
  readonly bindings: (keys: readonly string[]) => readonly KeyBinding[];
  readonly identify: Identify;
}

export function shapeOf(cls: CimClass): Shape {
  return {
    className: cls.name,
    properties: [...cls.properties].map((p) => ({
      name: p.name,
      type: p.type,
      isArray: p.isArray,
      classOrigin: p.classOrigin,
      propagated: p.propagated,
      ...(p.embedded && { embedded: p.embedded }),
      ...(p.referenceClass !== undefined && { referenceClass: p.referenceClass }),
    })),
  };
}

/** What a row reads of one record, by the names of its paths. */
class Reads {
  readonly #view: View;
  readonly #ref: string;
  readonly #found: unknown[] = [];

  constructor(view: View, ref: string) {
    this.#view = view;
    this.#ref = ref;
  }

  /** Gives the class the path of this name and number. */
  static path(cls: typeof Reads, name: string, number: number, way: Route, watch: Watch): void {
    Object.defineProperty(cls.prototype, name, {
      enumerable: true,
      get(this: Reads) {
        watch.walk(number);
        this.#found[number] ??= readRoute(this.#view, number, way, this.#ref, watch);
        return this.#found[number];
      },
    });
  }
}

const nothing = Object.freeze({});

/** Makes what the functions of a row see of the records that its paths lead to. */
function reader({ reads }: AnyElement, routes: readonly Route[], watch: Watch): (view: View, ref: string) => any {
  const names = Object.keys(reads);
  if (names.length === 0) return () => nothing;
  const made = class extends Reads {};
  for (const [number, name] of names.entries()) Reads.path(made, name, number, routes[number]!, watch);
  return (view, ref) => new made(view, ref);
}

function readRoute(view: View, number: number, way: Route, ref: string, watch: Watch): unknown {
  if (way.counted) return view.refs(way.to).length;
  if (way.many) return forward(view, way, ref).map((target) => watch.met(number, view.get(way.to, target)!));
  const target = first(view, way, ref);
  return target === undefined ? undefined : watch.met(number, view.get(way.to, target)!);
}

type Sampled = (subject: Provided) => Sample | undefined;

const isLive = (spec: unknown): boolean => typeof spec === 'object' && spec !== null && 'sample' in spec;

/** How a row's property specification is worked out, before the MOF's type makes a value of it. */
function source(spec: any, sampled: Sampled): (subject: Provided) => Given {
  if (typeof spec === 'string') return ({ watched }) => watched[spec];
  if ('sample' in spec) {
    return (subject) => {
      const sample = sampled(subject);
      return sample === undefined ? null : spec.sample(sample, subject.watched, subject.reads, subject.part);
    };
  }
  if ('calc' in spec) return ({ watched, reads, part }) => spec.calc(watched, reads, part);
  if ('value' in spec) return () => spec.value;
  if ('byPart' in spec) return ({ part }) => spec.byPart[part.name] ?? null;
  const read = spec.as?.read ?? ((value: Given): Given => value);
  if (spec.from === undefined) return ({ watched }) => read(watched[spec.field]);
  return ({ reads }) => {
    const record = reads[spec.from];
    return record === undefined ? null : read(record[spec.field]);
  };
}

/** Keys are made and compared as texts; a few standard classes declare some of another type. */
function keyType(property: PropertyDeclaration): (text: string) => string | number | bigint {
  if (property.type === 'string') return (text) => text;
  const convert = converter(property);
  return (text) => convert(text) as number | bigint;
}

function keyBindings(cls: CimClass): (keys: readonly string[]) => readonly KeyBinding[] {
  const declared = cls.keys.map((name) => cls.properties.get(name)!);
  const typed = declared.map(keyType);
  return (keys) => cls.keys.map((name, i) => ({ name, type: declared[i]!.type, value: typed[i]!(keys[i]!) }));
}

function getter(property: PropertyDeclaration, spec: unknown, keyIndex: number, sampled: Sampled): Getter {
  if (keyIndex >= 0) {
    const typed = keyType(property);
    return ({ keys }) => typed(keys[keyIndex]!);
  }
  if (spec === undefined) return () => property.value;
  const convert = converter(property);
  if (typeof spec === 'object' && spec !== null && 'value' in spec) {
    const constant = convert((spec as { value: Given }).value);
    return () => constant;
  }
  const give = source(spec, sampled);
  return (subject) => convert(give(subject));
}

/** A property as the reader of what it reads; a constant reads nothing. */
function watching(watch: Watch, number: number, get: Getter): Getter {
  if (get.length === 0) return get;
  return (subject) => {
    watch.reader = number;
    return get(subject);
  };
}

/** Throws where row and class do not belong together; `check` says the same in sentences before. */
export function bindRow(element: AnyElement, cls: CimClass, namespace: string, readings: Readings): BoundRow {
  const specs = new NameMap(Object.entries(element.properties));
  const declared = [...cls.properties];
  const keyNames = cls.keys.map(fold);
  const specOf = (p: PropertyDeclaration): unknown => specs.get(p.name);
  const routes = Object.values<readonly string[]>(element.reads).map((steps) => route(element.of, steps));
  const watch = new Watch(element.of, declared.length, routes);
  const reading = ({ watched, reads, part }: Provided): ReadingKey | undefined => {
    watch.reader = watch.nobody;
    return element.reading?.(watched, reads, part);
  };
  const sampled: Sampled = (subject) => {
    const key = reading(subject);
    return key && readings.sample(key);
  };
  return {
    element,
    namespace,
    cls,
    shape: shapeOf(cls),
    routes,
    getters: declared.map((p, i) => watching(watch, i, getter(p, specOf(p), keyNames.indexOf(fold(p.name)), sampled))),
    volatile: declared.map(
      (p) => isLive(specOf(p)) || (specOf(p) as { volatile?: true } | undefined)?.volatile === true,
    ),
    live: declared.flatMap((p, i) => (isLive(specOf(p)) ? [i] : [])),
    reading,
    watch,
    read: reader(element, routes, watch),
    keys: keyValues(element, cls.keys),
    bindings: keyBindings(cls),
    identify: identityOf(element),
  };
}
