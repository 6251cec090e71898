import { XenApiError } from '../xenapi/error.js';
import type { UserCall } from '../xenapi/user-sessions.js';

/** The path of a handler with the task to which it tells its progress, its result and its failure (XenAPI `task_id`). */
export const withTask = (path: string, task: string): string =>
  `${path}${path.includes('?') ? '&' : '?'}task_id=${encodeURIComponent(task)}`;

/** What a handler refused a request for: its page is for people, and its task has the error of XenAPI. */
export async function refusedByHandler(
  call: UserCall,
  path: string,
  task: string,
  status: number,
): Promise<XenApiError> {
  const handler = path.split('?', 1)[0]!.slice(1);
  if (status === 401 || status === 403)
    return new XenApiError('RBAC_PERMISSION_DENIED', [`http/${handler}`, `the host answers HTTP ${status}`]);
  const { error_info } = (await call('task.get_record', task)) as { readonly error_info?: unknown };
  const [code, ...params] = Array.isArray(error_info) ? error_info.map(String) : [];
  return new XenApiError(code ?? 'INTERNAL_ERROR', code ? params : [`/${handler} was answered with HTTP ${status}`]);
}
