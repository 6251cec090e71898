import type { Call } from '../cim/operation.js';
import type { CallError } from '../cimxml/message.js';
import { isKept, type KeptReply, type Reply } from '../cimxml/response.js';

/**
 * The replies to calls that come again as the same objects, where they name an instance of which the encoding is kept: as
 * long as that has not changed, the call need not be carried out again. A reply goes with its call.
 */
export class ReplyMemory {
  readonly #known = new WeakMap<Call | CallError, KeptReply>();

  /** The reply that the call would get now, if that is known without carrying it out. */
  recall(call: Call | CallError): KeptReply | undefined {
    const known = this.#known.get(call);
    return known?.result.place.current() ? known : undefined;
  }

  keep(call: Call | CallError, reply: Reply): void {
    if (isKept(reply)) this.#known.set(call, reply);
  }
}
