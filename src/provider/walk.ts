import { classFields } from '../xenapi/datamodel.generated.js';
import { ownFields, type XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import type { Steps } from './path.js';

/**
 * A step made ready: a reference field with where it leads, a field that holds a uuid, one of these walked backward, or
 * every record of a class.
 */
type Leg =
  | {
      readonly kind: 'field';
      readonly of: XenClass;
      readonly field: string;
      readonly to: XenClass;
      readonly many: boolean;
    }
  | {
      readonly kind: 'uuid';
      readonly of: XenClass;
      readonly field: string;
      readonly path: readonly string[];
      readonly to: XenClass;
    }
  | { readonly kind: 'inverse'; readonly of: XenClass; readonly to: XenClass; readonly leg: Held | Joined }
  | { readonly kind: 'all'; readonly of: XenClass; readonly to: XenClass };

type Held = Extract<Leg, { kind: 'field' }>;
type Joined = Extract<Leg, { kind: 'uuid' }>;

/** The field of a class by which the leg leads from record to record, and whose inverse it needs. */
export function fieldOf(leg: Leg): { readonly of: XenClass; readonly field: string } | undefined {
  if (leg.kind === 'all') return undefined;
  return leg.kind === 'inverse' ? leg.leg : leg;
}

/** A path made ready to be walked both ways. */
export interface Route {
  readonly of: XenClass;
  readonly to: XenClass;
  readonly legs: readonly Leg[];
  /** Whether it can lead to more than one record. */
  readonly many: boolean;
  /** Whether only the number of the records is wanted. */
  readonly counted?: boolean;
}

const single: ReadonlySet<string> = new Set(['pool', 'server']);

const fieldTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = { ...classFields, ...ownFields };

const typesOf = (of: XenClass): Readonly<Record<string, string>> | undefined => fieldTypes[of];

const fieldNames = new Map(Object.entries(fieldTypes).map(([of, types]) => [of, Object.keys(types)]));

/** The fields of a class, in the order that numbers them. */
export const fieldsOf = (of: XenClass): readonly string[] => fieldNames.get(of)!;

/** Where a reference field leads, by the XenAPI data model; undefined for a field that is no reference. */
export function fieldTarget(
  of: XenClass,
  field: string,
): { readonly to: XenClass; readonly many: boolean } | undefined {
  const type = typesOf(of)?.[field];
  const match = type === undefined ? null : /^(\w+) ref( set)?$/.exec(type);
  return match ? { to: match[1] as XenClass, many: match[2] !== undefined } : undefined;
}

/** A step by value: `field=class`, or `map.key=class`. */
function joined(of: XenClass, step: string): Joined {
  const [field, to] = step.split('=') as [string, XenClass];
  const dot = field.indexOf('.');
  const path = dot < 0 ? [field] : [field.slice(0, dot), field.slice(dot + 1)];
  const wanted = dot < 0 ? 'string' : '(string -> string) map';
  if (typesOf(of)?.[path[0]!] !== wanted) throw new Error(`${of}.${path[0]} holds no text that could be a uuid`);
  if (!typesOf(to)) throw new Error(`${step}: the XenAPI data model has no class ${to}`);
  return { kind: 'uuid', of, field, path, to };
}

/** A step backward: `<class.field`, where the field is a reference or holds the uuid. */
function inverse(of: XenClass, step: string): Leg {
  const dot = step.indexOf('.');
  const [to, field] = [step.slice(1, dot) as XenClass, step.slice(dot + 1)];
  if (!typesOf(to)) throw new Error(`${step}: the XenAPI data model has no class ${to}`);
  const target = fieldTarget(to, field);
  if (target && target.to !== of) throw new Error(`${step}: ${to}.${field} leads to ${target.to}, not to ${of}`);
  const leg: Held | Joined = target ? { kind: 'field', of: to, field, ...target } : joined(to, `${field}=${of}`);
  return { kind: 'inverse', of, to, leg };
}

function every(of: XenClass, to: XenClass): Leg {
  if (!typesOf(to)) throw new Error(`@${to}: the XenAPI data model has no class ${to}`);
  return { kind: 'all', of, to };
}

function leg(of: XenClass, step: string): Leg {
  if (step.startsWith('@') || step.startsWith('#')) return every(of, step.slice(1) as XenClass);
  if (step.startsWith('<')) return inverse(of, step);
  if (step.includes('=')) return joined(of, step);
  const target = fieldTarget(of, step);
  if (!target) throw new Error(`${of}.${step} is not a reference field of the XenAPI data model`);
  return { kind: 'field', of, field: step, ...target };
}

const severalAhead = (leg: Leg): boolean =>
  leg.kind === 'field' ? leg.many : leg.kind === 'inverse' || (leg.kind === 'all' && !single.has(leg.to));

/** Throws where a step is no reference field: a row is wrong then. */
export function route(of: XenClass, steps: Steps): Route {
  const legs: Leg[] = [];
  let at = of;
  for (const step of steps) {
    const next = leg(at, step);
    legs.push(next);
    at = next.to;
  }
  const counted = steps.some((step) => step.startsWith('#'));
  if (counted && steps.length > 1) throw new Error(`${steps.join('.')}: a number of records stands alone`);
  return { of, to: at, legs, many: legs.some(severalAhead), counted };
}

/** The references that the route leads to from a record; those that lead nowhere are left out, doubles given once. */
export function forward(view: View, { legs }: Route, ref: string): readonly string[] {
  let refs: readonly string[] = [ref];
  for (const next of legs) {
    if (next.kind === 'all') refs = view.refs(next.to);
    else refs = next.kind === 'inverse' ? holders(view, next.leg, refs) : ahead(view, next, refs);
  }
  return refs;
}

const ahead = (view: View, next: Held | Joined, refs: readonly string[]): readonly string[] =>
  next.kind === 'uuid' ? named(view, next, refs) : held(view, next, refs);

/** The record whose uuid the field holds. */
function byValue(view: View, { of, path: [field, key], to }: Joined, ref: string): string | undefined {
  const value = (view.get(of, ref) as Readonly<Record<string, any>> | undefined)?.[field!];
  const uuid: unknown = key === undefined ? value : value?.[key];
  return typeof uuid === 'string' ? view.byUuid(to, uuid) : undefined;
}

function named(view: View, next: Joined, refs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const ref of refs) {
    const target = byValue(view, next, ref);
    if (target !== undefined) found.add(target);
  }
  return [...found];
}

function held(view: View, { of, field, to, many }: Held, refs: readonly string[]): readonly string[] {
  if (refs.length === 1 && !many) {
    const target = (view.get(of, refs[0]!) as Readonly<Record<string, any>> | undefined)?.[field];
    return target !== undefined && view.get(to, target) !== undefined ? [target] : [];
  }
  const found = new Set<string>();
  for (const ref of refs) {
    const value = (view.get(of, ref) as Readonly<Record<string, any>> | undefined)?.[field];
    for (const target of Array.isArray(value) ? value : [value]) {
      if (target !== undefined && view.get(to, target) !== undefined) found.add(target);
    }
  }
  return [...found];
}

/** The records from which the route leads to the target: the inverse of `forward`, through the view's index. */
export function backward(view: View, { legs }: Route, target: string): readonly string[] {
  let refs: readonly string[] = [target];
  for (const last of [...legs].reverse()) {
    if (refs.length === 0) return refs;
    if (last.kind === 'all') refs = view.refs(last.of);
    else refs = last.kind === 'inverse' ? ahead(view, last.leg, refs) : holders(view, last, refs);
  }
  return refs;
}

function holders(view: View, next: Held | Joined, refs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const ref of refs) {
    const value = next.kind === 'uuid' ? (view.get(next.to, ref) as { uuid?: string } | undefined)?.uuid : ref;
    if (value !== undefined) for (const holder of view.holders(next.of, next.field, value)) found.add(holder);
  }
  return [...found];
}

/** The first record that the route leads to; undefined when there is none. */
export function first(view: View, { legs }: Route, ref: string): string | undefined {
  let at: string | undefined = ref;
  for (const next of legs) {
    if (next.kind === 'all') at = view.refs(next.to)[0];
    else if (next.kind === 'uuid') at = byValue(view, next, at);
    else if (next.kind === 'inverse') at = holders(view, next.leg, [at])[0];
    else {
      const value = (view.get(next.of, at) as Readonly<Record<string, any>> | undefined)?.[next.field];
      at = Array.isArray(value) ? value.find((one) => view.get(next.to, one) !== undefined) : value;
    }
    if (at === undefined || view.get(next.to, at) === undefined) return undefined;
  }
  return at;
}
