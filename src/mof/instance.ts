import type { CimClass } from '../cim/class.js';
import type { CimInstance, PropertyShape, Shape } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import { type InstancePath, instancePath, type KeyBinding } from '../cim/path.js';
import type { CimScalar, CimValue } from '../cim/value.js';
import { MofError, type SourceText } from './error.js';
import { readLiteral } from './literal.js';
import { parse } from './parser.js';
import type { Schema } from './schema.js';
import type { InstanceNode, Literal } from './syntax.js';

interface Declared {
  readonly node: InstanceNode;
  readonly namespace: string | undefined;
}

function shapeOf(one: CimClass): Shape {
  const properties: PropertyShape[] = [...one.properties].map((property) => ({
    name: property.name,
    type: property.type,
    isArray: property.isArray,
    ...(property.embedded && { embedded: property.embedded }),
    ...(property.referenceClass !== undefined && { referenceClass: property.referenceClass }),
    classOrigin: property.classOrigin,
    propagated: property.propagated,
  }));
  return { className: one.name, properties };
}

/** Makes the instances of a schema's MOF; aliases may be used before they are given (DSP0004 7.9.1). */
class Resolver {
  readonly #schema: Schema;
  readonly #aliases = new Map<string, Declared>();
  readonly #shapes = new Map<CimClass, Shape>();
  readonly #made = new Map<InstanceNode, CimInstance>();
  readonly #underway = new Set<InstanceNode>();

  constructor(schema: Schema, declared: readonly Declared[]) {
    this.#schema = schema;
    for (const one of declared) {
      const { alias } = one.node;
      if (alias === undefined) continue;
      if (this.#aliases.has(alias)) throw new MofError(one.node, `the alias ${alias} is given already`);
      this.#aliases.set(alias, one);
    }
  }

  make(declared: Declared): CimInstance {
    const { node, namespace } = declared;
    const known = this.#made.get(node);
    if (known) return known;
    if (this.#underway.has(node)) throw new MofError(node, 'this instance refers to itself through aliases');
    this.#underway.add(node);
    const one = this.#classOf(node);
    const shape = this.#shapes.get(one) ?? shapeOf(one);
    this.#shapes.set(one, shape);
    const values = this.#values(node, one, namespace);
    const instance: CimInstance = { kind: 'instance', shape, values };
    const path = pathOf(node, one, values, namespace);
    const made = path ? { ...instance, path } : instance;
    this.#made.set(node, made);
    this.#underway.delete(node);
    return made;
  }

  #classOf(node: InstanceNode): CimClass {
    const one = this.#schema.class(node.className);
    if (!one) throw new MofError(node, `there is no class ${node.className}: the class of the instance was expected`);
    if (one.isAbstract)
      throw new MofError(node, `${one.name} is abstract: a class that can have instances was expected`);
    return one;
  }

  #values(node: InstanceNode, one: CimClass, namespace: string | undefined): CimValue[] {
    const given = new Map<string, CimValue>();
    for (const { name, value, offset } of node.values) {
      const property = one.properties.get(name);
      const place = { source: node.source, offset };
      if (!property) throw new MofError(place, `${one.name} has no property ${name}`);
      if (given.has(property.name)) throw new MofError(place, `${property.name} has a value already`);
      given.set(property.name, this.#value(value, property, node.source, namespace));
    }
    return [...one.properties].map(({ name, value }) => (given.has(name) ? given.get(name)! : value));
  }

  #value(literal: Literal, property: PropertyShape, source: SourceText, namespace: string | undefined): CimValue {
    const alias = (name: string): CimScalar | undefined => {
      const target = this.#aliases.get(name);
      const instance = target && this.make(target);
      return property.type === 'reference' ? instance?.path : property.embedded && instance;
    };
    const value = readLiteral(literal, property, { source, alias });
    if (!property.embedded) return value;
    const embed = (item: CimScalar | null): CimScalar | null =>
      typeof item === 'string' ? this.#embedded(item, literal, source, namespace) : item;
    return Array.isArray(value) ? value.map(embed) : embed(value as CimScalar | null);
  }

  /** An embedded instance written as the MOF of one (DSP0004 5.6.3). */
  #embedded(text: string, literal: Literal, source: SourceText, namespace: string | undefined): CimInstance {
    const [node, ...more] = parse({ file: `${source.file} (embedded)`, text });
    if (node?.kind !== 'instance' || more.length > 0)
      throw new MofError({ source, offset: literal.offset }, 'the MOF of one instance ("instance of …") was expected');
    return this.make({ node, namespace });
  }
}

function pathOf(
  node: InstanceNode,
  one: CimClass,
  values: readonly CimValue[],
  namespace: string | undefined,
): InstancePath | undefined {
  if (one.keys.length === 0) return undefined;
  const properties = [...one.properties];
  const keys = one.keys.map((name): KeyBinding => {
    const index = properties.findIndex((property) => sameName(property.name, name));
    const value = values[index];
    if (value === null || value === undefined)
      throw new MofError(node, `${one.name} has the key ${name}: a value for it was expected`);
    return { name, type: properties[index]!.type, value: value as KeyBinding['value'] };
  });
  return instancePath(one.name, keys, namespace);
}

/** The instances that the MOF declares, with their paths where the class has keys. DSP0004 7.9. */
export function resolveInstances(declared: readonly Declared[], schema: Schema): readonly CimInstance[] {
  const resolver = new Resolver(schema, declared);
  return declared.map((one) => resolver.make(one));
}
