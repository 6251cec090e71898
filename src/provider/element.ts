import type { ReadingKey, Sample } from '../xenapi/reading.js';
import type { Records, XenClass } from '../xenapi/records.js';
import type { Codec, Given } from './codec.js';
import type { Key } from './key.js';
import type { Checked, End, Paths, Reads, SingleRead } from './path.js';

/** One of the instances that a record stands for, where it stands for several: vCPU 2 of a VM. Names are unique in a record. */
export interface Part {
  readonly name: string;
}

/** Works a value out of the row's record, what the row reads, and the part. */
export type Calculation<C extends XenClass, R extends Paths, P, V> = (
  record: Records[C],
  reads: Reads<C, R>,
  part: P,
) => V;

type Field<X> = { [K in keyof X & string]: { readonly field: K; readonly as?: Codec<X[K]> } }[keyof X & string];
type From<C extends XenClass, R extends Paths> = {
  [K in SingleRead<C, R>]: { readonly from: K } & Field<Records[End<C, R[K]>]>;
}[SingleRead<C, R>];

/** How one CIM property is made. `volatile` values change without an event and are never kept (decisions.md 15). */
export type Property<C extends XenClass, R extends Paths, P> =
  | (keyof Records[C] & string)
  | Field<Records[C]>
  | From<C, R>
  | { readonly value: Given }
  | { readonly byPart: Readonly<Record<string, Given>> }
  | {
      readonly calc: Calculation<C, R, P, Given>;
      /** The labels that `calc` can give, for the check against the MOF. */
      readonly labels?: readonly string[];
      readonly volatile?: true;
    }
  /** What the last sample of the row's `reading` says, with what the row reads; volatile. NULL without a sample. */
  | { readonly sample: (sample: Sample, record: Records[C], reads: Reads<C, R>, part: P) => Given };

export type Properties<C extends XenClass, R extends Paths, P> = Readonly<Record<string, Property<C, R, P>>>;

/**
 * How a property is written: the setter of its class that takes what the property's codec makes of the new value (the
 * value itself without a codec), or the map of which single keys are added and removed.
 */
export type Setter<C extends XenClass> =
  | `set_${keyof Records[C] & string}`
  | { readonly map: keyof Records[C] & string };

/** A row: one CIM class that stands for XenAPI records. Everything the bridge does with the class follows from it. */
export interface Element<C extends XenClass = XenClass, R extends Paths = Paths, P = unknown> {
  readonly cim: string;
  readonly of: C;
  /** Where its instances live; root/cimv2 unless said. The first is where references from elsewhere lead. */
  readonly namespaces: readonly string[];
  /** What it reads besides its record: staleness and indications follow from `of` and these alone (decisions.md 8). */
  readonly reads: R;
  /** Which records count. */
  readonly where?: (record: Records[C], reads: Reads<C, R>) => boolean;
  /** The instances that one record stands for, in order; one unless said. */
  readonly parts?: (record: Records[C], reads: Reads<C, R>) => readonly P[];
  readonly key: Key<C, R, P>;
  /** The data source that its `sample` properties show; undefined where there can be none. */
  readonly reading?: Calculation<C, R, P, ReadingKey | undefined>;
  readonly properties: Properties<C, R, P>;
  /** The properties that can be written, and how. */
  readonly setters?: Readonly<Record<string, Setter<C>>>;
}

interface Row<C extends XenClass, R extends Paths, P> {
  readonly namespaces?: readonly string[];
  readonly reads?: R & { readonly [K in keyof R]: Checked<C, R[K]> };
  readonly where?: (record: Records[C], reads: Reads<C, NoInfer<R>>) => boolean;
  readonly parts?: (record: Records[C], reads: Reads<C, NoInfer<R>>) => readonly P[];
  readonly key: Key<C, NoInfer<R>, NoInfer<P>>;
  readonly reading?: Calculation<C, NoInfer<R>, NoInfer<P>, ReadingKey | undefined>;
  readonly properties: Properties<C, NoInfer<R>, NoInfer<P>>;
  readonly setters?: Readonly<Record<string, Setter<C>>>;
}

/** Of a row that reads nothing but its record. */
type NoPaths = Readonly<Record<never, never>>;

export const defaultNamespaces: readonly string[] = ['root/cimv2'];

export function element<const C extends XenClass, const R extends Paths = NoPaths, P extends Part = Part>(
  cim: string,
  of: C,
  row: Row<C, R, P>,
): Element<C, R, P> {
  return { namespaces: defaultNamespaces, ...row, cim, of, reads: (row.reads ?? {}) as unknown as R };
}

/** A row whose types the engine has no use for. */
export type AnyElement = Element<any, any, any>;
