import { CimError } from '../cim/error.js';
import type { Call } from '../cim/operation.js';
import type { Principal } from '../cim/principal.js';
import { askedOf, CallError, type Message } from '../cimxml/message.js';
import type { Reply } from '../cimxml/response.js';
import { ClientGone } from './body.js';
import type { Executor } from './executor.js';

/** After how many operations of one MULTIREQ others have a turn. */
const turn = 16;

const afterOthers = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Carries out the operations of a request one after the other; each has a reply, be it an error. */
export async function execute(
  message: Message,
  executor: Executor,
  principal: Principal,
  gone: () => boolean,
): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const [index, call] of message.calls.entries()) {
    if (index % turn === turn - 1) await afterOthers();
    if (gone()) throw new ClientGone();
    const { kind, name, namespace } = askedOf(call);
    replies.push({ kind, name, namespace, result: await resultOf(call, executor, principal) });
  }
  return replies;
}

async function resultOf(call: Call | CallError, executor: Executor, principal: Principal): Promise<Reply['result']> {
  if (call instanceof CallError) return call;
  try {
    return await executor.execute(call, principal);
  } catch (reason) {
    return CimError.from(reason);
  }
}
