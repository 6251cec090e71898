import type { CimInstance } from '../cim/instance.js';
import type { NameSet } from '../cim/name.js';
import type { Page } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';

/** One instance before any property is worked out. What it is inside is its provider's own affair. */
export interface Subject {
  /** The exact class, in its declared spelling. */
  readonly className: string;
}

/** One association instance met from one of its ends. */
export interface Tie<S extends Subject> {
  readonly association: S;
  /** The role (reference property) of the instance that was asked about, and of the one at the other end. */
  readonly role: string;
  readonly otherRole: string;
  readonly other: S;
  /** The namespace that the other end lives in. */
  readonly otherNamespace: string;
}

/** Narrows a walk along associations; each test takes the name of an exact class or role. Absent: everything. */
export interface TieFilter {
  readonly association?: (className: string) => boolean;
  readonly role?: string;
  readonly resultClass?: (className: string) => boolean;
  readonly resultRole?: string;
}

/**
 * What the operations ask of those who have instances. All of it is synchronous and reads memory, but for `ready`,
 * which fetches what only a live reading can tell.
 */
export interface Provider<S extends Subject = Subject> {
  /** The exact classes that can have instances in the namespace. */
  classes(namespace: string): Iterable<string>;
  /** All instances of exactly this class, in a lasting total order. None for a class that is not its own. */
  enumerate(namespace: string, className: string): Iterable<S>;
  /**
   * All instances of exactly this class in pages, in the order of `enumerate`, under the namespace's own name. Undefined
   * where they cannot be kept: a live or volatile property changes without notice.
   */
  pages?(namespace: string, className: string): Iterable<Page> | undefined;
  /** The instance that the path names; undefined when there is none (CIM_ERR_NOT_FOUND). Association instances too. */
  find(namespace: string, path: InstancePath): S | undefined;
  /** The associations of the instance, each (tie, role) once. Costs what it returns. */
  ties(namespace: string, subject: S, filter: TieFilter): Iterable<Tie<S>>;
  /** The path, with the namespace: the one that is asked when the class lives there, else the class's own. */
  path(namespace: string, subject: S): InstancePath;
  /** The instance with its path. With `wanted`, properties outside it may be left NULL; the shape stays whole. */
  instance(namespace: string, subject: S, wanted?: NameSet): CimInstance;
  /** Resolves when `instance` can give the live properties of these subjects; undefined when it can already. */
  ready(subjects: readonly S[], wanted?: NameSet): Promise<void> | undefined;
}
