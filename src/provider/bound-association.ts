import type { CimClass } from '../cim/class.js';
import type { Shape } from '../cim/instance.js';
import { sameName } from '../cim/name.js';
import type { CimValue } from '../cim/value.js';
import type { View } from '../xenapi/view.js';
import type { Association, EndSubject, PairProperty } from './association.js';
import { converter } from './convert.js';
import { type BoundRow, shapeOf } from './row.js';
import type { Provided, Tied } from './subject.js';
import { backward, forward, type Route, route } from './walk.js';

/** An association made ready for one namespace. */
export interface BoundAssociation {
  readonly declared: Association;
  readonly namespace: string;
  readonly cls: CimClass;
  readonly shape: Shape;
  readonly from: readonly BoundRow[];
  readonly to: readonly BoundRow[];
  readonly routes: readonly Route[];
  readonly getters: readonly ((tie: Tied, reference: (end: Provided) => CimValue) => CimValue)[];
}

function pairValue(spec: PairProperty, convert: (given: any) => CimValue): (tie: Tied) => CimValue {
  if ('value' in spec) {
    const constant = convert(spec.value);
    return () => constant;
  }
  return ({ from, to }) => convert(spec.calc(seen(from), seen(to)));
}

/** An end as the association's own functions see it. */
function seen({ row: { watch }, watched, reads, part }: Provided): EndSubject {
  watch.reader = watch.association;
  return { record: watched, reads, part };
}

export function bindAssociation(
  declared: Association,
  cls: CimClass,
  namespace: string,
  rows: (element: unknown) => BoundRow,
): BoundAssociation {
  const of = declared.from.rows[0]!.of;
  const ways = declared.path === 'every' ? [] : 'first' in declared.path ? declared.path.first : [declared.path];
  return {
    declared,
    namespace,
    cls,
    shape: shapeOf(cls),
    from: declared.from.rows.map(rows),
    to: declared.to.rows.map(rows),
    routes: ways.map((steps) => route(of, steps)),
    getters: [...cls.properties].map((p) => {
      if (sameName(p.name, declared.from.role)) return (tie, reference) => reference(tie.from);
      if (sameName(p.name, declared.to.role)) return (tie, reference) => reference(tie.to);
      const spec = Object.entries(declared.properties).find(([name]) => sameName(name, p.name))?.[1];
      return spec === undefined ? () => p.value : pairValue(spec, converter(p));
    }),
  };
}

const lonely: ReadonlySet<string> = new Set(['pool', 'server']);

/** Whether the association is listed by the records of its `from` end; by those of the other where that end is single. */
export const byFrom = ({ declared: { path, from } }: BoundAssociation): boolean =>
  path !== 'every' || !lonely.has(from.rows[0]!.of);

/** The `to` records that a `from` record is tied to. */
export function targets(view: View, { declared, routes, to }: BoundAssociation, ref: string): readonly string[] {
  if (declared.path === 'every') return view.refs(to[0]!.element.of);
  for (const way of routes) {
    const found = forward(view, way, ref);
    if (found.length > 0) return found;
  }
  return [];
}

/** The `from` records that are tied to a `to` record: through the inverse index, never by a search. */
export function sources(view: View, { declared, routes, from }: BoundAssociation, ref: string): readonly string[] {
  if (declared.path === 'every') return view.refs(from[0]!.element.of);
  if (routes.length === 1) return backward(view, routes[0]!, ref);
  const found = new Set<string>();
  for (const [i, way] of routes.entries()) {
    for (const source of backward(view, way, ref)) {
      const earlier = routes.slice(0, i).some((before) => forward(view, before, source).length > 0);
      if (!earlier) found.add(source);
    }
  }
  return [...found];
}

/** Whether the pair counts: by the association's own test, else parts of the same name where both ends have parts. */
export function paired({ declared }: BoundAssociation, from: Provided, to: Provided): boolean {
  if (declared.pair) return declared.pair(seen(from), seen(to));
  const both = from.row.element.parts && to.row.element.parts && from.row.element.of === to.row.element.of;
  return !both || from.part.name === to.part.name;
}
