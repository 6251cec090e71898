import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { NameMap, type NameSet, sameName } from '../cim/name.js';
import type { Argument, Result } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import { samePath } from '../cim/path-text.js';
import type { Principal } from '../cim/principal.js';
import type { CimValue } from '../cim/value.js';
import type { Writer } from '../provider/provider.js';
import { declaredInstance, propertyValue } from './embedded-instance.js';
import { type Located, locate, requireClass } from './location.js';
import type { Namespace } from './namespace.js';

const done: Result = { kind: 'void' };

function writerOf({ provider, cls }: Located, what: string): Writer {
  const writer = provider.writer?.(cls.name);
  if (writer) return writer;
  throw new CimError('NOT_SUPPORTED', `instances of ${cls.name} cannot be ${what}`);
}

const isEqual = (a: CimValue, b: CimValue): boolean => {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]!));
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    return 'kind' in a && 'kind' in b && a.kind === 'path' && b.kind === 'path' && samePath(a, b);
  }
  return a === b;
};

const valueIn = ({ shape, values }: CimInstance, name: string): CimValue | undefined =>
  values[shape.properties.findIndex((property) => sameName(property.name, name))];

interface Wish {
  readonly property: PropertyDeclaration;
  readonly value: CimValue;
}

/** What is to be other than it is. A key cannot be (DSP0200 5.4.2.8). */
function wishes(cls: CimClass, given: CimInstance, now: CimInstance, list: NameSet | null): readonly Wish[] {
  const found: Wish[] = [];
  for (const property of cls.properties) {
    if (list && !list.has(property.name)) continue;
    const own = valueIn(given, property.name);
    const value = own === undefined && list ? property.value : own;
    if (value === undefined || isEqual(value, valueIn(now, property.name) ?? null)) continue;
    if (property.key) {
      throw new CimError('INVALID_PARAMETER', `${property.name} is a key of ${cls.name}: it cannot be changed`);
    }
    found.push({ property, value });
  }
  return found;
}

/**
 * The wishes that can be fulfilled. A client that sends a whole instance back sends much that cannot be written, some of
 * it changed meanwhile: that is passed over as long as something is left to do. What the client names, it means.
 */
function possible(cls: CimClass, all: readonly Wish[], writer: Writer, named: boolean): NameMap<CimValue> {
  const can = all.filter(({ property }) => writer.writable(property.name));
  if (can.length < all.length && (named || can.length === 0)) {
    const names = all.filter((wish) => !can.includes(wish)).map(({ property }) => property.name);
    throw new CimError('NOT_SUPPORTED', `of ${cls.name} these cannot be written: ${names.join(', ')}`);
  }
  return new NameMap(can.map(({ property, value }) => [property.name, value]));
}

async function change(
  namespace: Namespace,
  located: Located,
  given: CimInstance,
  list: NameSet | null,
  caller: Principal,
): Promise<Result> {
  const { provider, subject, cls } = located;
  const writer = writerOf(located, 'modified');
  if (!writer.modify) throw new CimError('NOT_SUPPORTED', `instances of ${cls.name} cannot be modified`);
  const all = wishes(cls, given, provider.instance(namespace.name, subject), list);
  const changes = possible(cls, all, writer, list !== null);
  if (changes.size > 0) await writer.modify({ namespace: namespace.name, subject, changes, caller });
  return done;
}

/** DSP0200 5.4.2.8. Properties that are not given stay; with a list, those that it names and are not given get their default. */
export async function modifyInstance(
  namespace: Namespace,
  values: {
    readonly ModifiedInstance: CimInstance & { readonly path: InstancePath };
    readonly PropertyList: NameSet | null;
  },
  caller: Principal,
): Promise<Result> {
  const { ModifiedInstance: given, PropertyList } = values;
  const located = locate(namespace, given.path, 'INVALID_CLASS');
  const { cls } = located;
  if (!sameName(given.shape.className, cls.name)) {
    const names = `${given.shape.className.slice(0, 100)} and the path ${cls.name}`;
    throw new CimError('INVALID_PARAMETER', `the instance names the class ${names}; they must be one`);
  }
  const unknown = given.shape.properties.find(({ name }) => !cls.properties.has(name));
  if (unknown) throw new CimError('NO_SUCH_PROPERTY', `${cls.name} has no property ${unknown.name.slice(0, 100)}`);
  return change(namespace, located, declaredInstance(namespace.schema, given), PropertyList, caller);
}

/** The value of one property, as a property of that type reads it. */
function single(cls: CimClass, property: PropertyDeclaration, value: Argument): CimInstance {
  if (
    value !== null &&
    typeof value === 'object' &&
    'kind' in value &&
    value.kind !== 'path' &&
    value.kind !== 'instance'
  )
    throw new CimError('INVALID_PARAMETER', `NewValue wants a value of ${cls.name}.${property.name}`);
  const { name, type, isArray } = property;
  const shape = { className: cls.name, properties: [{ name, type, isArray }] };
  return { kind: 'instance', shape, values: [value === null ? null : propertyValue(property, value as CimValue)] };
}

/** DSP0200 5.4.2.19. */
export async function setProperty(
  namespace: Namespace,
  values: { readonly InstanceName: InstancePath; readonly PropertyName: string; readonly NewValue: Argument },
  caller: Principal,
): Promise<Result> {
  const located = locate(namespace, values.InstanceName, 'INVALID_CLASS');
  const property = located.cls.properties.get(values.PropertyName);
  if (!property) {
    const name = values.PropertyName.slice(0, 100);
    throw new CimError('NO_SUCH_PROPERTY', `${located.cls.name} has no property ${name}`);
  }
  const given = single(located.cls, property, values.NewValue);
  const named = { has: (name: string) => sameName(name, property.name) } as NameSet;
  return change(namespace, located, given, named, caller);
}

/** DSP0200 5.4.2.4. */
export async function deleteInstance(
  namespace: Namespace,
  { InstanceName }: { readonly InstanceName: InstancePath },
  caller: Principal,
): Promise<Result> {
  const located = locate(namespace, InstanceName, 'INVALID_CLASS');
  const writer = writerOf(located, 'deleted');
  if (!writer.remove) throw new CimError('NOT_SUPPORTED', `instances of ${located.cls.name} cannot be deleted`);
  await writer.remove({ namespace: namespace.name, subject: located.subject, caller });
  return done;
}

/** DSP0200 5.4.2.6: answers with the path of the new instance. */
export async function createInstance(
  namespace: Namespace,
  { NewInstance }: { readonly NewInstance: CimInstance },
  caller: Principal,
): Promise<Result> {
  const cls = requireClass(namespace, NewInstance.shape.className, 'INVALID_CLASS');
  const writer = namespace.provider(cls.name)?.writer?.(cls.name);
  if (!writer?.create) throw new CimError('NOT_SUPPORTED', `instances of ${cls.name} cannot be created`);
  const unknown = NewInstance.shape.properties.find(({ name }) => !cls.properties.has(name));
  if (unknown) throw new CimError('NO_SUCH_PROPERTY', `${cls.name} has no property ${unknown.name.slice(0, 100)}`);
  const instance = declaredInstance(namespace.schema, NewInstance);
  const item = await writer.create({ namespace: namespace.name, instance, caller });
  return { kind: 'instanceNames', items: [namespace.renaming.outward(item)] };
}
