import { TransportError, XenApiError } from '../xenapi/error.js';
import type { HandlerAnswer } from '../xenapi/handler.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { JobRecord, Records, Ref } from '../xenapi/records.js';
import { markedTask } from '../xenapi/task-mark.js';
import type { Lease } from '../xenapi/user-sessions.js';
import type { View } from '../xenapi/view.js';
import { parseTaskResult } from '../xenapi/xml-value.js';
import { refusedByHandler, withTask } from './handler-task.js';
import type { Job } from './job.js';
import type { TaskKind } from './job-entry.js';
import type { Face, Output } from './method.js';
import { hasEnded, type TaskWatch } from './task-watch.js';
import type { UndoOf, UndoStep } from './undo.js';

/** The key of other_config under which every object that a method made names the job that made it (decisions.md 40). */
export const bridgeTag = 'xen-cim-bridge';

export interface StepsOptions {
  readonly job: Job;
  readonly lease: Lease;
  readonly view: View;
  readonly tasks: TaskWatch;
  /** Resolves when what was told of the job is on the disk. */
  readonly saved: () => Promise<void>;
  /** Resolves when the view shows all that the pool has done so far. */
  readonly caughtUp: () => Promise<void>;
  /** Resolves when the pool does not answer any more. */
  readonly away: () => Promise<void>;
  /** Told of the first word of a work that answers before it is done. */
  readonly announce: (output: Output) => void;
  /** The path of an instance as text, once the view shows it. */
  readonly textOf: (face: Face) => string | undefined;
}

/** A text, or an instance that is shown by its path. */
type Shown = string | Face;

const isList = (value: Shown | readonly Shown[]): value is readonly Shown[] => Array.isArray(value);

/** An HTTP handler of a host: `/import_metadata` and the like, with its parameters. */
export interface Handler {
  readonly address: string;
  readonly path: string;
}

/** A task that has ended; undefined where nobody knows how. */
type Ended = Records['task'] | undefined;

/** What is under way at the pool. */
interface Begun {
  readonly task: Ref<'task'>;
  readonly ended: () => Promise<Ended>;
}

/** A task that ended in a way that cannot be found out any more. */
const lostTask = (message: string): XenApiError =>
  new XenApiError('OBJECT_NOLONGER_EXISTS', ['task', message], {
    cause: new Error(`the pool no longer knows the task of ${message}, and so nobody how it ended`),
  });

/**
 * The steps of one work, in the session of the user who called. After each that made something, `undo` says how it is
 * taken back; when a later one fails, that is done in reverse.
 */
export class Steps {
  readonly view: View;
  /** For other_config of what is made. */
  readonly tag: Readonly<Record<string, string>>;
  readonly #options: StepsOptions;
  readonly #cleaning: Promise<unknown>[] = [];
  /** Whether something was written that no event has covered yet. */
  #unseen = false;

  constructor(options: StepsOptions) {
    this.#options = options;
    this.view = options.view;
    this.tag = { [bridgeTag]: options.job.record.uuid };
  }

  /** Sends a message and waits for its answer: for what is quick. Throws XenApiError or TransportError. */
  async call(message: string, ...args: readonly CallValue[]): Promise<unknown> {
    await this.#ready();
    this.#unseen = true;
    return this.#options.lease.call(message, ...args);
  }

  /** Sends a message that changes nothing. */
  async ask(message: string, ...args: readonly CallValue[]): Promise<unknown> {
    await this.#ready();
    return this.#options.lease.call(message, ...args);
  }

  /** Makes an object by a message that gives its reference, and says how it is taken away again. */
  async make<C extends string>(undo: UndoOf, message: string, ...args: readonly CallValue[]): Promise<Ref<C>> {
    const ref = String(await this.call(message, ...args));
    this.undo(undo.what, undo.message, ref);
    return ref as Ref<C>;
  }

  /** The same for a message that takes long. */
  async makeByTask<C extends string>(undo: UndoOf, message: string, ...args: readonly CallValue[]): Promise<Ref<C>> {
    const ref = String(await this.#task(message, args, { undo }));
    return ref as Ref<C>;
  }

  /** Gives an object that was made without one the tag of the bridge; a copy may have that of its original. */
  async mark(of: string, ref: string): Promise<void> {
    await this.call(`${of}.remove_from_other_config`, ref, bridgeTag);
    await this.call(`${of}.add_to_other_config`, ref, bridgeTag, this.tag[bridgeTag]!);
  }

  /** Runs a message as a task and waits for its end: for what takes long. Gives its result (a reference, mostly). */
  task(message: string, ...args: readonly CallValue[]): Promise<unknown> {
    return this.#task(message, args, {});
  }

  /** The same for what is taken back so once it has been done. */
  reversible(back: UndoStep, message: string, ...args: readonly CallValue[]): Promise<unknown> {
    return this.#task(message, args, { back });
  }

  /** The same for the last step: after a restart of the bridge, the job ends as this task does. */
  last(message: string, ...args: readonly CallValue[]): Promise<unknown> {
    return this.#task(message, args, { last: true });
  }

  /** The same for what takes the pool itself away: that it is gone is how this ends. */
  parting(message: string, ...args: readonly CallValue[]): Promise<unknown> {
    return this.#task(message, args, { last: true, parting: true });
  }

  /**
   * Reads what an HTTP handler gives (GET), as far as `take` wants it. Throws XenApiError when the host refuses, and
   * TransportError when it cannot be reached.
   */
  async read<T>({ address, path }: Handler, take: (body: HandlerAnswer['body']) => Promise<T>): Promise<T> {
    await this.#ready();
    const { lease } = this.#options;
    const task = String(await lease.call('task.create', path.split('?', 1)[0]!, ''));
    try {
      return await lease.ask(address, { method: 'GET', path: withTask(path, task) }, async ({ status, body }) => {
        if (status !== 200) throw await refusedByHandler(lease.call, path, task, status);
        return take(body);
      });
    } finally {
      this.#background(lease.call('task.destroy', task));
    }
  }

  /** Gives a body to an HTTP handler (PUT) as the last step, and waits for what the host makes of it: the task's result. */
  write({ address, path }: Handler, body: Buffer): Promise<unknown> {
    const words = `PUT ${path.split('?', 1)[0]}`;
    return this.#under(words, { last: true }, async () => {
      const { lease, tasks } = this.#options;
      const task = String(await lease.call('task.create', words, '')) as Ref<'task'>;
      const request = { method: 'PUT', path: withTask(path, task), body } as const;
      const take = async ({ status }: HandlerAnswer) => {
        if (status !== 200) throw await refusedByHandler(lease.call, path, task, status);
        return tasks.wait(task);
      };
      const late = (reason: unknown) => {
        if (mayHaveHappened(reason)) return endsSoon(tasks.wait(task), reason);
        throw reason;
      };
      return { task, ended: () => lease.ask(address, request, take).catch(late) };
    });
  }

  /** Says how what was just made is taken back; `what` names what stays behind if that fails. */
  undo(what: string, message: string, ...args: readonly CallValue[]): void {
    this.#options.job.remember({ what, message, args });
  }

  /** The same with a secret among the arguments: a bridge that is started after this one can only tell of its loss. */
  undoSecret(what: string, message: string, ...args: readonly CallValue[]): void {
    this.#options.job.remember({ what, message, args, secret: true });
  }

  /** What was said before for this object no longer holds: it belongs to something else now. */
  keep(...refs: readonly string[]): void {
    this.#options.job.forget(({ args }: UndoStep) => refs.includes(String(args[0])));
  }

  /** What the caller can be told before everything is done. */
  async announce(output: Output): Promise<void> {
    await this.settle();
    this.#options.announce(output);
  }

  /** What the job's class shows of the result, by property; instances by their paths. */
  async result(values: Readonly<Record<string, Shown | readonly Shown[]>>): Promise<void> {
    await this.settle();
    const { job, textOf } = this.#options;
    const one = (value: Shown): string => (typeof value === 'string' ? value : (textOf(value) ?? ''));
    const shown = (value: Shown | readonly Shown[]): string | readonly string[] =>
      isList(value) ? value.map(one).filter((text) => text !== '') : one(value);
    const found = Object.entries(values).map(([name, value]) => [name, shown(value)] as const);
    job.amend({ result: { ...job.record.result, ...Object.fromEntries(found) } });
  }

  /** The job works on these as well. */
  affect(more: Partial<Pick<JobRecord, 'VMs' | 'hosts' | 'VDIs' | 'SRs' | 'networks'>>): void {
    const { job } = this.#options;
    const entries = Object.entries(more) as [keyof typeof more, readonly Ref[]][];
    const all = entries.map(([name, refs]) => [name, [...new Set([...job.record[name], ...refs])]] as const);
    job.amend(Object.fromEntries(all));
  }

  /** Resolves when the view shows all that has been done so far. */
  async settle(): Promise<void> {
    if (!this.#unseen) return;
    this.#unseen = false;
    await this.#options.caughtUp();
  }

  /** Resolves when nothing of these steps is under way any more. */
  async clean(): Promise<void> {
    await Promise.all(this.#cleaning);
  }

  async #ready(): Promise<void> {
    const { job, saved } = this.#options;
    job.check();
    await saved();
  }

  #task(message: string, args: readonly CallValue[], kind: TaskKind): Promise<unknown> {
    const { tasks, away } = this.#options;
    return this.#under(message, kind, async (mark) => {
      const task = await this.#begin(mark, message, args);
      const gone = () => away().then(() => undefined);
      return { task, ended: () => (kind.parting ? Promise.race([tasks.wait(task), gone()]) : tasks.wait(task)) };
    });
  }

  /** Sends a message as a task. Where the answer is lost, the task is known by its mark, as if there had been one. */
  async #begin(mark: string, message: string, args: readonly CallValue[]): Promise<Ref<'task'>> {
    try {
      return await this.#options.lease.begin(mark, message, ...args);
    } catch (reason) {
      if (!mayHaveHappened(reason)) throw reason;
      await this.#options.caughtUp();
      const begun = markedTask(this.view, mark);
      if (begun === undefined) throw reason;
      return begun;
    }
  }

  /** Waits for a task's end, and lets clients see how far it is and stop it. What it is to do is on the disk before. */
  async #under(message: string, kind: TaskKind, begin: (mark: string) => Promise<Begun>): Promise<unknown> {
    const { job, lease, saved } = this.#options;
    const mark = `${job.record.uuid} ${job.record.done}`;
    job.check();
    job.intend({ ...kind, mark });
    await saved();
    const { task: ref, ended } = await begin(mark);
    job.enter(ref, () => this.#background(lease.call('task.cancel', ref)));
    this.#background(lease.call('task.add_to_other_config', ref, bridgeTag, `${job.record.kind} ${mark}`));
    try {
      const task = await ended();
      // A task whose end was asked for, and not told by an event, ended before the view shows what it did.
      const seen = this.view.get('task', ref);
      this.#unseen = !(seen && hasEnded(seen));
      if (!task && !kind.parting) throw lostTask(message);
      const result = task && resultOf(task);
      if (kind.undo) this.undo(kind.undo.what, kind.undo.message, String(result));
      if (kind.back) job.remember(kind.back);
      job.leave(kind.last ? { last: true, done: true } : {});
      return result;
    } catch (reason) {
      job.leave();
      throw reason;
    } finally {
      // As long as the disk does not say what the task did, the task itself has to.
      this.#background(saved().then(() => lease.call('task.destroy', ref)));
    }
  }

  /** What is done besides, and may fail. */
  #background(work: Promise<unknown>): void {
    this.#cleaning.push(work.catch(() => {}));
  }
}

/** How long a host that broke a connection off may take to say how it ended. */
const brokenOffMs = 20_000;

/** How a task ends whose connection is gone; throws `reason`, why it is gone, where it does not end. */
function endsSoon(ended: Promise<Ended>, reason: unknown): Promise<Ended> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(reason), brokenOffMs);
  });
  return Promise.race([ended, late]).finally(() => clearTimeout(timer));
}

/** The result of a task that has ended; throws what it failed with. */
export function resultOf({ status, result, error_info: [code, ...params] }: Records['task']): unknown {
  if (status === 'success') return parseTaskResult(result);
  if (status === 'cancelled') throw new XenApiError('TASK_CANCELLED', params);
  throw new XenApiError(code ?? 'INTERNAL_ERROR', params);
}

/** Whether the message may have been acted upon although no answer came. */
export const mayHaveHappened = (reason: unknown): boolean => reason instanceof TransportError && reason.sent;
