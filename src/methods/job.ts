import type { JobError, JobRecord, JobState, Ref } from '../xenapi/records.js';
import { NULL_REF } from '../xenapi/records.js';
import type { JobEntry, TaskKind } from './job-entry.js';
import type { ReturnCodes } from './return-code.js';
import type { UndoStep } from './undo.js';

/** How a client wants a job to end before it is done. */
export type Stop = 'terminated' | 'killed';

/** Thrown between the steps of a job that was told to stop. */
export class Stopped extends Error {
  constructor() {
    super('the job was told to stop');
    this.name = 'Stopped';
  }
}

const endStates: ReadonlySet<JobState> = new Set(['completed', 'terminated', 'killed', 'failed']);

export const hasEnded = ({ state }: Pick<JobRecord, 'state'>): boolean => endStates.has(state);

export const jobRef = (uuid: string): Ref<'job'> => `OpaqueRef:job:${uuid}` as Ref<'job'>;

/** Told of every change of a job. `durable`: it has to be on the disk before anything more is done. */
type Listener = (job: Job, durable: boolean) => void;

/** One job while it runs, and after. It may stay unseen: a quick method needs none. */
export class Job {
  readonly ref: Ref<'job'>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  #record: JobRecord;
  #shown: boolean;
  #undo: readonly UndoStep[];
  #kind: TaskKind;
  readonly #codes: ReturnCodes | undefined;
  #stop: Stop | undefined;
  #cancel: () => void = () => {};
  #end: () => void = () => {};
  readonly #changed: Listener;

  constructor({ record, shown, undo, kind, codes }: JobEntry, changed: Listener) {
    this.#record = record;
    this.#shown = shown;
    this.#undo = undo;
    this.#kind = kind;
    this.#codes = codes;
    this.#changed = changed;
    this.ref = jobRef(record.uuid);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (hasEnded(record)) this.#end();
  }

  get record(): JobRecord {
    return this.#record;
  }

  get entry(): JobEntry {
    const codes = this.#codes && { codes: this.#codes };
    return { record: this.#record, shown: this.#shown, undo: this.#undo, kind: this.#kind, ...codes };
  }

  /** Whether clients can see it. */
  get shown(): boolean {
    return this.#shown;
  }

  get undo(): readonly UndoStep[] {
    return this.#undo;
  }

  get stopping(): Stop | undefined {
    return this.#stop;
  }

  show(): void {
    this.#shown = true;
    this.#changed(this, true);
  }

  /** Changes what its record says. */
  amend(change: Partial<JobRecord>): void {
    const changed = change.state !== undefined && change.state !== this.#record.state ? { changed: Date.now() } : {};
    this.#record = { ...this.#record, ...change, ...changed };
    this.#changed(this, false);
  }

  start(): void {
    this.amend({ state: this.#stop ? 'stopping' : 'running', started: Date.now() });
  }

  /** A step has been made that would have to be taken back. */
  remember(step: UndoStep): void {
    this.#undo = [...this.#undo, step];
    this.#changed(this, true);
  }

  /** What need not be taken back any more. */
  forget(needless: (step: UndoStep) => boolean): void {
    this.#undo = this.#undo.filter((step) => !needless(step));
    this.#changed(this, true);
  }

  /** A task is about to begin. */
  intend(kind: TaskKind): void {
    this.#kind = kind;
    this.#changed(this, true);
  }

  /** The task that was intended has begun; `cancel` asks the pool to end it. Its mark is on the disk already. */
  enter(task: Ref<'task'>, cancel: () => void): void {
    this.#cancel = cancel;
    this.#record = { ...this.#record, task };
    this.#changed(this, this.#kind.parting === true);
    if (this.#stop) cancel();
  }

  /** Another bridge's job goes on under this one. */
  adopt(cancel: () => void): void {
    this.#cancel = cancel;
  }

  /** The task has ended; `kind` is what has to be known of it nevertheless. */
  leave(kind: TaskKind = {}): void {
    this.#cancel = () => {};
    this.#kind = kind;
    this.amend({ task: NULL_REF as Ref<'task'>, done: this.#record.done + 1 });
    this.#changed(this, true);
  }

  /** Tells it to stop: at once if the task under way can be cancelled, else after it. Whether it was still going on. */
  stop(how: Stop): boolean {
    if (hasEnded(this.#record)) return false;
    this.#stop = how;
    this.amend({ state: 'stopping' });
    this.#cancel();
    return true;
  }

  /** Throws Stopped where it was told to stop. */
  check(): void {
    if (this.#stop) throw new Stopped();
  }

  complete(): void {
    this.#finish('completed', 0, []);
  }

  /** Ends without having done its work; `left` is what could not be undone. */
  fail(errorCode: number, error: JobError, left: readonly JobError[]): void {
    this.#finish(this.#stop ?? 'failed', errorCode, [error, ...left]);
  }

  #finish(state: JobState, errorCode: number, errors: readonly JobError[]): void {
    this.#undo = [];
    this.#kind = {};
    const now = Date.now();
    const task = NULL_REF as Ref<'task'>;
    this.#record = { ...this.#record, state, errorCode, errors, task, finished: now, changed: now };
    this.#changed(this, true);
    this.#end();
  }
}
