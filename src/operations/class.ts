import type { CimClass } from '../cim/class.js';
import type { NameSet } from '../cim/name.js';
import type { Result } from '../cim/operation.js';
import { type ClassView, classView } from './class-view.js';
import { requireClass } from './location.js';
import type { Namespace } from './namespace.js';
import { selection } from './selection.js';

interface ClassParameters {
  readonly LocalOnly: boolean;
  readonly IncludeQualifiers: boolean;
  readonly IncludeClassOrigin: boolean;
}

interface Descent {
  readonly ClassName: string | null;
  readonly DeepInheritance: boolean;
}

const viewOf = ({ LocalOnly, IncludeQualifiers }: ClassParameters): ClassView => ({
  localOnly: LocalOnly,
  includeQualifiers: IncludeQualifiers,
});

/** A class that is not there is CIM_ERR_NOT_FOUND in this operation alone (DSP0200 5.4.2.1). */
export function getClass(
  namespace: Namespace,
  values: ClassParameters & { readonly ClassName: string; readonly PropertyList: NameSet | null },
): Result {
  const cls = requireClass(namespace, values.ClassName, 'NOT_FOUND');
  const written = selection(values.PropertyList, values.IncludeClassOrigin);
  return { kind: 'class', item: classView(cls, viewOf(values)), selection: written };
}

/** The subclasses, or without a name the classes that have no superclass; `DeepInheritance` adds all their descendants. */
function descendants(namespace: Namespace, { ClassName, DeepInheritance }: Descent): readonly CimClass[] {
  const { schema } = namespace;
  if (ClassName !== null) {
    return schema.subclasses(requireClass(namespace, ClassName, 'INVALID_CLASS').name, DeepInheritance);
  }
  return [...schema.classes()].filter(({ superclass }) => DeepInheritance || superclass === undefined);
}

export function enumerateClasses(namespace: Namespace, values: ClassParameters & Descent): Result {
  const items = descendants(namespace, values).map((cls) => classView(cls, viewOf(values)));
  return { kind: 'classes', items, selection: selection(null, values.IncludeClassOrigin) };
}

export function enumerateClassNames(namespace: Namespace, values: Descent): Result {
  return { kind: 'classNames', items: descendants(namespace, values).map(({ name }) => name) };
}
