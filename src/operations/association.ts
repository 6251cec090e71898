import type { CimInstance } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import type { Result } from '../cim/operation.js';
import type { ClassPath, InstancePath } from '../cim/path.js';
import { canonicalPath } from '../cim/path-text.js';
import type { Provider, Subject, Tie, TieFilter } from '../provider/provider.js';
import { type AssociatorFilter, asAssociators, type ReferenceFilter, tieFilter } from './association-filter.js';
import { associatedClasses, referringClasses } from './class-association.js';
import { classView } from './class-view.js';
import { locate } from './location.js';
import type { Namespace } from './namespace.js';
import { selection } from './selection.js';

type ObjectName = InstancePath | ClassPath;

export interface ObjectView {
  readonly IncludeQualifiers: boolean;
  readonly IncludeClassOrigin: boolean;
  readonly PropertyList: NameSet | null;
}

/** One object of an answer before it is worked out: who has it, and in which namespace. */
interface Reachable {
  readonly provider: Provider;
  readonly subject: Subject;
  readonly namespace: string;
}

/** The same with its path. */
export interface Reached extends Reachable {
  readonly path: InstancePath;
}

type Choice = (tie: Tie<Subject>, namespace: string) => Pick<Reached, 'subject' | 'namespace'>;

/** What a walk answers with: the associations themselves, or what is at their other ends. */
export const association: Choice = (tie, namespace) => ({ subject: tie.association, namespace });
export const otherEnd: Choice = (tie) => ({ subject: tie.other, namespace: tie.otherNamespace });

/**
 * A walk from one instance along its associations; what several ties lead to is answered once. It is walked as the answer
 * is written, so that nothing of it is held but what tells the objects apart; that there is such an instance is sure.
 */
export function walk(namespace: Namespace, source: InstancePath, filter: TieFilter, choose: Choice): Iterable<Reached> {
  const { provider, subject } = locate(namespace, source, 'INVALID_PARAMETER');
  return reachedFrom(provider, provider.ties(namespace.name, subject, filter), (tie) => choose(tie, namespace.name));
}

function* reachedFrom(
  provider: Provider,
  ties: Iterable<Tie<Subject>>,
  choose: (tie: Tie<Subject>) => ReturnType<Choice>,
): Iterable<Reached> {
  const met = new Set<string>();
  for (const tie of ties) {
    const { subject, namespace } = choose(tie);
    const path = provider.path(namespace, subject);
    const identity = canonicalPath(path);
    if (met.has(identity)) continue;
    met.add(identity);
    yield { provider, path, subject, namespace };
  }
}

function* names({ renaming }: Namespace, reached: Iterable<Reached>): Iterable<InstancePath> {
  for (const { path } of reached) yield renaming.outward(path);
}

function* objects({ renaming }: Namespace, reached: readonly Reachable[], wanted?: NameSet): Iterable<CimInstance> {
  for (const { provider, subject, namespace } of reached) {
    yield renaming.outwardInstance(provider.instance(namespace, subject, wanted));
  }
}

async function instancesOf(namespace: Namespace, walked: Iterable<Reached>, view: ObjectView): Promise<Result> {
  const written = selection(view.PropertyList, view.IncludeClassOrigin);
  // Live properties are asked for once for all of them; their paths are made anew with the instances.
  const reached = Array.from(walked, ({ provider, subject, namespace }) => ({ provider, subject, namespace }));
  const subjects = reached.map(({ subject }) => subject);
  await reached[0]?.provider.ready(subjects, written.properties);
  return { kind: 'objects', items: objects(namespace, reached, written.properties), selection: written };
}

function classesOf(namespace: Namespace, classes: Iterable<string>, view: ObjectView): Result {
  const shape = { localOnly: false, includeQualifiers: view.IncludeQualifiers };
  const items = [...classes].map((name) => {
    const cls = namespace.schema.class(name)!;
    return [classPath(namespace, cls.name), classView(cls, shape)] as const;
  });
  return { kind: 'classObjects', items, selection: selection(view.PropertyList, view.IncludeClassOrigin) };
}

const classPath = ({ shown }: Namespace, className: string): ClassPath => ({
  kind: 'classPath',
  namespace: shown,
  className,
});

const classPathsOf = (namespace: Namespace, classes: Iterable<string>): Result => ({
  kind: 'objectPaths',
  items: [...classes].map((name) => classPath(namespace, name)),
});

type Source<F> = F & { readonly ObjectName: ObjectName };

export function associators(
  namespace: Namespace,
  values: Source<AssociatorFilter & ObjectView>,
): Result | Promise<Result> {
  const source = values.ObjectName;
  if (source.kind === 'classPath') return classesOf(namespace, associatedClasses(namespace, source, values), values);
  return instancesOf(namespace, walk(namespace, source, tieFilter(namespace, values), otherEnd), values);
}

export function associatorNames(namespace: Namespace, values: Source<AssociatorFilter>): Result {
  const source = values.ObjectName;
  if (source.kind === 'classPath') return classPathsOf(namespace, associatedClasses(namespace, source, values));
  const reached = walk(namespace, source, tieFilter(namespace, values), otherEnd);
  return { kind: 'objectPaths', items: names(namespace, reached) };
}

export function references(
  namespace: Namespace,
  values: Source<ReferenceFilter & ObjectView>,
): Result | Promise<Result> {
  const [source, filter] = [values.ObjectName, asAssociators(values)];
  if (source.kind === 'classPath') return classesOf(namespace, referringClasses(namespace, source, filter), values);
  return instancesOf(namespace, walk(namespace, source, tieFilter(namespace, filter), association), values);
}

export function referenceNames(namespace: Namespace, values: Source<ReferenceFilter>): Result {
  const [source, filter] = [values.ObjectName, asAssociators(values)];
  if (source.kind === 'classPath') return classPathsOf(namespace, referringClasses(namespace, source, filter));
  const reached = walk(namespace, source, tieFilter(namespace, filter), association);
  return { kind: 'objectPaths', items: names(namespace, reached) };
}
