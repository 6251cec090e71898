import type { classFields, enumValues } from './datamodel.generated.js';

declare const brand: unique symbol;

/** An opaque reference; the brand keeps a VM's from being used as a VBD's. Never shown to a client: keys hold uuids. */
export type Ref<C extends string = string> = string & { readonly [brand]: C };

/** The reference that points nowhere. */
export const NULL_REF = 'OpaqueRef:NULL' as Ref<never>;

type Enums = typeof enumValues;
type Fields = typeof classFields;

/**
 * The value that a type of the XenAPI data model takes in a record: int as bigint, datetime as
 * `yyyy-mm-ddThh:mm:ssZ`, maps as plain objects without a prototype.
 */
export type Value<T extends string> = T extends 'string' | 'datetime'
  ? string
  : T extends 'int'
    ? bigint
    : T extends 'float'
      ? number
      : T extends 'bool'
        ? boolean
        : T extends `(${string} -> ${infer V}) map`
          ? Readonly<Record<string, Value<V>>>
          : T extends `${infer E} set`
            ? readonly Value<E>[]
            : T extends `${infer O} option`
              ? Value<O> | undefined
              : T extends `enum ${infer N}`
                ? N extends keyof Enums
                  ? Enums[N][number]
                  : string
                : T extends `${infer C} ref`
                  ? Ref<C>
                  : unknown;

/** A namespace as the bridge serves it. */
export interface NamespaceRecord {
  readonly name: string;
  /** The name under which a client asked, where it is an alias. */
  readonly aliases: readonly string[];
}

/** The bridge itself, as one record: what the object manager and the namespaces are faces of. */
export interface ServerRecord {
  readonly uuid: string;
  readonly name: string;
  readonly version: string;
  readonly namespaces: readonly NamespaceRecord[];
  /** `ok`, or what keeps the pool away since when. */
  readonly pool: { readonly reachable: boolean; readonly since: string; readonly reason: string };
  /** Listeners: URL scheme, host and port. */
  readonly listeners: readonly { readonly scheme: 'http' | 'https'; readonly host: string; readonly port: number }[];
  readonly started: string;
}

/** Where a job stands. What has ended never changes again. */
export type JobState = 'starting' | 'running' | 'stopping' | 'completed' | 'terminated' | 'killed' | 'failed';

/** One thing that went wrong in a job: a XenAPI code with its parameters (empty where it was no XenAPI failure). */
export interface JobError {
  readonly code: string;
  readonly params: readonly string[];
  /** A sentence, with `XenError:CODE:...` behind it where there is a code. */
  readonly text: string;
}

/** A job: work that a method started, kept by the bridge; its task is that of the step under way (decisions.md 16). */
export interface JobRecord {
  readonly uuid: string;
  /** The CIM class that shows it. */
  readonly kind: string;
  /** `Class.Method`. */
  readonly method: string;
  /** The name of what it is about. */
  readonly subject: string;
  /** The user who called. */
  readonly user: string;
  /** The CIM class of the service that it belongs to. */
  readonly service: string;
  readonly state: JobState;
  /** Times in milliseconds since the epoch; 0: not yet. */
  readonly submitted: number;
  readonly started: number;
  readonly changed: number;
  readonly finished: number;
  readonly task: Ref<'task'>;
  /** How many steps are done, and how many there are likely to be. */
  readonly done: number;
  readonly steps: number;
  /** The return code that the method would have had; 0 until it fails. */
  readonly errorCode: number;
  readonly errors: readonly JobError[];
  readonly deleteOnCompletion: boolean;
  /** A CIM interval. */
  readonly timeBeforeRemoval: string;
  /** What the job's class shows of its result, by property. */
  readonly result: Readonly<Record<string, string | readonly string[]>>;
  /** What it works on. */
  readonly VMs: readonly Ref<'VM'>[];
  readonly hosts: readonly Ref<'host'>[];
  readonly VDIs: readonly Ref<'VDI'>[];
  readonly SRs: readonly Ref<'SR'>[];
  readonly networks: readonly Ref<'network'>[];
}

/** The fields of the records that the bridge itself owns, in the notation of the data model. */
export const ownFields: {
  readonly job: { readonly [F in keyof JobRecord]: string };
  readonly server: { readonly [F in keyof ServerRecord]: string };
} = {
  job: {
    uuid: 'string',
    kind: 'string',
    method: 'string',
    subject: 'string',
    user: 'string',
    service: 'string',
    state: 'enum job_state',
    submitted: 'int',
    started: 'int',
    changed: 'int',
    finished: 'int',
    task: 'task ref',
    done: 'int',
    steps: 'int',
    errorCode: 'int',
    errors: 'job_error record set',
    deleteOnCompletion: 'bool',
    timeBeforeRemoval: 'string',
    result: '(string -> any) map',
    VMs: 'VM ref set',
    hosts: 'host ref set',
    VDIs: 'VDI ref set',
    SRs: 'SR ref set',
    networks: 'network ref set',
  },
  server: {
    uuid: 'string',
    name: 'string',
    version: 'string',
    namespaces: 'namespace record set',
    pool: 'pool_status record',
    listeners: 'listener record set',
    started: 'datetime',
  },
};

type XenRecords = { readonly [C in keyof Fields]: { readonly [F in keyof Fields[C]]: Value<Fields[C][F] & string> } };

/** Every class a row can stand for: the XenAPI classes, and those whose records the bridge itself owns. */
export interface Records extends XenRecords {
  readonly server: ServerRecord;
  readonly job: JobRecord;
}

export type XenClass = keyof Records & string;
/** The classes whose records come from XenAPI. */
export type RemoteClass = keyof XenRecords & string;

type Target<T> = T extends Ref<infer C> ? C : T extends readonly Ref<infer C>[] ? C : never;

/** The fields of a record that hold references. */
export type RefField<C extends XenClass> = {
  [K in keyof Records[C] & string]: [Target<Records[C][K]>] extends [never] ? never : K;
}[keyof Records[C] & string];

/** The class that a reference field leads to. */
export type Follow<C extends XenClass, F> = F extends keyof Records[C] ? Target<Records[C][F]> & XenClass : never;
