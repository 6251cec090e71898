import type { CimClass, MethodDeclaration, PropertyDeclaration, Qualifier } from '../cim/class.js';
import { NameMap } from '../cim/name.js';

/** What a client wants to see of a class (DSP0200 5.4.2.1). */
export interface ClassView {
  /** Only what the class itself declares or overrides. */
  readonly localOnly: boolean;
  readonly includeQualifiers: boolean;
}

type Trim = (qualifiers: NameMap<Qualifier>) => NameMap<Qualifier>;

const keyed = <V extends { readonly name: string }>(values: Iterable<V>): NameMap<V> =>
  new NameMap([...values].map((value) => [value.name, value] as const));

const none: NameMap<Qualifier> = new NameMap();

const own = <V extends { readonly name: string; readonly propagated: boolean }>(values: Iterable<V>): NameMap<V> =>
  keyed([...values].filter(({ propagated }) => !propagated));

const property =
  (trim: Trim) =>
  (declared: PropertyDeclaration): PropertyDeclaration => ({ ...declared, qualifiers: trim(declared.qualifiers) });

const method =
  (trim: Trim) =>
  (declared: MethodDeclaration): MethodDeclaration => ({
    ...declared,
    qualifiers: trim(declared.qualifiers),
    parameters: keyed(
      [...declared.parameters].map((parameter) => ({ ...parameter, qualifiers: trim(parameter.qualifiers) })),
    ),
  });

function made(cls: CimClass, { localOnly, includeQualifiers }: ClassView): CimClass {
  const trim: Trim = (qualifiers) => (!includeQualifiers ? none : localOnly ? own(qualifiers) : qualifiers);
  const properties = localOnly ? own(cls.properties) : cls.properties;
  const methods = localOnly ? own(cls.methods) : cls.methods;
  return {
    ...cls,
    qualifiers: trim(cls.qualifiers),
    properties: keyed([...properties].map(property(trim))),
    methods: keyed([...methods].map(method(trim))),
  };
}

const views = new WeakMap<CimClass, Map<string, CimClass>>();

/** The class with the elements and qualifiers that the view leaves; the same object each time it is asked for. */
export function classView(cls: CimClass, view: ClassView): CimClass {
  if (!view.localOnly && view.includeQualifiers) return cls;
  const known = views.get(cls) ?? new Map<string, CimClass>();
  views.set(cls, known);
  const name = `${view.localOnly} ${view.includeQualifiers}`;
  const found = known.get(name) ?? made(cls, view);
  known.set(name, found);
  return found;
}
