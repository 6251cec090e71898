import type { CimInstance } from '../cim/instance.js';
import type { NameMap, NameSet } from '../cim/name.js';
import type { KeptPlace, Page } from '../cim/operation.js';
import type { InstancePath } from '../cim/path.js';
import type { Principal } from '../cim/principal.js';
import type { CimValue } from '../cim/value.js';

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

/** A call of a method, its parameters checked against their declarations; one that was left out is not among them. */
export interface Invocation<S extends Subject> {
  readonly namespace: string;
  readonly subject: S;
  readonly input: NameMap<CimValue>;
  readonly caller: Principal;
}

/** What a method gives: its return value, and output parameters by name. Those that are left out are NULL. */
export interface MethodAnswer {
  readonly returned: number;
  readonly output: Readonly<Record<string, CimValue>>;
  /** Why it was declined, for a person: a return value alone tells nobody. */
  readonly reason?: string;
}

/** A method that somebody carries out. `read` methods change nothing, and so anybody may call them. */
export interface CarriedMethod<S extends Subject = Subject> {
  readonly access: 'read' | 'write';
  run(invocation: Invocation<S>): Promise<MethodAnswer>;
}

/** New values of properties, each of its declared type; the instance is given as it is before. */
export interface Modification<S extends Subject> {
  readonly namespace: string;
  readonly subject: S;
  readonly changes: NameMap<CimValue>;
  readonly caller: Principal;
}

/** What can be written of a class: absent members cannot. All reject with a CimError. */
export interface Writer<S extends Subject = Subject> {
  /** Whether the property can be given a new value. */
  writable(property: string): boolean;
  modify?(modification: Modification<S>): Promise<void>;
  remove?(removal: Omit<Modification<S>, 'changes'>): Promise<void>;
  /** Makes an instance of what is given and tells its path. */
  create?(creation: {
    readonly namespace: string;
    readonly instance: CimInstance;
    readonly caller: Principal;
  }): Promise<InstancePath>;
}

/** A place in the order of a class's instances, as text that only its provider reads. */
export type Bookmark = string;

/** What a walk leads to, and its place in the order of all that it does. */
export interface Waypoint<S extends Subject = Subject> {
  readonly subject: S;
  /** The namespace that it lives in. */
  readonly namespace: string;
  bookmark(): Bookmark;
}

/** A page of which some items may be behind. One can go on later behind the last item of a record. */
export interface PageRun {
  readonly page: Page;
  /** How many of the page's items are behind. */
  readonly start: number;
  /** How many items the page has. */
  readonly end: number;
  /** The most of the page's items, so many at most, with which a record ends; as many as are behind where none does. */
  endWithin(items: number): number;
  /** Where to go on behind so many items of the page, with which a record ends. */
  bookmark(items: number): Bookmark;
}

/**
 * What the operations ask of those who have instances. All of it is synchronous and reads memory, but for `ready`,
 * which fetches what only a live reading can tell, and for methods and writing.
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
  /** The page on which the instance lies, and its mark there; undefined where it cannot be kept. */
  place?(subject: S): KeptPlace | undefined;
  /**
   * All instances of exactly this class behind a bookmark, in the order of their bookmarks: one that outlasts changes of
   * the others and a restart. Costs what it gives. There together with `bookmark`, or not at all.
   */
  enumerateFrom?(namespace: string, className: string, bookmark?: Bookmark): Iterable<S>;
  /** Where an instance stands in the order of `enumerateFrom`. */
  bookmark?(namespace: string, subject: S): Bookmark;
  /** The same in pages; undefined where there are none, or where the bookmark stands amid a record's instances. */
  pagesFrom?(namespace: string, className: string, bookmark?: Bookmark): Iterable<PageRun> | undefined;
  /**
   * Instances of exactly this class, among them all whose property equals the text; undefined where there is no index by
   * that property, so that all have to be looked at.
   */
  lookup?(namespace: string, className: string, property: string, value: string): Iterable<S> | undefined;
  /** The instance that the path names; undefined when there is none (CIM_ERR_NOT_FOUND). Association instances too. */
  find(namespace: string, path: InstancePath): S | undefined;
  /** The associations of the instance, each (tie, role) once. Costs what it returns. */
  ties(namespace: string, subject: S, filter: TieFilter): Iterable<Tie<S>>;
  /**
   * What the ties of the instance lead to, its associations or the others that they tie it to, each once, behind a
   * bookmark: one that outlasts changes of the others and a restart. Makes no more than it gives.
   */
  walkFrom?(
    namespace: string,
    subject: S,
    filter: TieFilter,
    to: 'associations' | 'others',
    bookmark?: Bookmark,
  ): Iterable<Waypoint<S>>;
  /** The path, with the namespace: the one that is asked when the class lives there, else the class's own. */
  path(namespace: string, subject: S): InstancePath;
  /** The instance with its path. With `wanted`, properties outside it may be left NULL; the shape stays whole. */
  instance(namespace: string, subject: S, wanted?: NameSet): CimInstance;
  /** The instance that the path's identifying key names, whatever its class and its other keys say (decisions.md 24). */
  recognize?(namespace: string, path: InstancePath): S | undefined;
  /** What carries out the method for instances of exactly this class; undefined where nobody does. */
  method?(className: string, name: string): CarriedMethod<S> | undefined;
  /** What can be written of exactly this class; undefined where nothing can. */
  writer?(className: string): Writer<S> | undefined;
  /** Whether instances of exactly this class have live properties among these; absent, they may. */
  isLive?(namespace: string, className: string, wanted?: NameSet): boolean;
  /**
   * Resolves when `instance` can give the live properties of all instances of these classes; undefined when it can
   * already. Costs the same however many instances there are.
   */
  readyAll?(namespace: string, classNames: readonly string[], wanted?: NameSet): Promise<void> | undefined;
  /** Resolves when `instance` can give the live properties of these subjects; undefined when it can already. */
  ready(subjects: Iterable<S>, wanted?: NameSet): Promise<void> | undefined;
}
