import type { CimInstance } from '../cim/instance.js';
import type { Principal } from '../cim/principal.js';
import type { CimValue } from '../cim/value.js';
import type { Schema } from '../mof/schema.js';
import type { Provided } from '../provider/subject.js';
import type { Account } from '../xenapi/joining.js';
import type { JobRecord } from '../xenapi/records.js';
import type { GetPage } from '../xenapi/rrd-host.js';
import type { View } from '../xenapi/view.js';
import type { Input } from './input.js';
import type { JobKeeper } from './job-keeper.js';
import type { LentSessions } from './lent-session.js';
import type { Model } from './model.js';
import type { ReturnCodes } from './return-code.js';
import type { Steps } from './steps.js';

/** A record as an instance of a class. In an output parameter it becomes its path, as soon as the view shows it. */
export interface Face {
  readonly face: string;
  readonly ref: string;
  /** Which part of the record, where it stands for several instances. */
  readonly part?: string;
}

export const face = (className: string, ref: string, part?: string): Face => ({
  face: className,
  ref,
  ...(part !== undefined && { part }),
});

/** Output parameters by name. What is left out is NULL. */
export type Output = Readonly<Record<string, CimValue | Face | readonly Face[]>>;

/** The answer to a call that needed no work, or that cannot be worked on. */
export interface Done {
  readonly returned: number;
  readonly output?: Output;
  /** What a person is to be told beside it. A method that declines throws a `Refusal`, which has such a text. */
  readonly reason?: string;
}

/** What a job works on, by kind. */
export type Affected = Partial<Pick<JobRecord, 'VMs' | 'hosts' | 'VDIs' | 'SRs' | 'networks'>>;

/** What is to be done at the pool, after all that can be said beforehand has been checked. */
export interface Work {
  /** The class of the job by which it shows. */
  readonly job: string;
  /**
   * `done`: the answer waits until it is done (0), and gives the job (4096) only where that takes longer than the
   * server's patience. `job`: the answer is the job at once. `announced`: the job, after `steps.announce`.
   */
  readonly answers: 'done' | 'job' | 'announced';
  /** The name of what it is about. */
  readonly subject: string;
  /** The return codes of the method that failures become, in a job's ErrorCode. */
  readonly codes: ReturnCodes;
  /** Messages that the caller has to be allowed to send, found out before the first is sent. */
  readonly needs?: readonly string[];
  readonly affects?: Affected;
  /** How many tasks it is likely to take; 1 unless said. For PercentComplete. */
  readonly steps?: number;
  /** The return value when it is done; 0 unless said. */
  readonly returned?: number;
  run(steps: Steps): Promise<Output | undefined>;
}

/** How a host comes into the pool: it has to log in there itself, and the one password that is known is the bridge's. */
export interface Admission {
  /** The name of the bridge's own account. */
  readonly account: string;
  /** Has the host at an address join, as XenAPI pool.join does; gives its uuid. */
  admit(address: string, administrator: Account, coordinator: string): Promise<string>;
}

/** One call of a method. */
export interface MethodCall {
  /** The instance that it was called on: `target.record` is the XenAPI record, `target.ref` its reference. */
  readonly target: Provided;
  readonly input: Input;
  readonly view: View;
  readonly schema: Schema;
  /** The instances of the namespace, and what ties them. */
  readonly model: Model;
  readonly caller: Principal;
  readonly jobs: JobKeeper;
  /** The instance as it is shown now; undefined where the view has none. */
  readonly show: (face: Face) => CimInstance | undefined;
  readonly admission: Admission;
  /** Sessions of the pool that users are given. */
  readonly lent: LentSessions;
  /** Gets a page of a host, in the bridge's own session: for methods that read what is in no record. */
  readonly page: GetPage;
  /** The URL by which the pool is reached: scheme, host and port. */
  readonly pool: string;
  /** Whether the standards are to be kept to the letter where clients know it otherwise. */
  readonly strict: boolean;
}

export type Plan = Done | Work;

/**
 * A method. `run` checks the parameters and the state against the view, makes no call, and gives the work, or the answer
 * at once. What it throws is a CimError, or a Refusal that says a return code.
 */
export interface Method {
  /** `read` for a method that changes nothing: anybody may call it, in read-only mode too. */
  readonly access?: 'read';
  /** Why it can do nothing here but check what it is given and decline (Not Supported): capabilities leave it out. */
  readonly declines?: string;
  run(call: MethodCall): Plan | Promise<Plan>;
}

/** Methods by class and name, both as the MOF spells them. */
export type MethodTable = Readonly<Record<string, Readonly<Record<string, Method>>>>;

/** New values for an instance of a class. */
export interface ModifyCall extends MethodCall {
  /** The instance with these values alone, each as the class declares it. */
  readonly changes: CimInstance;
}

export interface CreateCall extends Omit<MethodCall, 'target' | 'input'> {
  readonly instance: CimInstance;
}

/** What can be written of a class beyond its row's setters. Work that creates gives the path as output `Path`. */
export interface ClassWriter {
  /** The properties that `modify` takes. */
  readonly properties?: readonly string[];
  modify?(call: ModifyCall): Plan | Promise<Plan>;
  remove?(call: MethodCall): Plan | Promise<Plan>;
  create?(call: CreateCall): Plan | Promise<Plan>;
}

export type WriterTable = Readonly<Record<string, ClassWriter>>;
