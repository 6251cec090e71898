import type { Argument } from '../../../src/cim/operation.js';
import type { InstancePath } from '../../../src/cim/path.js';
import type { Simulator } from '../../../src/simulator/simulator.js';
import type { Plain, people, Stage, StageOptions } from '../stage.js';
import type { Said } from './outcome.js';

/** Parameters of a method; of writing, properties with their new values. */
export type Given = Readonly<Record<string, Argument | Plain>>;

/** One call that is ready to be made: what it is made on does not exist for any other. */
export interface Call {
  readonly at: InstancePath;
  readonly given: Given;
  /** Another pool that takes part: its messages are counted, and made to fail, as the pool's own are. */
  readonly also?: Simulator;
  /** Looks whether the read right after the success sees what was done; throws where it does not. */
  readonly seen?: (said: Said) => Promise<void> | void;
}

export type Arrange = (on: Stage) => Promise<Call> | Call;

/** `0`, `4096`, `5`, `4096 4097` (a job that ended with that ErrorCode), or the name of a CIM status. */
export type Answer = string;

/** A call that is refused, or that comes to nothing. */
export interface Case {
  readonly what: string;
  /** In place of the row's own. */
  readonly arrange?: Arrange;
  /** In place of what the success is given, or beside it. */
  readonly given?: Given | ((call: Call) => Given);
  readonly answers: Answer;
  readonly says?: RegExp;
}

/** A step that cannot be taken back, or whose failure is no failure: where it says so in words. */
export type Exceptional = Readonly<Record<string, string>>;

/** All that is to be shown of a method, or of a way of writing instances of a class. */
export interface Row {
  readonly arrange: Arrange;
  /** What a success answers; 0 unless said. */
  readonly answers?: '0' | '4096';
  /** The output parameters that a success gives, beside Job. */
  readonly gives?: readonly string[];
  /** Parameters that may be left out although the success is given them. */
  readonly optional?: readonly string[];
  /** Parameters that the MOF declares and that are not looked at, by the reason. */
  readonly ignored?: Readonly<Record<string, string>>;
  /** What is answered to a parameter that is missing or leads nowhere, where that is not a CIM error. */
  readonly mistakes?: Answer;
  /** Values that cannot be taken, beside those that no parameter of that type can take. */
  readonly invalid: readonly Case[];
  /** States in which it cannot be done; or why there are none. */
  readonly wrongState: readonly Case[] | string;
  /** A user whose role does not allow it; or why there is none. */
  readonly refusedTo: (typeof people)[number]['name'] | { readonly nobody: string };
  /** Steps after which there is no way back: the answer says what is left. By message. */
  readonly lasting?: Exceptional;
  /** Steps that may fail without the method failing. By message. */
  readonly forgiven?: Exceptional;
  /** Its other ways, by what is other. */
  readonly ways?: Readonly<Record<string, Way>>;
  /** Why records are other ones, or other, after an undoing; the counts are equal all the same. */
  readonly remade?: string;
}

/** Another way in which a method does its work: tried to succeed, and to fail at each of its steps. */
export type Way = Pick<Row, 'arrange' | 'answers' | 'gives' | 'lasting' | 'forgiven' | 'remade'>;

/** Rows by class and method, as the table of methods has them; writing has the names of its operations. */
export type Rows = Readonly<Record<string, Readonly<Record<string, Row>>>>;

/** Rows that are tried on one pool of their own, in one test file. */
export interface Part {
  readonly rows: Rows;
  /** The pool; that of the demonstration unless said. */
  readonly stage?: StageOptions;
  /** Brings about what all of its rows need. */
  readonly begin?: (on: Stage) => Promise<void> | void;
  /** Ends what the arrangements have begun beside the pool. */
  readonly end?: () => Promise<void>;
}

/** The intrinsic operations that a writer carries out. */
export const writing = ['CreateInstance', 'ModifyInstance', 'DeleteInstance'] as const;

export const isWriting = (method: string): boolean => (writing as readonly string[]).includes(method);
