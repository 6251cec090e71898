import type { CimClass } from '../../src/cim/class.js';
import type { CimInstance, Shape } from '../../src/cim/instance.js';
import { type NameSet, sameName } from '../../src/cim/name.js';
import { type InstancePath, instancePath, type KeyBinding } from '../../src/cim/path.js';
import { samePath } from '../../src/cim/path-text.js';
import type { CimValue } from '../../src/cim/value.js';
import type { Schema } from '../../src/mof/schema.js';
import type { Provider, Subject, Tie, TieFilter } from '../../src/provider/provider.js';

type Values = Readonly<Record<string, CimValue>>;
type Ends = Readonly<Record<string, Thing>>;

/** An instance as the fake has it: plain values, and for an association the things at its ends. */
export interface Thing extends Subject {
  readonly namespace: string;
  readonly values: Values;
  readonly ends: Ends;
}

/** A provider of things in memory, which counts what is asked of it and can be told to fail. */
export class FakeProvider implements Provider<Thing> {
  readonly asked: { readonly what: string; readonly wanted?: NameSet | undefined }[] = [];
  fault: Error | undefined;
  readonly #schemas: ReadonlyMap<string, Schema>;
  readonly #classes: readonly string[];
  readonly #things: Thing[] = [];
  readonly #live = new WeakMap<Thing, bigint>();

  constructor(schemas: ReadonlyMap<string, Schema>, classes: readonly string[]) {
    this.#schemas = schemas;
    this.#classes = classes;
  }

  add(namespace: string, className: string, values: Values, ends: Ends = {}): Thing {
    const thing = { namespace, className, values, ends };
    this.#things.push(thing);
    return thing;
  }

  classes(namespace: string): Iterable<string> {
    return this.#classes.filter((name) => this.#schemas.get(namespace)?.class(name));
  }

  *enumerate(namespace: string, className: string): Iterable<Thing> {
    for (const thing of this.#things) if (thing.namespace === namespace && thing.className === className) yield thing;
  }

  find(namespace: string, path: InstancePath): Thing | undefined {
    const there = [...this.enumerate(namespace, path.className)];
    const bare = ({ className, keys }: InstancePath) => instancePath(className, keys.map(unplaced));
    return there.find((thing) => samePath(bare(this.path(namespace, thing)), bare(path)));
  }

  *ties(_namespace: string, subject: Thing, filter: TieFilter): Iterable<Tie<Thing>> {
    for (const association of this.#things) {
      for (const [role, end] of Object.entries(association.ends)) {
        if (end !== subject) continue;
        for (const [otherRole, other] of Object.entries(association.ends)) {
          const tie = { association, role, otherRole, other, otherNamespace: other.namespace };
          if (role !== otherRole && passes(tie, filter)) yield tie;
        }
      }
    }
  }

  path(_namespace: string, thing: Thing): InstancePath {
    const cls = this.#class(thing);
    const keys = cls.keys.map((name): KeyBinding => {
      const end = thing.ends[name];
      if (end) return { name, type: 'reference', value: this.path(end.namespace, end) };
      const { type } = cls.properties.get(name)!;
      return { name, type, value: thing.values[name] as KeyBinding['value'] };
    });
    return instancePath(thing.className, keys, thing.namespace);
  }

  instance(namespace: string, thing: Thing, wanted?: NameSet): CimInstance {
    if (this.fault) throw this.fault;
    this.asked.push({ what: `instance ${thing.className}`, wanted });
    const shape = shapeOf(this.#class(thing));
    const valueAt = (name: string): CimValue => {
      const end = thing.ends[name];
      if (end) return this.path(namespace, end);
      return name === 'Uptime' ? (this.#live.get(thing) ?? null) : (thing.values[name] ?? null);
    };
    const values = shape.properties.map(({ name }) => (wanted?.has(name) === false ? null : valueAt(name)));
    return { kind: 'instance', shape, values, path: this.path(namespace, thing) };
  }

  ready(given: Iterable<Thing>, wanted?: NameSet): Promise<void> | undefined {
    if (wanted?.has('Uptime') === false) return undefined;
    const things = [...given];
    this.asked.push({ what: `ready ${things.length}`, wanted });
    return Promise.resolve().then(() => {
      for (const thing of things) this.#live.set(thing, 77n);
    });
  }

  #class({ namespace, className }: Thing): CimClass {
    return this.#schemas.get(namespace)!.class(className)!;
  }
}

const unplaced = (key: KeyBinding): KeyBinding =>
  typeof key.value === 'object' ? { ...key, value: instancePath(key.value.className, key.value.keys) } : key;

const shapes = new WeakMap<CimClass, Shape>();

function shapeOf(cls: CimClass): Shape {
  const shape = shapes.get(cls) ?? { className: cls.name, properties: [...cls.properties] };
  shapes.set(cls, shape);
  return shape;
}

function passes(tie: Tie<Thing>, { association, role, resultClass, resultRole }: TieFilter): boolean {
  return (
    (association?.(tie.association.className) ?? true) &&
    (role === undefined || sameName(role, tie.role)) &&
    (resultClass?.(tie.other.className) ?? true) &&
    (resultRole === undefined || sameName(resultRole, tie.otherRole))
  );
}
