import { type Log, silent } from '../xenapi/log.js';
import { type JobError, NULL_REF } from '../xenapi/records.js';
import type { View } from '../xenapi/view.js';
import { describing } from './describe.js';
import type { Job } from './job.js';
import { resultOf } from './steps.js';
import { strays } from './stray.js';
import type { TaskWatch } from './task-watch.js';
import { jobError, type Send, type UndoStep, undoAll } from './undo.js';

export interface RecoveryOptions {
  readonly view: View;
  readonly tasks: TaskWatch;
  /** Sends in the bridge's own session: that of the user who called is gone. */
  readonly send: Send;
  readonly log?: Log;
}

const interrupted = (text: string): JobError => ({ code: '', params: [], text });

/** How the task that was under way ended: undefined where there was none, or where the pool has forgotten it. */
async function outcome(
  { entry }: Job,
  { tasks, send }: RecoveryOptions,
): Promise<{ value?: unknown; reason?: unknown } | undefined> {
  if (entry.record.task === NULL_REF) return undefined;
  const task = await tasks.wait(entry.record.task);
  if (!task) return undefined;
  void send('task.destroy', entry.record.task).catch(() => {});
  try {
    return { value: resultOf(task) };
  } catch (reason) {
    return { reason };
  }
}

/** What the job has made, as far as it can be known. */
function made(job: Job, value: unknown, view: View): readonly UndoStep[] {
  const { undo, kind, record } = job.entry;
  const last = kind.undo && value !== undefined ? [{ ...kind.undo, args: [String(value)] }] : [];
  const known = [...undo, ...last];
  return [...known, ...strays(view, record.uuid, known)];
}

async function recover(job: Job, options: RecoveryOptions): Promise<void> {
  const { view, send, log = silent } = options;
  const { kind, record } = job.entry;
  job.adopt(() => void send('task.cancel', record.task).catch(() => {}));
  const ended = await outcome(job, options);
  if (kind.last && ended && 'value' in ended) {
    job.complete();
    log.info({ job: record.uuid, method: record.method }, 'a job went on while the bridge was away, and is done');
    return;
  }
  const error =
    ended && 'reason' in ended
      ? jobError(ended.reason, describing(view))
      : interrupted(`the bridge was stopped in the middle of ${record.method}; what had been made is undone`);
  const left = await undoAll(made(job, ended?.value, view), send);
  job.fail(record.errorCode || 2, error, left);
  log.warn(
    { job: record.uuid, method: record.method, left: left.length },
    'a job was interrupted, and has been undone',
  );
}

/**
 * Sees to the jobs that were under way when the bridge last stopped (decisions.md 16, 40): one whose last task goes on is
 * adopted and ends as that does; any other ends as failed, and what it had made is undone. The pool has to be in the view.
 */
export async function recoverJobs(jobs: readonly Job[], options: RecoveryOptions): Promise<void> {
  await Promise.all(jobs.map((job) => recover(job, options)));
}
