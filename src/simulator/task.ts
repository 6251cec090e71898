import type { Records, Ref } from '../xenapi/records.js';
import type { Clock } from './clock.js';
import type { Database } from './database.js';
import { EPOCH } from './default-value.js';
import { XenApiFailure } from './failure.js';
import type { IdentitySource } from './identity.js';
import { blank } from './record.js';
import { isSuperuser, type Session, sidOf } from './session.js';

type TaskRef = Ref<'task'>;

/** How long a completed task stays, a pending one without progress, and how many stay (facts 3). */
const kept = { completed: 65 * 60_000, pending: 24 * 3_600_000, count: 200 };

const pendingStates: ReadonlySet<string> = new Set(['pending', 'cancelling']);

/** What is known of a task beside its record. */
interface Known {
  readonly owner: string;
  readonly session: Session | undefined;
  readonly created: number;
  finished: number | undefined;
  destroyWhenDone: boolean;
}

/** The pool's tasks: made for `Async.` calls, for operations on objects, and by clients (facts 3). */
export class Tasks {
  readonly #known = new Map<string, Known>();
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #ids: IdentitySource;
  readonly #host: () => Ref<'host'>;

  constructor(db: Database, clock: Clock, ids: IdentitySource, host: () => Ref<'host'>) {
    [this.#db, this.#clock, this.#ids, this.#host] = [db, clock, ids, host];
  }

  create(label: string, description: string, session: Session | undefined, other_config = {}): TaskRef {
    const ref = this.#ids.ref() as TaskRef;
    const record = blank('task', {
      uuid: this.#ids.uuid(),
      name_label: label,
      name_description: description,
      created: this.#clock.text(),
      finished: EPOCH,
      status: 'pending',
      resident_on: this.#host(),
      progress: 0,
      type: '<none/>',
      backtrace: '()',
      other_config,
    });
    const owner = session === undefined ? '' : sidOf(session.user);
    this.#known.set(ref, { owner, session, created: this.#clock.now(), finished: undefined, destroyWhenDone: false });
    this.#db.insert('task', ref, record);
    return ref;
  }

  /** Whether a task of this session still runs: then it is not timed out. */
  busy(session: Session): boolean {
    for (const known of this.#known.values())
      if (known.session === session && known.finished === undefined) return true;
    return false;
  }

  progress(ref: TaskRef, progress: number): void {
    if (this.#pending(ref)) this.#db.update('task', ref, { progress });
  }

  /** Whether it can be cancelled from now on. */
  cancellable(ref: TaskRef, possible: boolean): void {
    if (this.#pending(ref)) this.#db.update('task', ref, { allowed_operations: possible ? ['cancel'] : [] });
  }

  /** Succeeds with the result as the text of an XML-RPC value. */
  succeed(ref: TaskRef, result: string): void {
    this.#finish(ref, { status: 'success', result, error_info: [] });
  }

  fail(ref: TaskRef, failure: XenApiFailure): void {
    const cancelled = failure.code === 'TASK_CANCELLED';
    const error_info = cancelled ? [] : [failure.code, ...failure.params];
    this.#finish(ref, { status: cancelled ? 'cancelled' : 'failure', error_info });
  }

  /** Asks a task to end; only what polls for it does. */
  cancel(ref: TaskRef): void {
    const task = this.#db.need('task', ref);
    if (!task.allowed_operations.includes('cancel'))
      throw new XenApiFailure('OPERATION_NOT_ALLOWED', `Cancelling task ${task.uuid} is not possible now`);
    this.#db.update('task', ref, {
      status: 'cancelling',
      allowed_operations: [],
      current_operations: { [ref]: 'cancel' },
    });
  }

  /** Makes a task end at its next poll, whether it can be cancelled or not. */
  abort(ref: TaskRef): void {
    if (this.#pending(ref)) this.#db.update('task', ref, { status: 'cancelling' });
  }

  /** Ends the caller's work by TASK_CANCELLED [task] if that was asked for. */
  poll(ref: TaskRef): void {
    if (this.#db.get('task', ref)?.status === 'cancelling') throw new XenApiFailure('TASK_CANCELLED', ref);
  }

  /** Removes a completed task; a pending one disappears when it is done. */
  destroy(ref: TaskRef): void {
    const known = this.#known.get(ref);
    if (known !== undefined && this.#pending(ref)) known.destroyWhenDone = true;
    else this.#forget(ref);
  }

  /** Only its owner and the local superuser may touch a task; else RBAC_PERMISSION_DENIED (facts 1.6). */
  assertOwner(ref: TaskRef, session: Session | undefined, action: string): void {
    this.#db.need('task', ref);
    if (session === undefined || isSuperuser(session) || this.#known.get(ref)?.owner === sidOf(session.user)) return;
    if (['pool-admin', 'pool-operator'].includes(session.user.role)) return;
    throw new XenApiFailure(
      'RBAC_PERMISSION_DENIED',
      `${action}/any`,
      'No permission in user session. (Roles with this permission: pool-admin, pool-operator)',
    );
  }

  /** Removes what has been there long enough, and the oldest completed ones beyond the number that is kept. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [ref, { created, finished }] of [...this.#known])
      if (finished === undefined ? now - created > kept.pending : now - finished > kept.completed) this.#forget(ref);
    const completed = [...this.#known].filter(([, k]) => k.finished !== undefined);
    completed.sort(([, a], [, b]) => (a.finished as number) - (b.finished as number));
    for (const [ref] of completed.slice(0, Math.max(0, this.#known.size - kept.count))) this.#forget(ref);
  }

  /** All tasks vanish when xapi restarts. */
  clear(): void {
    for (const ref of [...this.#db.refs('task')]) this.#forget(ref);
  }

  #pending(ref: string): boolean {
    return pendingStates.has(this.#db.get('task', ref)?.status ?? '');
  }

  #finish(ref: TaskRef, patch: Partial<Records['task']>): void {
    const known = this.#known.get(ref);
    if (known === undefined || !this.#pending(ref)) return;
    known.finished = this.#clock.now();
    const finished = this.#clock.text();
    this.#db.update('task', ref, { ...patch, finished, progress: 1, allowed_operations: [], current_operations: {} });
    if (known.destroyWhenDone) this.#forget(ref);
  }

  /** What a client says of a task that it made itself. */
  set(ref: TaskRef, patch: Partial<Records['task']>): void {
    const known = this.#known.get(ref);
    const done = patch.status !== undefined && !pendingStates.has(patch.status);
    if (known !== undefined && done) known.finished = this.#clock.now();
    this.#db.update('task', ref, done ? { ...patch, finished: this.#clock.text(), progress: 1 } : patch);
  }

  #forget(ref: string): void {
    this.#known.delete(ref);
    this.#db.remove('task', ref);
  }
}
