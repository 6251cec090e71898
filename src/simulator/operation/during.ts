import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { Call, World } from '../world.js';
import { refresh } from './allowed.js';

/** Classes whose objects show what is being done to them. */
export type Busy = 'VM' | 'VBD' | 'VIF' | 'VDI' | 'SR' | 'host' | 'network' | 'VM_appliance' | 'pool';

/** What an operation is done to, what it is called there, and what stands against it now. */
export interface Work<C extends Busy> {
  readonly of: C;
  readonly ref: Ref<C>;
  readonly operation: string;
  readonly obstacle: () => XenApiFailure | undefined;
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

/**
 * Waits until nothing stands against the work. Another operation on the object is waited for, up to the limit of the
 * settings; too many that wait are refused; anything else fails at once (facts 0.2).
 */
async function admitted<C extends Busy>(call: Call, work: Work<C>): Promise<void> {
  const { world } = call;
  const deadline = Date.now() + world.settings.operationWait;
  for (;;) {
    const failure = work.obstacle();
    if (failure === undefined) return;
    const left = deadline - Date.now();
    if (failure.code !== 'OTHER_OPERATION_IN_PROGRESS' || left <= 0 || world.stopping.aborted) throw failure;
    if (world.waiting >= world.settings.operationWaiters) throw new XenApiFailure('TOO_MANY_PENDING_TASKS');
    world.waiting++;
    await nextChange(world, left);
    world.waiting--;
    world.tasks.poll(call.task());
  }
}

type WithOperations = { readonly current_operations: Readonly<Record<string, string>> };

function mark<C extends Busy>({ db }: World, { of, ref, operation }: Work<C>, task: string, busy: boolean): void {
  const record = db.get(of as RemoteClass, ref) as WithOperations | undefined;
  if (record === undefined) return;
  const { [task]: _own, ...others } = record.current_operations;
  const current_operations = busy ? { ...others, [task]: operation } : others;
  db.update(of as RemoteClass, ref, { current_operations } as Partial<Records[RemoteClass]>);
}

const slices = 4;

/** Takes the time of the message that runs, in steps that show as progress and at which it can be cancelled. */
export async function spend(call: Call, cancellable = false): Promise<void> {
  const { world } = call;
  const milliseconds = world.clock.duration(call.message.name);
  const task = call.task();
  world.tasks.cancellable(task, cancellable);
  for (let i = 1; i <= slices && milliseconds > 0; i++) {
    await world.clock.sleep(milliseconds / slices);
    world.tasks.poll(task);
    world.tasks.progress(task, i / (slices + 1));
  }
  world.tasks.cancellable(task, false);
}

/** Does work on an object: waits for its turn, shows in current_operations while it runs, refreshes what is allowed. */
export async function during<C extends Busy, T>(call: Call, work: Work<C>, body: () => T | Promise<T>): Promise<T> {
  await admitted(call, work);
  const task = call.task();
  mark(call.world, work, task, true);
  refresh(call.world, work.of, work.ref);
  try {
    return await body();
  } finally {
    mark(call.world, work, task, false);
    refresh(call.world, work.of, work.ref);
  }
}
