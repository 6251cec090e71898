import { CimError } from './cim/error.js';
import { NameSet } from './cim/name.js';
import type { KeptPlace, Page } from './cim/operation.js';
import type { Provider, Subject } from './provider/provider.js';

/** Why nothing can be said of the pool now, or undefined when it can. */
export type PoolTrouble = () => string | undefined;

/** A place that counts as changed as long as nothing can be said of it. */
class GuardedPlace implements KeptPlace {
  readonly page: Page;
  readonly mark: string;
  readonly version: number;
  readonly #place: KeptPlace;
  readonly #trouble: PoolTrouble;

  constructor(place: KeptPlace, trouble: PoolTrouble) {
    this.page = place.page;
    this.mark = place.mark;
    this.version = place.version;
    this.#place = place;
    this.#trouble = trouble;
  }

  holds(version: number): boolean {
    return this.#place.holds(version);
  }

  current(): boolean {
    return this.#trouble() === undefined && this.#place.current();
  }
}

/**
 * A provider that answers only as long as its records can be believed: otherwise CIM_ERR_FAILED with the reason, in place
 * of a list that is quietly short or old. The classes of the bridge itself are always answered; among them is the object
 * manager, whose status says the same.
 */
export function guarded<S extends Subject>(
  provider: Provider<S>,
  trouble: PoolTrouble,
  own: Iterable<string>,
): Provider<S> {
  const ownClasses = new NameSet(own);
  const check = (className?: string): void => {
    const reason = className !== undefined && ownClasses.has(className) ? undefined : trouble();
    if (reason !== undefined) throw new CimError('FAILED', reason);
  };
  return {
    classes: (namespace) => provider.classes(namespace),
    enumerate: (namespace, className) => {
      check(className);
      return provider.enumerate(namespace, className);
    },
    pages: (namespace, className) => {
      check(className);
      return provider.pages?.(namespace, className);
    },
    place: (subject) => {
      const place = provider.place?.(subject);
      if (!place || ownClasses.has(subject.className)) return place;
      return new GuardedPlace(place, trouble);
    },
    ...(provider.enumerateFrom && {
      enumerateFrom: (namespace: string, className: string, bookmark?: string) => {
        check(className);
        return provider.enumerateFrom!(namespace, className, bookmark);
      },
      bookmark: (namespace: string, subject: S) => provider.bookmark!(namespace, subject),
    }),
    pagesFrom: (namespace, className, bookmark) => {
      check(className);
      return provider.pagesFrom?.(namespace, className, bookmark);
    },
    lookup: (namespace, className, property, value) => {
      check(className);
      return provider.lookup?.(namespace, className, property, value);
    },
    find: (namespace, path) => {
      check(path.className);
      return provider.find(namespace, path);
    },
    ties: (namespace, subject, filter) => {
      check();
      return provider.ties(namespace, subject, filter);
    },
    ...(provider.walkFrom && {
      walkFrom: (...[namespace, ...rest]: Parameters<NonNullable<Provider<S>['walkFrom']>>) => {
        check();
        return provider.walkFrom!(namespace, ...rest);
      },
    }),
    recognize: (namespace, path) => {
      check(path.className);
      return provider.recognize?.(namespace, path);
    },
    method: (className, name) => provider.method?.(className, name),
    writer: (className) => provider.writer?.(className),
    path: (namespace, subject) => provider.path(namespace, subject),
    instance: (namespace, subject, wanted) => provider.instance(namespace, subject, wanted),
    isLive: (namespace, className, wanted) => provider.isLive?.(namespace, className, wanted) ?? true,
    ...(provider.readyAll && {
      readyAll: (namespace: string, classNames: readonly string[], wanted?: NameSet) =>
        provider.readyAll!(namespace, classNames, wanted),
    }),
    ready: (subjects, wanted) => provider.ready(subjects, wanted),
  };
}
