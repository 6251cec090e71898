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

/** A class that has instances, and who has them. */
interface Source {
  readonly provider: Provider;
  readonly className: string;
}

/** The class and its subclasses, as far as they can have instances: the class itself first, then by name. */
function sourcesOf(namespace: Namespace, className: string): readonly Source[] {
  const classes = [className, ...namespace.schema.subclasses(className, true).map((cls) => cls.name)];
  return classes.flatMap((exact) => {
    const provider = namespace.provider(exact);
    return provider ? [{ provider, className: exact }] : [];
  });
}

interface Listed {
  readonly provider: Provider;
  readonly subjects: Iterable<Subject>;
}

/** What is listed, source by source; nothing of it is worked out, or held, before its turn in the answer comes. */
const listed = ({ name }: Namespace, sources: readonly Source[]): readonly Listed[] =>
  sources.map(({ provider, className }) => ({ provider, subjects: provider.enumerate(name, className) }));

/** Asks each provider once for the live properties of all its instances. */
async function prepare(namespace: Namespace, sources: readonly Source[], wanted?: NameSet): Promise<void> {
  const live = sources.filter(
    ({ provider, className }) => provider.isLive?.(namespace.name, className, wanted) ?? true,
  );
  const asked = [...new Set(live.map(({ provider }) => provider))].map((one) => {
    const all = listed(namespace, live).filter(({ provider }) => provider === one);
    return one.ready(joined(all.map(({ subjects }) => subjects)), wanted);
  });
  await Promise.all(asked);
}

function* joined<T>(all: readonly Iterable<T>[]): Iterable<T> {
  for (const each of all) yield* each;
}

function* instances({ name, renaming }: Namespace, all: readonly Listed[], wanted?: NameSet): Iterable<CimInstance> {
  for (const { provider, subjects } of all) {
    for (const subject of subjects) yield renaming.outwardInstance(provider.instance(name, subject, wanted));
  }
}

function* paths({ name, renaming }: Namespace, all: readonly Listed[]): Iterable<InstancePath> {
  for (const { provider, subjects } of all) {
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

/** Instances to a page that is not kept. */
const looseSize = 16;

/** Pages of instances that change without notice: made for one answer. */
function* loosePages(name: string, { provider, subjects }: Listed): Iterable<Page> {
  let held: Subject[] = [];
  for (const subject of subjects) {
    held.push(subject);
    if (held.length < looseSize) continue;
    yield loosePage(provider, name, held);
    held = [];
  }
  if (held.length > 0) yield loosePage(provider, name, held);
}

const loosePage = (provider: Provider, name: string, held: readonly Subject[]): Page => ({
  lasting: false,
  instances: () => held.map((subject) => provider.instance(name, subject)),
  paths: () => held.map((subject) => provider.path(name, subject)),
});

/** The instances of all sources in pages; undefined where none of these could be kept. */
function pagesOf(namespace: Namespace, sources: readonly Source[]): Iterable<Page> | undefined {
  const kept = sources.map(({ provider, className }) => provider.pages?.(namespace.name, className));
  if (kept.every((pages) => pages === undefined)) return undefined;
  const all = listed(namespace, sources);
  return joined(all.map((source, i) => kept[i] ?? loosePages(namespace.name, source)));
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
  const sources = sourcesOf(namespace, cls.name);
  const pages = whole(namespace, cls, view) && pagesOf(namespace, sources);
  if (pages) {
    await prepare(namespace, sources);
    return { kind: 'pages', form: 'namedInstances', pages };
  }
  const list = view.DeepInheritance ? view.PropertyList : ownProperties(cls, view.PropertyList);
  const written = selection(list, view.IncludeClassOrigin);
  await prepare(namespace, sources, written.properties);
  return {
    kind: 'namedInstances',
    items: instances(namespace, listed(namespace, sources), written.properties),
    selection: written,
  };
}

export function enumerateInstanceNames(namespace: Namespace, { ClassName }: { readonly ClassName: string }): Result {
  const { name } = requireClass(namespace, ClassName, 'INVALID_CLASS');
  const sources = sourcesOf(namespace, name);
  const pages = namespace.name === namespace.shown ? pagesOf(namespace, sources) : undefined;
  if (pages) return { kind: 'pages', form: 'instanceNames', pages };
  return { kind: 'instanceNames', items: paths(namespace, listed(namespace, sources)) };
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
