import { type KeptReply, keptReply } from '../cimxml/kept-response.js';
import { askedOf, CallError, type Message } from '../cimxml/message.js';
import type { Reply } from '../cimxml/response.js';
import type { ExtensionHeaders } from './extension-header.js';
import { classOf, type RequestRecord } from './request-record.js';

/** What the calls of a message are about, for the log and the metrics. */
export type About = Pick<RequestRecord, 'operations' | 'operation' | 'namespace' | 'className'>;

/** What is known of calls that come again as the same objects. */
export interface Recollection {
  readonly about: About;
  /** The CIM fields of a head that agreed with them. */
  headers: ExtensionHeaders | undefined;
  /** The reply, where it is an instance of which the encoding is kept. */
  reply: KeptReply | undefined;
}

/** The recollections of requests, each of which goes with the calls that it is of. */
export class RecollectionMemory {
  readonly #known = new WeakMap<Message['calls'], Recollection>();

  of(message: Message): Recollection {
    let known = this.#known.get(message.calls);
    if (known === undefined) {
      known = { about: aboutOf(message), headers: undefined, reply: undefined };
      this.#known.set(message.calls, known);
    }
    return known;
  }
}

/** The reply that the call would get, where that is known without carrying it out: the instance has not changed. */
export const recall = ({ reply }: Recollection): KeptReply | undefined =>
  reply?.result.place.current() ? reply : undefined;

export function keep(recollection: Recollection, reply: Reply): KeptReply | undefined {
  recollection.reply = keptReply(reply);
  return recollection.reply;
}

function aboutOf({ calls, multi }: Message): About {
  const [call] = calls;
  const operations = multi ? calls.length : undefined;
  if (call === undefined) return { operations, operation: undefined, namespace: undefined, className: undefined };
  const { name, namespace } = askedOf(call);
  if (multi) return { operations, operation: 'MULTIREQ', namespace, className: undefined };
  return { operations, operation: name, namespace, className: call instanceof CallError ? undefined : classOf(call) };
}
