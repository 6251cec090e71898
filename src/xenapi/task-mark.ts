import type { Records, Ref } from './records.js';
import type { View } from './view.js';

const key = 'xen-cim-bridge';

/**
 * Headers of a call under which its task carries a mark from its first moment on: a request's headers of this prefix
 * stand in the task's other_config, under `http:` and the rest of their name (XenAPI, xapi's context.ml and
 * taskHelper.ml). So a task is found whose reference was never heard of.
 */
export const markHeaders = (mark: string): Readonly<Record<string, string>> => ({
  [`x-http-other-config-${key}`]: mark,
});

/** The mark of a task; where it was not there from the first moment, that in its tag, behind the class of the job. */
export const markOf = ({ other_config }: Pick<Records['task'], 'other_config'>): string | undefined =>
  other_config[`http:${key}`] ?? other_config[key]?.replace(/^\S+ /, '');

/** The task with this mark, as far as the view shows it. */
export function markedTask(view: View, mark: string): Ref<'task'> | undefined {
  for (const ref of view.refs('task')) {
    const task = view.get('task', ref);
    if (task && markOf(task) === mark) return ref as Ref<'task'>;
  }
  return undefined;
}
