import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import { fold, sameName } from '../cim/name.js';
import type { Schema } from '../mof/schema.js';
import { valueOfLabel } from '../mof/value-map.js';
import type { Association, AssociationEnd } from './association.js';
import type { Rows } from './binding.js';
import { isLabel } from './codec.js';
import type { AnyElement } from './element.js';
import { keyValues } from './identity.js';
import { route } from './walk.js';

type Schemas = ReadonlyMap<string, Schema>;

/** Everything in which rows and MOF disagree, a sentence each; nothing when they agree. */
export function* disagreements(schemas: Schemas, rows: Rows): Iterable<string> {
  for (const element of rows.elements) yield* ofElement(schemas, element);
  for (const association of rows.associations) yield* ofAssociation(schemas, association, rows.elements);
  yield* unmapped(schemas, rows);
}

function* declaredClass(
  schemas: Schemas,
  cim: string,
  namespaces: readonly string[],
  found: CimClass[],
): Iterable<string> {
  for (const namespace of namespaces) {
    const cls = schemas.get(namespace)?.class(cim);
    if (!schemas.has(namespace)) yield `${cim}: its row names the namespace ${namespace}, which is not served`;
    else if (!cls) yield `${cim}: no such class in the MOF of ${namespace}`;
    else if (cls.isAbstract) yield `${cim}: the MOF says Abstract, so it can have no instances`;
    else found.push(cls);
  }
}

function* ofElement(schemas: Schemas, element: AnyElement): Iterable<string> {
  const found: CimClass[] = [];
  yield* declaredClass(schemas, element.cim, element.namespaces, found);
  for (const [name, steps] of Object.entries<readonly string[]>(element.reads)) {
    yield* attempt(`${element.cim}: reads ${name}`, () => route(element.of, steps));
  }
  for (const cls of found) {
    yield* attempt(element.cim, () => keyValues(element, cls.keys));
    for (const [name, spec] of Object.entries(element.properties)) yield* ofProperty(cls, name, spec);
    for (const name of Object.keys(element.setters ?? {})) {
      if (!Object.hasOwn(element.properties, name))
        yield `${element.cim}.${name}: it has a setter, and the row does not give it`;
    }
  }
  if ('suffix' in element.key && element.key.suffix !== 'uuid' && element.key.owner !== 'self') {
    yield `${element.cim}: what stands after the slash does not name its record; the owner of the key must be 'self'`;
  }
}

function* attempt(what: string, act: () => unknown): Iterable<string> {
  try {
    act();
  } catch (error) {
    yield `${what}: ${(error as Error).message}`;
  }
}

function* ofProperty(cls: CimClass, name: string, spec: any): Iterable<string> {
  const property = cls.properties.get(name);
  if (!property) yield `${cls.name}.${name}: no such property in the MOF`;
  else if (property.key) yield `${cls.name}.${name}: a key, made by the row's key form; the row must not give it`;
  else if (property.type === 'reference') yield `${cls.name}.${name}: a reference, which only an association makes`;
  else yield* ofLabels(cls, property, labelsOf(spec));
}

function labelsOf(spec: any): readonly string[] {
  if (typeof spec === 'string') return [];
  const given = 'value' in spec ? [spec.value] : 'byPart' in spec ? Object.values(spec.byPart) : [];
  const plain = given.flat().filter(isLabel);
  return [...(spec.as?.labels ?? []), ...(spec.labels ?? []), ...plain.map(({ label }) => label)];
}

function* ofLabels(cls: CimClass, property: PropertyDeclaration, labels: readonly string[]): Iterable<string> {
  for (const label of labels) {
    if (valueOfLabel(property, label) === undefined) {
      yield `${cls.name}.${property.name}: '${label}' is not one of its Values`;
    }
  }
}

function* ofAssociation(schemas: Schemas, association: Association, elements: readonly AnyElement[]): Iterable<string> {
  const { cim, from, to, path } = association;
  const found: CimClass[] = [];
  yield* declaredClass(schemas, cim, association.namespaces, found);
  for (const { rows } of [from, to]) {
    for (const row of rows)
      if (!elements.includes(row)) yield `${cim}: the row of ${row.cim} is not in the list of rows`;
  }
  const ways = path === 'every' ? [] : 'first' in path ? path.first : [path];
  for (const steps of ways) yield* ofWay(association, steps);
  for (const cls of found) {
    for (const end of [from, to]) yield* ofEnd(schemas, cls, end);
    const roles = [from.role, to.role];
    if (cls.keys.length !== 2 || !cls.keys.every((key) => roles.some((role) => sameName(role, key)))) {
      yield `${cim}: the keys of the class are ${cls.keys.join(', ')}; an association's must be its roles ${roles.join(', ')}`;
    }
    for (const [name, spec] of Object.entries(association.properties)) yield* ofProperty(cls, name, spec);
  }
}

function* ofWay({ cim, from, to }: Association, steps: readonly string[]): Iterable<string> {
  const of = from.rows[0]!.of;
  for (const row of from.rows)
    if (row.of !== of) yield `${cim}.${from.role}: ${row.cim} is of ${row.of}, the others of ${of}`;
  try {
    const way = route(of, steps);
    for (const row of to.rows) {
      if (row.of !== way.to)
        yield `${cim}: ${[of, ...steps].join('.')} leads to ${way.to}, but ${row.cim} is of ${row.of}`;
    }
  } catch (error) {
    yield `${cim}: ${(error as Error).message}`;
  }
}

function* ofEnd(schemas: Schemas, cls: CimClass, { role, rows }: AssociationEnd): Iterable<string> {
  const reference = cls.properties.get(role);
  if (reference?.type !== 'reference') {
    yield `${cls.name}.${role}: not a reference in the MOF`;
    return;
  }
  for (const row of rows) {
    const home = row.namespaces.map((name) => schemas.get(name)).find((schema) => schema?.class(row.cim));
    if (home && !home.isA(row.cim, reference.referenceClass!)) {
      yield `${cls.name}.${role}: ${row.cim} is not a ${reference.referenceClass}`;
    }
  }
}

/** Our own concrete classes that no row stands behind, without a reason given for it; and reasons that there is no need of. */
function* unmapped(schemas: Schemas, { elements, associations, rowless = {} }: Rows): Iterable<string> {
  const mapped = new Set([...elements, ...associations].map(({ cim }) => fold(cim)));
  for (const cim of Object.keys(rowless)) {
    if (mapped.has(fold(cim))) yield `${cim}: a row stands for it, yet it is listed among the classes without one`;
    else if (![...schemas.values()].some((schema) => schema.class(cim)))
      yield `${cim}: listed among the classes without a row, but no MOF declares it`;
    mapped.add(fold(cim));
  }
  for (const [namespace, schema] of schemas) {
    for (const cls of schema.classes()) {
      const concrete = cls.name.startsWith('Xen_') && !cls.isAbstract && !cls.isIndication;
      const base = schema.subclasses(cls.name, false).length > 0;
      if (concrete && !base && !mapped.has(fold(cls.name)))
        yield `${cls.name}: in the MOF of ${namespace}, but no row stands for it`;
    }
  }
}
