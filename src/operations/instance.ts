import type { CimClass } from '../cim/class.js';
import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { NameSet, sameName } from '../cim/name.js';
import type { Page, Result } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import type { Provider, Subject } from '../provider/provider.js';
import { locate, requireClass } from './location.js';
import type { Namespace } from './namespace.js';
import { ownProperties, selection } from './selection.js';

/** Instances that one provider has; nothing of them is worked out yet. */
interface Batch {
  readonly provider: Provider;
  readonly subjects: readonly Subject[];
}

/** All instances of the class and its subclasses, each once: the class's own first, then by name of the subclass. */
function collect(namespace: Namespace, className: string): readonly Batch[] {
  const { name } = requireClass(namespace, className, 'INVALID_CLASS');
  const classes = [name, ...namespace.schema.subclasses(name, true).map((cls) => cls.name)];
  return classes.flatMap((exact) => {
    const provider = namespace.provider(exact);
    return provider ? [{ provider, subjects: [...provider.enumerate(namespace.name, exact)] }] : [];
  });
}

/** Asks each provider once for the live properties of all its subjects. */
async function prepare(batches: readonly Batch[], wanted?: NameSet): Promise<void> {
  const byProvider = new Map<Provider, Subject[]>();
  for (const { provider, subjects } of batches) {
    const known = byProvider.get(provider) ?? [];
    byProvider.set(provider, known);
    for (const subject of subjects) known.push(subject);
  }
  await Promise.all([...byProvider].map(([provider, subjects]) => provider.ready(subjects, wanted)));
}

function* instances({ name, renaming }: Namespace, batches: readonly Batch[], wanted?: NameSet): Iterable<CimInstance> {
  for (const { provider, subjects } of batches) {
    for (const subject of subjects) yield renaming.outwardInstance(provider.instance(name, subject, wanted));
  }
}

function* paths({ name, renaming }: Namespace, batches: readonly Batch[]): Iterable<InstancePath> {
  for (const { provider, subjects } of batches) {
    for (const subject of subjects) yield renaming.outward(provider.path(name, subject));
  }
}

/** Whether all of each instance is asked for, under the namespace's own name. */
function whole(
  namespace: Namespace,
  cls: CimClass,
  view: InstanceView & { readonly DeepInheritance: boolean },
): boolean {
  if (namespace.name !== namespace.shown || view.PropertyList !== null || view.IncludeClassOrigin) return false;
  return view.DeepInheritance || namespace.schema.subclasses(cls.name, false).length === 0;
}

/** The instances of the class and its subclasses in pages; undefined where one of these classes has none to give. */
function pagesOf(namespace: Namespace, className: string): Iterable<Page> | undefined {
  const all: Iterable<Page>[] = [];
  for (const exact of [className, ...namespace.schema.subclasses(className, true).map((cls) => cls.name)]) {
    const provider = namespace.provider(exact);
    const pages = provider?.pages?.(namespace.name, exact);
    if (provider && !pages) return undefined;
    if (pages) all.push(pages);
  }
  return all.length === 0 ? undefined : joined(all);
}

function* joined(all: readonly Iterable<Page>[]): Iterable<Page> {
  for (const pages of all) yield* pages;
}

export interface InstanceView {
  readonly IncludeClassOrigin: boolean;
  readonly PropertyList: NameSet | null;
}

async function fetched(namespace: Namespace, path: InstancePath, wanted?: NameSet): Promise<CimInstance> {
  const { provider, subject } = locate(namespace, path, 'INVALID_CLASS');
  await provider.ready([subject], wanted);
  return namespace.renaming.outwardInstance(provider.instance(namespace.name, subject, wanted));
}

/** An instance that its provider can tell to be unchanged; undefined under an alias, whose paths are made anew. */
function keptInstance(namespace: Namespace, path: InstancePath): Result | undefined {
  if (namespace.name !== namespace.shown) return undefined;
  const { provider, subject } = locate(namespace, path, 'INVALID_CLASS');
  const place = provider.place?.(subject);
  return place && { kind: 'keptInstance', place, make: () => provider.instance(namespace.name, subject) };
}

export async function getInstance(
  namespace: Namespace,
  { InstanceName, IncludeClassOrigin, PropertyList }: InstanceView & { readonly InstanceName: InstancePath },
): Promise<Result> {
  const kept = PropertyList === null && !IncludeClassOrigin ? keptInstance(namespace, InstanceName) : undefined;
  if (kept) return kept;
  const written = selection(PropertyList, IncludeClassOrigin);
  return { kind: 'instance', item: await fetched(namespace, InstanceName, written.properties), selection: written };
}

export async function enumerateInstances(
  namespace: Namespace,
  view: InstanceView & { readonly ClassName: string; readonly DeepInheritance: boolean },
): Promise<Result> {
  const cls = requireClass(namespace, view.ClassName, 'INVALID_CLASS');
  const pages = whole(namespace, cls, view) && pagesOf(namespace, cls.name);
  if (pages) return { kind: 'pages', form: 'namedInstances', pages };
  const list = view.DeepInheritance ? view.PropertyList : ownProperties(cls, view.PropertyList);
  const written = selection(list, view.IncludeClassOrigin);
  const batches = collect(namespace, cls.name);
  await prepare(batches, written.properties);
  return { kind: 'namedInstances', items: instances(namespace, batches, written.properties), selection: written };
}

export function enumerateInstanceNames(namespace: Namespace, { ClassName }: { readonly ClassName: string }): Result {
  const { name } = requireClass(namespace, ClassName, 'INVALID_CLASS');
  const pages = namespace.name === namespace.shown ? pagesOf(namespace, name) : undefined;
  if (pages) return { kind: 'pages', form: 'instanceNames', pages };
  return { kind: 'instanceNames', items: paths(namespace, collect(namespace, ClassName)) };
}

export async function getProperty(
  namespace: Namespace,
  { InstanceName, PropertyName }: { readonly InstanceName: InstancePath; readonly PropertyName: string },
): Promise<Result> {
  const { shape, values } = await fetched(namespace, InstanceName, new NameSet([PropertyName]));
  const at = shape.properties.findIndex(({ name }) => sameName(name, PropertyName));
  const property = shape.properties[at];
  if (!property) {
    throw new CimError('NO_SUCH_PROPERTY', `${shape.className} has no property ${PropertyName.slice(0, 100)}`);
  }
  const { type, embedded } = property;
  return { kind: 'value', type, ...(embedded && { embedded }), value: values[at]! };
}
