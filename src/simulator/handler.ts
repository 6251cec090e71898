import { eventHandlers } from './event.js';
import { sessionHandlers } from './operation/session.js';
import { taskHandlers } from './operation/task.js';
import type { HandlerTable } from './world.js';

/** Every message that does more than its generated form, or that has none. A new one is a row of one of these tables. */
export const handlers: HandlerTable = {
  ...sessionHandlers,
  ...eventHandlers,
  ...taskHandlers,
};
