import { classFields } from '../xenapi/datamodel.generated.js';
import type { XenClass } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import type { Steps } from './path.js';

/** A step made ready: a reference field with where it leads, or every record of a class. */
type Leg =
  | {
      readonly kind: 'field';
      readonly of: XenClass;
      readonly field: string;
      readonly to: XenClass;
      readonly many: boolean;
    }
  | { readonly kind: 'all'; readonly of: XenClass; readonly to: XenClass };

/** A path made ready to be walked both ways. */
export interface Route {
  readonly of: XenClass;
  readonly to: XenClass;
  readonly legs: readonly Leg[];
  /** Whether it can lead to more than one record. */
  readonly many: boolean;
}

const single: ReadonlySet<string> = new Set(['pool', 'server']);

/** Where a reference field leads, by the XenAPI data model; undefined for a field that is no reference. */
export function fieldTarget(
  of: XenClass,
  field: string,
): { readonly to: XenClass; readonly many: boolean } | undefined {
  const type = (classFields as Readonly<Record<string, Readonly<Record<string, string>>>>)[of]?.[field];
  const match = type === undefined ? null : /^(\w+) ref( set)?$/.exec(type);
  return match ? { to: match[1] as XenClass, many: match[2] !== undefined } : undefined;
}

function leg(of: XenClass, step: string): Leg {
  if (step.startsWith('@')) return { kind: 'all', of, to: step.slice(1) as XenClass };
  const target = fieldTarget(of, step);
  if (!target) throw new Error(`${of}.${step} is not a reference field of the XenAPI data model`);
  return { kind: 'field', of, field: step, ...target };
}

/** Throws where a step is no reference field: a row is wrong then. */
export function route(of: XenClass, steps: Steps): Route {
  const legs: Leg[] = [];
  let at = of;
  for (const step of steps) {
    const next = leg(at, step);
    legs.push(next);
    at = next.to;
  }
  const many = legs.some((l) => (l.kind === 'field' ? l.many : !single.has(l.to)));
  return { of, to: at, legs, many };
}

/** The references that the route leads to from a record; those that lead nowhere are left out, doubles given once. */
export function forward(view: View, { legs }: Route, ref: string): readonly string[] {
  let refs: readonly string[] = [ref];
  for (const next of legs) refs = next.kind === 'all' ? view.refs(next.to) : held(view, next, refs);
  return refs;
}

function held(
  view: View,
  { of, field, to, many }: Leg & { kind: 'field' },
  refs: readonly string[],
): readonly string[] {
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
    refs = last.kind === 'all' ? view.refs(last.of) : holders(view, last, refs);
  }
  return refs;
}

function holders(view: View, { of, field }: Leg & { kind: 'field' }, refs: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const ref of refs) for (const holder of view.holders(of, field, ref)) found.add(holder);
  return [...found];
}

/** The first record that the route leads to; undefined when there is none. */
export function first(view: View, { legs }: Route, ref: string): string | undefined {
  let at: string | undefined = ref;
  for (const next of legs) {
    if (next.kind === 'all') at = view.refs(next.to)[0];
    else {
      const value = (view.get(next.of, at) as Readonly<Record<string, any>> | undefined)?.[next.field];
      at = Array.isArray(value) ? value.find((one) => view.get(next.to, one) !== undefined) : value;
    }
    if (at === undefined || view.get(next.to, at) === undefined) return undefined;
  }
  return at;
}
