import type { Records, Ref } from '../../xenapi/records.js';
import type { Call, HandlerTable } from '../world.js';

type Task = Ref<'task'>;

/** A setter that the task's owner may send. */
const owned =
  <V>(patch: (value: V) => Partial<Records['task']>) =>
  (call: Call, self: Task, value: V): void => {
    call.world.tasks.assertOwner(self, call.session, call.name.toLowerCase());
    call.world.tasks.set(self, patch(value));
  };

/** The messages of class task (facts 3). */
export const taskHandlers: HandlerTable = {
  'task.create': ({ world, session }: Call, label: string, description: string) =>
    world.tasks.create(label, description, session),
  'task.destroy': ({ world, session }: Call, self: Task) => {
    world.tasks.assertOwner(self, session, 'task.destroy');
    world.tasks.destroy(self);
  },
  'task.cancel': ({ world, session }: Call, self: Task) => {
    world.tasks.assertOwner(self, session, 'task.cancel');
    world.tasks.cancel(self);
  },
  'task.set_status': owned((status: Records['task']['status']) => ({ status })),
  'task.set_progress': owned((progress: number) => ({ progress })),
  'task.set_result': owned((result: string) => ({ result })),
  'task.set_error_info': owned((error_info: readonly string[]) => ({ error_info })),
};
