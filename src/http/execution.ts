import { CimError } from '../cim/error.js';
import type { Call } from '../cim/operation.js';
import type { Principal } from '../cim/principal.js';
import { askedOf, CallError, type Message } from '../cimxml/message.js';
import type { Reply } from '../cimxml/response.js';
import { ClientGone } from './body.js';
import type { Executor } from './executor.js';

/** Carries out an operation; its reply may be an error. */
export async function execute(call: Call | CallError, executor: Executor, principal: Principal): Promise<Reply> {
  const { kind, name, namespace } = askedOf(call);
  return { kind, name, namespace, result: await resultOf(call, executor, principal) };
}

/** Carries out the operations of a MULTIREQ one after the other, each when its reply is asked for, until nobody is there. */
export async function* executeAll(
  { calls }: Message,
  executor: Executor,
  principal: Principal,
  turn: () => Promise<void> | undefined,
  gone: () => boolean,
): AsyncGenerator<Reply> {
  for (const [index, call] of calls.entries()) {
    if (index > 0) await turn();
    if (gone()) throw new ClientGone();
    yield execute(call, executor, principal);
  }
}

async function resultOf(call: Call | CallError, executor: Executor, principal: Principal): Promise<Reply['result']> {
  if (call instanceof CallError) return call;
  try {
    return await executor.execute(call, principal);
  } catch (reason) {
    return CimError.from(reason);
  }
}
