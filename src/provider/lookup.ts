import { fold, NameMap, NameSet, sameName } from '../cim/name.js';
import { classFields } from '../xenapi/datamodel.generated.js';
import type { XenClass } from '../xenapi/records.js';
import type { Store } from '../xenapi/view.js';
import type { BoundRow } from './row.js';
import { backward, type Route } from './walk.js';

/** The references of the records whose instances may have the value. */
type Find = (value: string) => readonly string[];

/** `any`: nothing is known by that property, so that all have to be looked at. */
type Plan = Find | 'any';

/** Properties that are found by an index of the field that they show (decisions.md 25). */
const indexed = new NameSet(['Name', 'ElementName', 'InstanceID', 'DeviceID', 'SystemName']);

const none: readonly string[] = [];

/** A value of every form of identity, to see which properties tell one. */
const probe = 'Xen:u/p';

const fieldType = (of: string, field: string): string | undefined =>
  (classFields as Readonly<Record<string, Readonly<Record<string, string>>>>)[of]?.[field];

/** Finds the records behind the value of a property, by their identity or an index, where the row allows it. */
export class Lookup {
  readonly #store: Store;
  readonly #plans = new Map<BoundRow, Map<string, Plan>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** The references of records of the row, among them all whose instances have the value; undefined where all may. */
  refs(row: BoundRow, property: string, value: string): readonly string[] | undefined {
    const plans = this.#plans.get(row) ?? new Map<string, Plan>();
    this.#plans.set(row, plans);
    const name = fold(property);
    const plan = plans.get(name) ?? this.#plan(row, property);
    if (row.cls.properties.has(property)) plans.set(name, plan);
    return plan === 'any' ? undefined : plan(value);
  }

  #plan(row: BoundRow, property: string): Plan {
    if (row.cls.keys.some((key) => sameName(key, property))) return this.#byKey(row, property);
    return this.#byProperty(row, property);
  }

  #byKey(row: BoundRow, property: string): Plan {
    const identity = (value: string) => row.identify((name) => (sameName(name, property) ? value : undefined));
    const probed = identity(probe);
    if (typeof probed === 'object' && probed.uuid !== '') {
      return (value) => {
        const found = identity(value);
        return typeof found === 'object' ? this.#one(row.element.of, found.uuid) : none;
      };
    }
    if (sameName(property, 'CreationClassName')) return constant(row, row.cls.name, this.#store);
    return sameName(property, 'SystemName') ? this.#bySystem(row) : 'any';
  }

  #one(of: string, uuid: string): readonly string[] {
    const ref = this.#store.byUuid(of as XenClass, uuid);
    return ref === undefined ? none : [ref];
  }

  /** The records whose owner has the uuid. */
  #bySystem({ element, routes }: BoundRow): Plan {
    const { owner, ofSetting } = element.key as { readonly owner?: unknown; readonly ofSetting?: true };
    const uuid = (value: string): string => (ofSetting ? value.slice(4) : value);
    if (owner === 'self') return (value) => this.#one(element.of, uuid(value));
    const way = typeof owner === 'string' ? routes[Object.keys(element.reads).indexOf(owner)] : undefined;
    if (!way) return 'any';
    return (value) => this.#behind(way, this.#one(way.to, uuid(value)));
  }

  #behind(way: Route, targets: readonly string[]): readonly string[] {
    return [...new Set(targets.flatMap((target) => backward(this.#store, way, target)))];
  }

  #byProperty(row: BoundRow, property: string): Plan {
    const { element, routes } = row;
    const spec = new NameMap(Object.entries(element.properties)).get(property) as unknown;
    if (typeof spec === 'string') return this.#byField(element.of, spec, property);
    if (typeof spec !== 'object' || spec === null) return 'any';
    const { value, field, from, as } = spec as Readonly<Record<string, unknown>>;
    if (typeof value === 'string') return constant(row, value, this.#store);
    if (typeof field !== 'string' || as !== undefined) return 'any';
    if (from === undefined) return this.#byField(element.of, field, property);
    const way = routes[Object.keys(element.reads).indexOf(from as string)];
    const find = way ? this.#byField(way.to, field, property) : 'any';
    return !way || find === 'any' ? 'any' : (text) => this.#behind(way, find(text));
  }

  #byField(of: string, field: string, property: string): Plan {
    if (field === 'uuid') return (value) => this.#one(of, value);
    if (fieldType(of, field) !== 'string' || !indexed.has(property)) return 'any';
    this.#store.index(of as XenClass, field);
    return (value) => [...this.#store.holders(of as XenClass, field, value)];
  }
}

/** Of a property that is the same in all of them: all or none. */
const constant =
  ({ element }: BoundRow, is: string, store: Store): Find =>
  (value) =>
    value === is ? store.refs(element.of as XenClass) : none;
