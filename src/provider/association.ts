import type { XenClass } from '../xenapi/records.js';
import type { Given } from './codec.js';
import { type AnyElement, defaultNamespaces, type Element } from './element.js';
import type { Checked, End as EndOf, Steps } from './path.js';

/** One end: the role (reference property) and the rows that can stand there, all of one XenAPI class. */
export interface AssociationEnd {
  readonly role: string;
  readonly rows: readonly AnyElement[];
}

/** An end as a property of the pair sees it. */
export interface EndSubject {
  readonly record: any;
  readonly reads: any;
  readonly part: any;
}

export type PairProperty =
  | { readonly value: Given }
  | { readonly calc: (from: EndSubject, to: EndSubject) => Given; readonly labels?: readonly string[] };

/**
 * How the ends are tied: steps from the `from` record to the `to` record (none: the same record), `every` (one of the
 * ends is single in the pool), or the first of several ways that leads anywhere.
 */
export type Path = Steps | 'every' | { readonly first: readonly Steps[] };

/** One CIM association, declared from the end whose record holds the reference; both directions follow from it. */
export interface Association {
  readonly cim: string;
  readonly namespaces: readonly string[];
  readonly from: AssociationEnd;
  readonly to: AssociationEnd;
  readonly path: Path;
  /** Narrows the pairs; of two ends with parts, those with parts of the same name are tied unless this says otherwise. */
  readonly pair?: (from: EndSubject, to: EndSubject) => boolean;
  readonly properties: Readonly<Record<string, PairProperty>>;
}

type Rows<C extends XenClass> = Element<C, any, any> | readonly Element<C, any, any>[];

type Way<C extends XenClass, D extends XenClass, P extends Steps> = EndOf<C, P> extends D ? Checked<C, P> : never;

interface Options {
  readonly namespaces?: readonly string[];
  readonly pair?: (from: EndSubject, to: EndSubject) => boolean;
  readonly properties?: Readonly<Record<string, PairProperty>>;
}

const listed = (rows: AnyElement | readonly AnyElement[]): readonly AnyElement[] =>
  Array.isArray(rows) ? rows : [rows as AnyElement];

export function association<C extends XenClass, D extends XenClass, const P extends Steps>(
  cim: string,
  [fromRole, from]: readonly [role: string, rows: Rows<C>],
  [toRole, to]: readonly [role: string, rows: Rows<D>],
  path: (P & Way<C, D, P>) | 'every' | { readonly first: readonly Steps[] },
  options: Options = {},
): Association {
  return {
    cim,
    namespaces: options.namespaces ?? defaultNamespaces,
    from: { role: fromRole, rows: listed(from) },
    to: { role: toRole, rows: listed(to) },
    path: path as Path,
    ...(options.pair && { pair: options.pair }),
    properties: options.properties ?? {},
  };
}
