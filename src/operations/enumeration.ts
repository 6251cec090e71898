import type { CimClass } from '../cim/class.js';
import { CimError } from '../cim/error.js';
import type { InstancePath } from '../cim/path.js';
import { canonicalPath } from '../cim/path-text.js';
import type { Bookmark, Provider, Subject, TieFilter, Waypoint } from '../provider/provider.js';
import { equalitiesOf } from '../query/narrowing.js';
import { association, otherEnd, walk } from './association.js';
import type { Found } from './found.js';
import { locate } from './location.js';
import type { Namespace } from './namespace.js';
import type { Trial } from './trial.js';

/** The objects of one class, in an order that outlasts changes; found by bookmarks within the class. */
export interface ClassPart {
  readonly className: string;
  readonly provider: Provider;
  /** Those behind the bookmark that can pass: all, or those that an index finds. */
  from(bookmark: Bookmark | undefined): Iterable<Found>;
}

/** The class and all below it, the class itself first, then by name. */
export const classesFrom = ({ schema }: Namespace, cls: CimClass): readonly CimClass[] => [
  cls,
  ...schema.subclasses(cls.name, true),
];

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface Marked {
  readonly subject: Subject;
  readonly bookmark: Bookmark;
}

/** A few subjects in the order of their bookmarks, each once. */
function ordered(
  subjects: Iterable<Subject>,
  bookmarkOf: (subject: Subject) => Bookmark,
  behind: Bookmark = '',
): readonly Marked[] {
  const all = new Map<Bookmark, Marked>();
  for (const subject of subjects) {
    const bookmark = bookmarkOf(subject);
    if (bookmark > behind) all.set(bookmark, { subject, bookmark });
  }
  return [...all.values()].sort((a, b) => compare(a.bookmark, b.bookmark));
}

/** The subjects that an index finds for the condition; undefined where all have to be looked at. */
function lookedUp(
  namespace: string,
  className: string,
  provider: Provider,
  trial: Trial | undefined,
): readonly Subject[] | undefined {
  const lookup = (property: string, value: string): Iterable<Subject> | undefined =>
    provider.lookup?.(namespace, className, property, value);
  const equalities = trial && equalitiesOf(trial.condition, (property) => lookup(property, '\u0000') !== undefined);
  return equalities?.flatMap(({ property, value }) => [...lookup(property, value)!]);
}

function partOf(namespace: string, className: string, provider: Provider, trial: Trial | undefined): ClassPart {
  const found = (subject: Subject, mark: () => string): Found => ({ provider, subject, namespace, mark });
  const marked = (bookmark: Bookmark): string => JSON.stringify([className, bookmark]);
  const bookmarkOf = (subject: Subject): Bookmark =>
    provider.bookmark?.(namespace, subject) ?? canonicalPath(provider.path(namespace, subject));
  return {
    className,
    provider,
    *from(bookmark) {
      const few = lookedUp(namespace, className, provider, trial);
      if (few || !provider.enumerateFrom) {
        for (const one of ordered(few ?? provider.enumerate(namespace, className), bookmarkOf, bookmark)) {
          yield found(one.subject, () => marked(one.bookmark));
        }
        return;
      }
      for (const subject of provider.enumerateFrom(namespace, className, bookmark)) {
        yield found(subject, () => marked(bookmarkOf(subject)));
      }
    },
  };
}

/** The classes of an enumeration in their order, as far as they can have instances. */
export function partsOf(namespace: Namespace, cls: CimClass, trial: Trial | undefined): readonly ClassPart[] {
  return classesFrom(namespace, cls).flatMap(({ name }) => {
    const provider = namespace.provider(name);
    return provider ? [partOf(namespace.name, name, provider, trial)] : [];
  });
}

/** Where a mark stands: the number of its part, and the bookmark there. */
export function placeIn(parts: readonly ClassPart[], mark: string | null): readonly [part: number, Bookmark?] {
  if (mark === null) return [0];
  const [className, bookmark] = JSON.parse(mark) as [string, Bookmark];
  const part = parts.findIndex((one) => one.className === className);
  if (part >= 0) return [part, bookmark];
  throw new CimError(
    'INVALID_ENUMERATION_CONTEXT',
    `the enumeration context cannot be found: the class ${className} is no longer enumerated`,
  );
}

/** All objects of the parts behind the mark. */
export function* objectsFrom(parts: readonly ClassPart[], mark: string | null): Iterable<Found> {
  const [first, bookmark] = placeIn(parts, mark);
  for (const [number, part] of parts.slice(first).entries()) yield* part.from(number === 0 ? bookmark : undefined);
}

/** What a walk leads to behind the mark. That there is an instance to walk from is sure when this returns. */
export function walkedFrom(
  namespace: Namespace,
  source: InstancePath,
  filter: TieFilter,
  to: 'associations' | 'others',
  mark: string | null,
): Iterable<Found> {
  const { provider, subject } = locate(namespace, source, 'INVALID_PARAMETER');
  const waypoints = provider.walkFrom?.(namespace.name, subject, filter, to, mark ?? undefined);
  return waypoints ? foundBy(provider, waypoints) : sorted(namespace, source, filter, to, mark);
}

function* foundBy(provider: Provider, waypoints: Iterable<Waypoint>): Iterable<Found> {
  for (const { subject, namespace, bookmark } of waypoints) yield { provider, subject, namespace, mark: bookmark };
}

/** The same of a provider that knows no places: all of it, in the order of the paths. */
function sorted(
  namespace: Namespace,
  source: InstancePath,
  filter: TieFilter,
  to: 'associations' | 'others',
  mark: string | null,
): readonly Found[] {
  const reached = walk(namespace, source, filter, to === 'others' ? otherEnd : association);
  const named = Array.from(reached, (one) => [canonicalPath(one.path), one] as const);
  named.sort(([a], [b]) => compare(a, b));
  return named
    .filter(([name]) => mark === null || name > mark)
    .map(([name, { provider, subject, namespace: at }]) => ({ provider, subject, namespace: at, mark: () => name }));
}
