import type { CimClass } from '../cim/class.js';
import { CimError } from '../cim/error.js';
import type { CimInstance } from '../cim/instance.js';
import { NameSet, sameName } from '../cim/name.js';
import type { Delay, Page, Result } from '../cim/operation.js';
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

/** Live properties that are being fetched. */
interface Live {
  readonly delay: Delay | undefined;
  /** Whether these properties show in instances of the source. */
  concerns(source: Source): boolean;
}

/**
 * Asks each provider once for the live properties of all its instances. Waits only for one that has to go through them;
 * what others fetch is waited for where the first of it shows.
 */
async function prepare({ name }: Namespace, sources: readonly Source[], wanted?: NameSet): Promise<Live> {
  const concerns = ({ provider, className }: Source): boolean => provider.isLive?.(name, className, wanted) ?? true;
  const live = sources.filter(concerns);
  const [later, now]: [Delay[], Delay[]] = [[], []];
  for (const one of new Set(live.map(({ provider }) => provider))) {
    const classes = live.filter(({ provider }) => provider === one).map(({ className }) => className);
    const all = classes.map((className) => one.enumerate(name, className));
    const delay = one.readyAll ? one.readyAll(name, classes, wanted) : one.ready(joined(all), wanted);
    if (delay) (one.readyAll ? later : now).push(delay);
  }
  await Promise.all(now);
  const delay = later.length === 0 ? undefined : Promise.all(later).then(() => {});
  // Whoever comes to it hears of a failure; mostly nobody has to.
  delay?.catch(() => {});
  return { delay, concerns };
}

const joined = <T>(all: readonly Iterable<T>[]): Iterable<T> => (all.length === 1 ? all[0]! : inTurn(all));

function* inTurn<T>(all: readonly Iterable<T>[]): Iterable<T> {
  for (const each of all) yield* each;
}

/** What each source gives; before the first that shows live properties, what these have to be waited for. */
const delayed = <T>(
  sources: readonly Source[],
  { delay, concerns }: Live,
  all: readonly Iterable<T>[],
): Iterable<T | Delay> => (delay ? inTurnWith(delay, sources.findIndex(concerns), all) : joined(all));

function* inTurnWith<T>(delay: Delay, first: number, all: readonly Iterable<T>[]): Iterable<T | Delay> {
  for (const [place, items] of all.entries()) {
    if (place === first) yield delay;
    yield* items;
  }
}

function* instances(
  { name, renaming }: Namespace,
  { provider, subjects }: Listed,
  wanted?: NameSet,
): Iterable<CimInstance> {
  for (const subject of subjects) yield renaming.outwardInstance(provider.instance(name, subject, wanted));
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

/** The instances of each source in pages; undefined where none of these could be kept. */
function pagesOf(namespace: Namespace, sources: readonly Source[]): readonly Iterable<Page>[] | undefined {
  const kept = sources.map(({ provider, className }) => provider.pages?.(namespace.name, className));
  if (kept.every((pages) => pages === undefined)) return undefined;
  const all = listed(namespace, sources);
  return all.map((source, i) => kept[i] ?? loosePages(namespace.name, source));
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
    const live = await prepare(namespace, sources);
    return { kind: 'pages', form: 'namedInstances', pages: delayed(sources, live, pages) };
  }
  const list = view.DeepInheritance ? view.PropertyList : ownProperties(cls, view.PropertyList);
  const written = selection(list, view.IncludeClassOrigin);
  const live = await prepare(namespace, sources, written.properties);
  const items = listed(namespace, sources).map((one) => instances(namespace, one, written.properties));
  return { kind: 'namedInstances', items: delayed(sources, live, items), selection: written };
}

export function enumerateInstanceNames(namespace: Namespace, { ClassName }: { readonly ClassName: string }): Result {
  const { name } = requireClass(namespace, ClassName, 'INVALID_CLASS');
  const sources = sourcesOf(namespace, name);
  const pages = namespace.name === namespace.shown ? pagesOf(namespace, sources) : undefined;
  if (pages) return { kind: 'pages', form: 'instanceNames', pages: joined(pages) };
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
