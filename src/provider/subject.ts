import type { InstancePath } from '../cim/path.js';
import type { BoundAssociation } from './bound-association.js';
import type { Subject } from './provider.js';
import type { BoundRow } from './row.js';

/** An instance of a row before any property is worked out: the record (or part of it) it stands for, and its keys. */
export interface Provided extends Subject {
  readonly kind: 'row';
  readonly row: BoundRow;
  readonly ref: string;
  readonly record: any;
  /** The record as the functions of the row see it. */
  readonly watched: any;
  readonly reads: any;
  readonly part: any;
  /** The values of the key properties, in alphabetical order of their names. */
  readonly keys: readonly string[];
}

/** An instance of an association: the two it ties. */
export interface Tied extends Subject {
  readonly kind: 'tie';
  readonly association: BoundAssociation;
  readonly from: Provided;
  readonly to: Provided;
}

export type RowSubject = Provided | Tied;

/** The path of a row's instance in its own namespace, or in the one it is asked under. */
export function providedPath({ row, keys }: Provided, namespace: string): InstancePath {
  return { kind: 'path', namespace, className: row.cls.name, keys: row.bindings(keys) };
}
