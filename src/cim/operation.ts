import type { CimClass, QualifierType } from './class.js';
import type { CimInstance, Shape } from './instance.js';
import type { NameMap, NameSet } from './name.js';
import type { ClassPath, InstancePath } from './path.js';
import type { CimType, CimValue, Embedded } from './value.js';

/*
 * A CIM operation as every protocol says it: what is asked (Call) and what is answered (Result). The codec of a
 * protocol makes the one and writes the other; the operations take the one and give the other.
 */

/** What a parameter holds before its declaration gives it a type: text stays text. */
export type Argument =
  | null
  | string
  | readonly (string | null)[]
  | CimInstance
  | readonly (CimInstance | null)[]
  | InstancePath
  | readonly (InstancePath | null)[]
  | ClassPath
  | CimClass
  | QualifierType;

/** A parameter as it arrived. `type` and `embedded` are what the sender claims, and may be absent or wrong. */
export interface CallParameter {
  readonly name: string;
  readonly value: Argument;
  readonly type?: CimType;
  readonly embedded?: Embedded;
}

/** An operation of DSP0200 5.4. */
export interface IntrinsicCall {
  readonly kind: 'intrinsic';
  readonly name: string;
  /** `root/cimv2`: components joined by a slash, without one at either end. */
  readonly namespace: string;
  readonly parameters: NameMap<CallParameter>;
}

/** An extrinsic method of a class (DSP0200 5.5). */
export interface ExtrinsicCall {
  readonly kind: 'extrinsic';
  readonly name: string;
  readonly namespace: string;
  readonly target: InstancePath | ClassPath;
  readonly parameters: NameMap<CallParameter>;
}

export type Call = IntrinsicCall | ExtrinsicCall;

/** Which parts of an instance or class are written. Without `properties` all are; an empty set writes none. */
export interface Selection {
  readonly properties?: NameSet;
  readonly classOrigin: boolean;
}

/**
 * Consecutive instances of a class, in the order in which all of them come. The same object as long as they are the same
 * instances: what is worked out from it may be kept under it, with the version that it was worked out from.
 */
export interface Page {
  /** Whether the same page may be met again; no longer, once an instance of it has gone, come or another path. */
  readonly lasting: boolean;
  /** The changes of properties through which it lasts; without it any change ends the page. */
  readonly course?: Course;
  instances(): Iterable<CimInstance>;
  paths(): Iterable<InstancePath>;
}

/** The changes of a page's properties. */
export interface Course {
  /** How many there were so far. */
  readonly version: number;
  /** What may be otherwise than in that version, each item once. */
  since(version: number): Iterable<Alteration>;
}

/** Properties of one item of a page that may be otherwise, by their index in the shape. */
export interface Alteration {
  readonly item: number;
  readonly shape: Shape;
  readonly properties: ReadonlySet<number>;
  value(property: number): CimValue;
}

/** Consecutive items of a page: from `start` up to `end`, which is not among them. */
export interface Stretch {
  readonly page: Page;
  readonly start: number;
  readonly end: number;
}

/** What an enumeration that is pulled gives: instances with their paths, paths, or instances alone (DSP0200 5.4.2.24). */
export type BatchForm = 'instancesWithPath' | 'instancePaths' | 'instances';

/** Where an instance lies that may be kept: on which page, and what tells it from the others there. */
export interface KeptPlace {
  readonly page: Page;
  readonly mark: string;
  /** That of the page when the instance was found. */
  readonly version: number;
  /** Whether the instance is as it was in that version of the page. */
  holds(version: number): boolean;
  /** Whether it still lies there unchanged, so that who asks for it again gets the same, whoever it is. */
  current(): boolean;
}

/** Among items, what has to be waited for before the next of them can be worked out. */
export type Delay = Promise<void>;

/** Instances are pulled one by one while the answer is written; the iterable may throw a CimError at any step. */
export type Result =
  | { readonly kind: 'void' }
  | { readonly kind: 'instance'; readonly item: CimInstance; readonly selection: Selection }
  /** The same, whole, of which the encoding may be kept. */
  | { readonly kind: 'keptInstance'; readonly place: KeptPlace; readonly make: () => CimInstance }
  /** Each with its path: EnumerateInstances. */
  | { readonly kind: 'namedInstances'; readonly items: Iterable<CimInstance | Delay>; readonly selection: Selection }
  | { readonly kind: 'instanceNames'; readonly items: Iterable<InstancePath> }
  /** One of the two above, whole and without class origin, in pages. */
  | {
      readonly kind: 'pages';
      readonly form: 'namedInstances' | 'instanceNames';
      readonly pages: Iterable<Page | Delay>;
    }
  /** What one Open or Pull operation gives of an enumeration; `context` is for the next, null at the end. */
  | {
      readonly kind: 'batch';
      readonly form: BatchForm;
      readonly stretches: Iterable<Stretch>;
      readonly selection: Selection;
      readonly context: string | null;
      /** The class of the rows of a query, where it was asked for. */
      readonly resultClass?: CimClass;
    }
  /** Instances with a full path, namespace included: Associators, References, ExecQuery. */
  | { readonly kind: 'objects'; readonly items: Iterable<CimInstance>; readonly selection: Selection }
  | { readonly kind: 'objectPaths'; readonly items: Iterable<InstancePath | ClassPath> }
  /** Classes with their paths: Associators and References of a class. */
  | {
      readonly kind: 'classObjects';
      readonly items: Iterable<readonly [path: ClassPath, item: CimClass]>;
      readonly selection: Selection;
    }
  | { readonly kind: 'class'; readonly item: CimClass; readonly selection: Selection }
  | { readonly kind: 'classes'; readonly items: Iterable<CimClass>; readonly selection: Selection }
  | { readonly kind: 'classNames'; readonly items: Iterable<string> }
  | { readonly kind: 'qualifier'; readonly item: QualifierType }
  | { readonly kind: 'qualifiers'; readonly items: Iterable<QualifierType> }
  /** GetProperty: one value of a known type. */
  | { readonly kind: 'value'; readonly type: CimType; readonly embedded?: Embedded; readonly value: CimValue }
  | {
      readonly kind: 'method';
      readonly returned: TypedValue;
      readonly output: readonly NamedValue[];
      /** Why the method was declined, where it was: for the log. */
      readonly reason?: string;
    };

export interface TypedValue {
  readonly type: CimType;
  readonly isArray?: boolean;
  readonly embedded?: Embedded;
  readonly value: CimValue;
}

export interface NamedValue extends TypedValue {
  readonly name: string;
}
