import type { CimClass, QualifierType } from '../cim/class.js';
import type { CimInstance } from '../cim/instance.js';
import { fold, type NameMap } from '../cim/name.js';
import type { Schema } from './schema.js';

/** A class's place in the tree: its descendants are the classes numbered from its own `first` to its `last`. */
interface Place {
  readonly first: number;
  readonly last: number;
}

const byName = (a: CimClass, b: CimClass): number => {
  const [x, y] = [fold(a.name), fold(b.name)];
  return x < y ? -1 : x > y ? 1 : 0;
};

function childrenOf(classes: NameMap<CimClass>): Map<string, CimClass[]> {
  const children = new Map<string, CimClass[]>();
  for (const one of classes) {
    const above = fold(one.superclass ?? '');
    const siblings = children.get(above);
    if (siblings) siblings.push(one);
    else children.set(above, [one]);
  }
  for (const siblings of children.values()) siblings.sort(byName);
  return children;
}

/** Numbers the tree in one walk, so that descent is a comparison of numbers and all descendants stand side by side. */
function walk(children: ReadonlyMap<string, readonly CimClass[]>): { order: CimClass[]; places: Map<string, Place> } {
  const order: CimClass[] = [];
  const places = new Map<string, Place>();
  const visit = (one: CimClass): void => {
    const first = order.push(one) - 1;
    for (const child of children.get(fold(one.name)) ?? []) visit(child);
    places.set(fold(one.name), { first, last: order.length - 1 });
  };
  for (const root of children.get('') ?? []) visit(root);
  return { order, places };
}

/** The schema of resolved classes, with its tree worked out beforehand. */
export function schemaOf(
  qualifierTypes: NameMap<QualifierType>,
  classes: NameMap<CimClass>,
  instances: readonly CimInstance[],
): Schema {
  const children = childrenOf(classes);
  const { order, places } = walk(children);
  const descendants = new Map<string, readonly CimClass[]>();
  const deepOf = (folded: string): readonly CimClass[] => {
    const known = descendants.get(folded);
    if (known) return known;
    const place = places.get(folded);
    const found = place ? order.slice(place.first + 1, place.last + 1).sort(byName) : [];
    if (place) descendants.set(folded, found);
    return found;
  };
  return {
    qualifierTypes,
    instances,
    class: (name) => classes.get(name),
    classes: () => order,
    subclasses: (name, deep) => (deep ? deepOf(fold(name)) : (name && children.get(fold(name))) || []),
    isA(name, ancestor) {
      const [below, above] = [places.get(fold(name)), places.get(fold(ancestor))];
      return below !== undefined && above !== undefined && above.first <= below.first && below.last <= above.last;
    },
  };
}
