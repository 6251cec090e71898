import type { Follow, Records, Ref, RefField, XenClass } from '../xenapi/records.js';

/** The fields of a record that hold a text; of a map of texts each value, by `field.key`. */
type TextField<C extends XenClass> = {
  [K in keyof Records[C] & string]: [Records[C][K]] extends [Ref]
    ? never
    : Records[C][K] extends string
      ? K
      : Records[C][K] extends Readonly<Record<string, string>>
        ? `${K}.${string}`
        : never;
}[keyof Records[C] & string];

/** The fields of a record of `D` that lead to one of `C`: references to it, and texts, which may hold its uuid. */
type FieldTo<C extends XenClass, D extends XenClass> =
  | TextField<D>
  | { [F in RefField<D>]: Follow<D, F> extends C ? F : never }[RefField<D>];

/**
 * A step from record to record: a reference field; `field=class`: the record of that class whose uuid the field holds
 * (`obj_uuid=VM`); `<class.field`: every record of that class whose field holds the reference or the uuid of the one
 * that one comes from (`<message.obj_uuid`); or `@class`: every record of that class, whatever one comes from (`@pool`
 * and `@server` are single: there is one of each). What a row reads may also be `#class` alone: how many records there
 * are of that class (decisions.md 12).
 */
export type Step<C extends XenClass> =
  | RefField<C>
  | `${TextField<C>}=${XenClass}`
  | { [D in XenClass]: `<${D}.${FieldTo<C, D>}` }[XenClass]
  | `@${XenClass}`;

/** The class that a step leads to. */
export type Next<C extends XenClass, S> = S extends
  | `@${infer D extends XenClass}`
  | `<${infer D extends XenClass}.${string}`
  ? D
  : S extends `${string}=${infer D extends XenClass}`
    ? D
    : Follow<C, S>;

export type Steps = readonly string[];

/** The class that the steps lead to. */
export type End<C extends XenClass, P extends Steps> = P extends readonly [infer S, ...infer R extends Steps]
  ? End<Next<C, S>, R>
  : C;

type Count = readonly [`#${XenClass}`];

type CheckedSteps<C extends XenClass, P extends Steps> = P extends readonly [infer S, ...infer R extends Steps]
  ? S extends Step<C>
    ? readonly [S, ...CheckedSteps<Next<C, S>, R>]
    : readonly [Step<C>, ...R]
  : readonly [];

/** The steps themselves where each is one, else what would have been possible in the place of the first wrong one. */
export type Checked<C extends XenClass, P extends Steps> = P extends Count ? P : CheckedSteps<C, P>;

type IsSet<C extends XenClass, S> = S extends '@pool' | '@server'
  ? false
  : S extends `@${string}` | `<${string}` | `#${string}`
    ? true
    : S extends keyof Records[C]
      ? Records[C][S] extends readonly unknown[]
        ? true
        : false
      : false;

/** Whether the steps can lead to more than one record. */
export type Many<C extends XenClass, P extends Steps> = P extends readonly [infer S, ...infer R extends Steps]
  ? IsSet<C, S> extends true
    ? true
    : Many<Next<C, S>, R>
  : false;

/** What the row sees at the end of a path: a record or undefined, every record of a set, or their number. */
export type Read<C extends XenClass, P extends Steps> = P extends Count
  ? number
  : Many<C, P> extends true
    ? readonly Records[End<C, P>][]
    : Records[End<C, P>] | undefined;

/** Named paths from the row's record. */
export type Paths = Readonly<Record<string, Steps>>;

export type Reads<C extends XenClass, R extends Paths> = { readonly [K in keyof R]: Read<C, R[K]> };

/** The names of the paths that lead to one record at most. */
export type SingleRead<C extends XenClass, R extends Paths> = {
  [K in keyof R & string]: Many<C, R[K]> extends true ? never : K;
}[keyof R & string];
