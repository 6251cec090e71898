import type { CimClass, PropertyDeclaration } from '../cim/class.js';
import { NameMap, sameName } from '../cim/name.js';
import type { ClassPath } from '../cim/path.js';
import type { Schema } from '../mof/schema.js';
import type { AssociatorFilter } from './association-filter.js';
import { namedClass, requireClass } from './location.js';
import type { Namespace } from './namespace.js';

const references = (cls: CimClass): readonly PropertyDeclaration[] =>
  [...cls.properties].filter(({ type }) => type === 'reference');

const isRole = (property: PropertyDeclaration, role: string | null): boolean =>
  role === null || sameName(property.name, role);

/** The association classes that may refer to instances of the class, each with the references that may. */
function* referring(
  schema: Schema,
  source: CimClass,
  assocClass: string | null,
  role: string | null,
): Iterable<readonly [association: CimClass, from: readonly PropertyDeclaration[]]> {
  for (const cls of schema.classes()) {
    if (!cls.isAssociation || (assocClass !== null && !schema.isA(cls.name, assocClass))) continue;
    const from = references(cls).filter(
      (property) => isRole(property, role) && schema.isA(source.name, property.referenceClass ?? ''),
    );
    if (from.length > 0) yield [cls, from];
  }
}

interface Source {
  readonly schema: Schema;
  readonly cls: CimClass;
}

/** The source class, after every class named in the filter was found: CIM_ERR_INVALID_PARAMETER otherwise. */
function checked(namespace: Namespace, source: ClassPath, { AssocClass, ResultClass }: AssociatorFilter): Source {
  for (const name of [AssocClass, ResultClass]) if (name !== null) requireClass(namespace, name, 'INVALID_PARAMETER');
  return { schema: namespace.schema, cls: namedClass(namespace, source, 'INVALID_PARAMETER') };
}

/** The names of the association classes with a reference to the class or an ancestor of it (DSP0200 5.4.2.16). */
export function* referringClasses(namespace: Namespace, source: ClassPath, filter: AssociatorFilter): Iterable<string> {
  const { schema, cls } = checked(namespace, source, filter);
  for (const [association] of referring(schema, cls, filter.AssocClass, filter.Role)) yield association.name;
}

/**
 * The names of the classes that are declared at the other ends of those associations (DSP0200 5.4.2.14), each once. A
 * class that the schema lacks, since its namespace is another, is left out.
 */
export function associatedClasses(namespace: Namespace, source: ClassPath, filter: AssociatorFilter): Iterable<string> {
  const { schema, cls } = checked(namespace, source, filter);
  const found = new NameMap<string>();
  for (const [association, from] of referring(schema, cls, filter.AssocClass, filter.Role)) {
    for (const to of references(association)) {
      const other = schema.class(to.referenceClass ?? '');
      if (!other || !isRole(to, filter.ResultRole) || !from.some((property) => property !== to)) continue;
      if (filter.ResultClass === null || schema.isA(other.name, filter.ResultClass)) found.set(other.name, other.name);
    }
  }
  return found;
}
