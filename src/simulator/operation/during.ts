import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { Call, World } from '../world.js';
import { refresh } from './allowed.js';

/** Classes whose objects show what is being done to them. */
export type Busy = 'VM' | 'VBD' | 'VIF' | 'VDI' | 'SR' | 'host' | 'network' | 'VM_appliance' | 'pool' | 'VUSB';

/** What an operation is done to, what it is called there, and what stands against it now. */
export interface Work {
  readonly of: Busy;
  readonly ref: Ref<Busy>;
  readonly operation: string;
  readonly obstacle: () => XenApiFailure | undefined;
  /** Milliseconds that it waits for another operation on the object; that of the settings unless said here. */
  readonly wait?: number;
}

/** Ends at the next change of the pool, after so many milliseconds, or when the simulator stops. */
function nextChange({ db, stopping }: World, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      stopping.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(milliseconds, 2 ** 31 - 1));
    const stop = db.listen(done);
    stopping.addEventListener('abort', done);
  });
}

/** The first work that something stands against, and what. */
function firstObstacle(works: readonly Work[]): { work: Work; failure: XenApiFailure } | undefined {
  for (const work of works) {
    const failure = work.obstacle();
    if (failure !== undefined) return { work, failure };
  }
  return undefined;
}

/** The milliseconds left to wait for another operation, 0 when nothing stands against the works; throws what is not waited for. */
function leftToWait({ settings, stopping }: World, works: readonly Work[], start: number): number {
  const found = firstObstacle(works);
  if (found === undefined) return 0;
  const { work, failure } = found;
  const left = start + Math.min(work.wait ?? Number.POSITIVE_INFINITY, settings.operationWait) - Date.now();
  if (failure.code !== 'OTHER_OPERATION_IN_PROGRESS' || left <= 0 || stopping.aborted) throw failure;
  return left;
}

/**
 * Waits until nothing stands against the works, and begins them in the same step, before anyone else who waits looks.
 * Another operation on an object is waited for, up to a limit; too many that wait are refused; anything else fails at
 * once (facts 0.2).
 */
async function admitted(call: Call, works: readonly Work[], begin: () => void): Promise<void> {
  const { world } = call;
  const start = Date.now();
  const look = (): number => leftToWait(world, works, start);
  const left = look();
  if (left > 0) await queue(call, left, look, begin);
  else begin();
}

/**
 * Waits as one of those that may wait, until nothing is left to wait for, and begins; its task can be cancelled
 * meanwhile (facts 0.2, 3). Nothing is changed between two looks: a change wakes the others who wait, and theirs would
 * wake this one, for ever.
 */
async function queue(call: Call, first: number, look: () => number, begin: () => void): Promise<void> {
  const { world } = call;
  if (world.waiting >= world.settings.operationWaiters) throw new XenApiFailure('TOO_MANY_PENDING_TASKS');
  const task = call.task();
  world.tasks.cancellable(task, true);
  world.waiting++;
  try {
    for (let left = first; left > 0; left = look()) {
      await nextChange(world, left);
      world.tasks.poll(task);
    }
    begin();
  } finally {
    world.waiting--;
    world.tasks.cancellable(task, false);
  }
}

type WithOperations = { readonly current_operations: Readonly<Record<string, string>> };

function mark({ db }: World, { of, ref, operation }: Work, task: string, busy: boolean): void {
  const record = db.get(of as RemoteClass, ref) as WithOperations | undefined;
  if (record === undefined) return;
  const { [task]: _own, ...others } = record.current_operations;
  const current_operations = busy ? { ...others, [task]: operation } : others;
  db.update(of as RemoteClass, ref, { current_operations } as Partial<Records[RemoteClass]>);
}

const slice = { length: 250, least: 4, most: 40 };

/** Takes some time in steps that show as progress, and at which the work can be cancelled. */
export async function spendFor(call: Call, milliseconds: number, cancellable: boolean): Promise<void> {
  const { world } = call;
  const task = call.task();
  const count = Math.min(slice.most, Math.max(slice.least, Math.ceil(milliseconds / slice.length)));
  world.tasks.cancellable(task, cancellable);
  for (let i = 1; i <= count && milliseconds > 0; i++) {
    await world.clock.sleep(milliseconds / count);
    world.tasks.poll(task);
    world.tasks.progress(task, i / (count + 1));
  }
  world.tasks.cancellable(task, false);
}

/** Takes the time of the message that runs. */
export const spend = (call: Call, cancellable = false): Promise<void> =>
  spendFor(call, call.world.clock.duration(call.message.name), cancellable);

/** Does work on objects: waits for its turn, shows in current_operations while it runs, refreshes what is allowed. */
export async function during<T>(call: Call, given: Work | readonly Work[], body: () => T | Promise<T>): Promise<T> {
  const works = 'of' in given ? [given] : given;
  const show = (busy: boolean): void => {
    const task = call.task();
    for (const work of works) mark(call.world, work, task, busy);
    for (const { of, ref } of works) refresh(call.world, of, ref);
  };
  await admitted(call, works, () => show(true));
  try {
    return await body();
  } finally {
    show(false);
  }
}
