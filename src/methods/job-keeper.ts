import { randomUUID } from 'node:crypto';
import { millisecondsOfInterval } from '../cim/datetime.js';
import { type Log, silent } from '../xenapi/log.js';
import { type JobRecord, NULL_REF, type Ref } from '../xenapi/records.js';
import type { Store } from '../xenapi/view.js';
import { hasEnded, Job } from './job.js';
import type { JobEntry } from './job-entry.js';
import type { JobJournal } from './job-journal.js';
import type { ReturnCodes } from './return-code.js';

export interface JobKeeperOptions {
  readonly store: Store;
  /** Where jobs are kept beyond the life of the bridge; nowhere without it. */
  readonly journal?: JobJournal;
  readonly log?: Log;
  /** How many ended jobs are kept; the oldest go first. */
  readonly capacity?: number;
}

/** What is told of a job when it begins. */
export type Beginning = Pick<JobRecord, 'kind' | 'method' | 'subject' | 'user' | 'service'> & Partial<JobRecord>;

const never = NULL_REF as Ref<'task'>;

/** The default of CIM_ConcreteJob.TimeBeforeRemoval: five minutes. */
const fiveMinutes = '00000000000500.000000:000';

/** Node's timers hold no more. */
const longestTimer = 2 ** 31 - 1;

/** Keeps the jobs: in the view as far as they are shown, and on the disk, each change in its order. */
export class JobKeeper {
  readonly #options: Required<Omit<JobKeeperOptions, 'journal'>> & Pick<JobKeeperOptions, 'journal'>;
  readonly #jobs = new Map<string, Job>();
  readonly #saving = new Map<string, Promise<void>>();
  readonly #unsaved = new Set<string>();
  readonly #removals = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(options: JobKeeperOptions) {
    this.#options = { log: silent, capacity: 1_000, ...options };
  }

  /** A new job, which nobody sees before it is shown; `codes` are those of the method. */
  begin(beginning: Beginning, codes?: ReturnCodes): Job {
    const now = Date.now();
    const record: JobRecord = {
      uuid: randomUUID(),
      state: 'starting',
      submitted: now,
      started: 0,
      changed: now,
      finished: 0,
      task: never,
      done: 0,
      steps: 1,
      errorCode: 0,
      errors: [],
      deleteOnCompletion: false,
      timeBeforeRemoval: fiveMinutes,
      result: {},
      VMs: [],
      hosts: [],
      VDIs: [],
      SRs: [],
      networks: [],
      ...beginning,
    };
    return this.#add({ record, shown: false, undo: [], kind: {}, ...(codes && { codes }) });
  }

  /** The jobs that the bridge knew when it last ran; those that had not ended need somebody to see to them. */
  restore(): readonly Job[] {
    const entries = this.#options.journal?.load() ?? [];
    const jobs = [...entries].sort((a, b) => a.record.submitted - b.record.submitted).map((entry) => this.#add(entry));
    for (const job of jobs) this.#changed(job, false);
    return jobs.filter(({ record }) => !hasEnded(record));
  }

  /** All jobs that are known, shown or not. */
  get all(): Iterable<Job> {
    return this.#jobs.values();
  }

  get(uuid: string): Job | undefined {
    return this.#jobs.get(uuid);
  }

  /** Resolves when all that was told of the job is on the disk. */
  saved({ record }: Job): Promise<void> {
    return this.#saving.get(record.uuid) ?? Promise.resolve();
  }

  /** Forgets a job for good. */
  remove(job: Job): void {
    const { uuid } = job.record;
    if (!this.#jobs.delete(uuid)) return;
    clearTimeout(this.#removals.get(uuid));
    this.#removals.delete(uuid);
    this.#options.store.apply([{ of: 'job', ref: job.ref, after: undefined }]);
    const { journal } = this.#options;
    if (journal) this.#queue(uuid, () => journal.remove(uuid));
  }

  /** Waits until everything is on the disk; after that nothing more is written. */
  async close(): Promise<void> {
    for (const timer of this.#removals.values()) clearTimeout(timer);
    this.#closed = true;
    await Promise.all(this.#saving.values());
    await this.#options.journal?.close();
  }

  #add(entry: JobEntry): Job {
    const job = new Job(entry, (changed, durable) => this.#changed(changed, durable));
    this.#jobs.set(entry.record.uuid, job);
    return job;
  }

  #changed(job: Job, durable: boolean): void {
    const { record, shown } = job;
    if (this.#closed || this.#jobs.get(record.uuid) !== job) return;
    if (hasEnded(record) && !shown) {
      this.remove(job);
      return;
    }
    if (shown) this.#options.store.apply([{ of: 'job', ref: job.ref, after: record }]);
    if (durable || record.deleteOnCompletion || hasEnded(record)) this.#save(job);
    if (hasEnded(record)) this.#settle(job);
  }

  /** Writes the job as it is when its turn comes; so changes that wait for the same turn are written at once. */
  #save(job: Job): void {
    const { uuid } = job.record;
    const { journal } = this.#options;
    if (!journal || this.#unsaved.has(uuid)) return;
    this.#unsaved.add(uuid);
    this.#queue(uuid, () => {
      this.#unsaved.delete(uuid);
      return journal.save(job.entry);
    });
  }

  #queue(uuid: string, work: () => Promise<void>): void {
    const before = this.#saving.get(uuid) ?? Promise.resolve();
    const done: Promise<void> = before
      .then(work)
      .catch((err: unknown) =>
        this.#options.log.warn({ job: uuid, err }, 'a job could not be written to the state folder'),
      )
      .finally(() => {
        if (this.#saving.get(uuid) === done) this.#saving.delete(uuid);
      });
    this.#saving.set(uuid, done);
  }

  /** An ended job goes when its time has come, or when there are too many. */
  #settle(job: Job): void {
    const { uuid, deleteOnCompletion, timeBeforeRemoval, finished } = job.record;
    clearTimeout(this.#removals.get(uuid));
    this.#removals.delete(uuid);
    if (deleteOnCompletion) {
      const left = Math.max(0, finished + millisecondsOfInterval(timeBeforeRemoval) - Date.now());
      const timer = setTimeout(() => this.remove(job), Math.min(left, longestTimer));
      timer.unref();
      this.#removals.set(uuid, timer);
    }
    this.#trim();
  }

  #trim(): void {
    if (this.#jobs.size <= this.#options.capacity) return;
    const ended = [...this.#jobs.values()].filter(({ record }) => hasEnded(record));
    ended.sort((a, b) => a.record.finished - b.record.finished);
    for (const job of ended.slice(0, Math.max(0, ended.length - this.#options.capacity))) this.remove(job);
  }
}
