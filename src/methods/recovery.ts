import { XenApiError } from '../xenapi/error.js';
import { type Log, silent } from '../xenapi/log.js';
import { type JobError, type JobRecord, NULL_REF, type Ref } from '../xenapi/records.js';
import { markedTask } from '../xenapi/task-mark.js';
import type { View } from '../xenapi/view.js';
import { describing } from './describe.js';
import { codeOf } from './failure.js';
import type { Job } from './job.js';
import { serviceCodes } from './return-code.js';
import { resultOf } from './steps.js';
import { strays } from './stray.js';
import type { TaskWatch } from './task-watch.js';
import { jobError, type Send, type UndoStep, undoAll } from './undo.js';

export interface RecoveryOptions {
  readonly view: View;
  readonly tasks: TaskWatch;
  /** Sends in the bridge's own session: that of the user who called is gone. */
  readonly send: Send;
  /** Resolves when the view shows all that the pool has done so far. */
  readonly caughtUp: () => Promise<unknown>;
  readonly log?: Log;
}

/** The task that was under way. */
function taskOf({ entry: { record, kind } }: Job, view: View): Ref<'task'> | undefined {
  if (record.task !== NULL_REF) return record.task;
  return kind.mark === undefined ? undefined : markedTask(view, kind.mark);
}

type Outcome = { readonly value: unknown } | { readonly reason: unknown };

/** How it ended: undefined where there was none, or where the pool has forgotten it. */
async function outcome(ref: Ref<'task'> | undefined, tasks: TaskWatch): Promise<Outcome | undefined> {
  const task = ref && (await tasks.wait(ref));
  if (!task) return undefined;
  try {
    return { value: resultOf(task) };
  } catch (reason) {
    return { reason };
  }
}

/** What has to be taken back of what the job has done, as far as it can be known. */
function done(job: Job, ended: Outcome | undefined, view: View): readonly UndoStep[] {
  const { undo, kind, record } = job.entry;
  const known = [...undo];
  if (ended && 'value' in ended) {
    if (kind.undo) known.push({ ...kind.undo, args: [String(ended.value)] });
    if (kind.back) known.push(kind.back);
  }
  return [...known, ...strays(view, record.uuid, known)];
}

const wasCancelled = (reason: unknown): boolean => reason instanceof XenApiError && reason.code === 'TASK_CANCELLED';

function errorOf(record: JobRecord, ended: Outcome | undefined, view: View): JobError {
  if (ended && 'reason' in ended && !wasCancelled(ended.reason)) return jobError(ended.reason, describing(view));
  const text = `the bridge was stopped in the middle of ${record.method}; what had been made is undone`;
  return { code: '', params: [], text };
}

/** What the method would have returned. */
function failureOf({ entry: { codes = serviceCodes } }: Job, ended: Outcome | undefined): number {
  const reason = ended && 'reason' in ended && !wasCancelled(ended.reason) ? ended.reason : undefined;
  return codeOf({ codes }, reason);
}

async function recover(job: Job, options: RecoveryOptions): Promise<void> {
  const { view, send, caughtUp, tasks, log = silent } = options;
  const { kind, record } = job.entry;
  const task = taskOf(job, view);
  const cancel = async (): Promise<unknown> => task && send('task.cancel', task).catch(() => {});
  job.adopt(() => void cancel());
  if (!kind.last) await cancel();
  const ended = await outcome(task, tasks);
  const parted = kind.parting && task !== undefined && ended === undefined;
  if (kind.done || parted || (kind.last && ended && 'value' in ended)) {
    job.complete();
    log.info({ job: record.uuid, method: record.method }, 'a job went on while the bridge was away, and is done');
  } else {
    await caughtUp();
    const left = await undoAll(done(job, ended, view), send);
    await caughtUp();
    job.fail(failureOf(job, ended), errorOf(record, ended, view), left);
    const words = 'a job was interrupted, and has been undone';
    log.warn({ job: record.uuid, method: record.method, left: left.map(({ text }) => text) }, words);
  }
  if (task) await send('task.destroy', task).catch(() => {});
}

/**
 * Sees to the jobs that were under way when the bridge last stopped (decisions.md 16, 40): one whose last task goes on is
 * adopted and ends as that does; any other ends as failed, and what it had made is undone. The pool has to be in the view.
 */
export async function recoverJobs(jobs: readonly Job[], options: RecoveryOptions): Promise<void> {
  await options.caughtUp();
  await Promise.all(jobs.map((job) => recover(job, options)));
}
