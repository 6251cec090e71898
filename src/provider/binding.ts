import type { CimClass } from '../cim/class.js';
import { fold, NameMap } from '../cim/name.js';
import type { Schema } from '../mof/schema.js';
import type { Readings } from '../xenapi/reading.js';
import type { Association } from './association.js';
import { type BoundAssociation, bindAssociation } from './bound-association.js';
import type { AnyElement } from './element.js';
import { type BoundRow, bindRow } from './row.js';

/** Everything that is mapped. */
export interface Rows {
  readonly elements: readonly AnyElement[];
  readonly associations: readonly Association[];
  /** Concrete classes of the MOF for which no row stands, each with the reason. */
  readonly rowless?: Readonly<Record<string, string>>;
}

/** An association as seen from one of its ends. */
export interface Side {
  readonly association: BoundAssociation;
  readonly forward: boolean;
  readonly role: string;
  readonly otherRole: string;
  readonly others: readonly BoundRow[];
}

/** What is bound in one namespace. */
export interface Bound {
  readonly rows: NameMap<BoundRow[]>;
  readonly associations: NameMap<BoundAssociation[]>;
  /** By element: the associations that its instances can have here. */
  readonly sides: ReadonlyMap<AnyElement, readonly Side[]>;
}

/** Binds every row and association in each of its namespaces. Throws where one names what is not there. */
export function bind(
  schemas: ReadonlyMap<string, Schema>,
  { elements, associations }: Rows,
  readings: Readings,
): ReadonlyMap<string, Bound> {
  const bound = new Map(
    [...schemas.keys()].map((name) => [
      name,
      { rows: new NameMap<BoundRow[]>(), associations: new NameMap<BoundAssociation[]>() },
    ]),
  );
  const all = new Map<string, BoundRow>();
  const slot = (element: AnyElement, namespace: string): string =>
    `${namespace}:${fold(element.cim)}:${elements.indexOf(element)}`;
  for (const element of elements) {
    for (const namespace of element.namespaces) {
      const row = bindRow(element, classOf(schemas, namespace, element.cim), namespace, readings);
      all.set(slot(element, namespace), row);
      add(bound.get(namespace)!.rows, element.cim, row);
    }
  }
  for (const declared of associations) {
    for (const namespace of declared.namespaces) {
      const near = (element: unknown): BoundRow => {
        const { namespaces } = element as AnyElement;
        const home = namespaces.includes(namespace) ? namespace : namespaces[0]!;
        const row = all.get(slot(element as AnyElement, home));
        if (!row) throw new Error(`${declared.cim}: ${(element as AnyElement).cim} is not in the list of rows`);
        return row;
      };
      const cls = classOf(schemas, namespace, declared.cim);
      add(bound.get(namespace)!.associations, declared.cim, bindAssociation(declared, cls, namespace, near));
    }
  }
  return new Map([...bound].map(([name, parts]) => [name, { ...parts, sides: sidesOf(parts.associations) }]));
}

function add<V>(map: NameMap<V[]>, name: string, value: V): void {
  const list = map.get(name);
  if (list) list.push(value);
  else map.set(name, [value]);
}

function classOf(schemas: ReadonlyMap<string, Schema>, namespace: string, name: string): CimClass {
  const schema = schemas.get(namespace);
  if (!schema)
    throw new Error(`${name}: its row names the namespace ${namespace}; there are ${[...schemas.keys()].join(', ')}`);
  const cls = schema.class(name);
  if (!cls) throw new Error(`${name}: no such class in the MOF of ${namespace}`);
  return cls;
}

function sidesOf(associations: NameMap<BoundAssociation[]>): ReadonlyMap<AnyElement, readonly Side[]> {
  const sides = new Map<AnyElement, Side[]>();
  const put = (element: AnyElement, side: Side): void => void sides.set(element, [...(sides.get(element) ?? []), side]);
  for (const association of [...associations].flat()) {
    const { from, to } = association.declared;
    for (const element of from.rows) {
      put(element, { association, forward: true, role: from.role, otherRole: to.role, others: association.to });
    }
    for (const element of to.rows) {
      put(element, { association, forward: false, role: to.role, otherRole: from.role, others: association.from });
    }
  }
  return sides;
}
