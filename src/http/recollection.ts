import { type KeptReply, keptReply } from '../cimxml/kept-response.js';
import { askedOf, CallError, type Message } from '../cimxml/message.js';
import type { Reply } from '../cimxml/response.js';
import type { ExtensionHeaders } from './extension-header.js';
import { classOf, type RequestRecord } from './request-record.js';

/** What the calls of a message are about, for the log and the metrics. */
export type About = Pick<RequestRecord, 'operations' | 'operation' | 'namespace' | 'className'>;

/** A message, and what is known of its calls where it comes again. */
export interface Recollection {
  readonly message: Message;
  readonly about: About;
  /** The CIM fields of a head that agreed with it. */
  headers: ExtensionHeaders | undefined;
  /** The reply, where it is an instance of which the encoding is kept. */
  reply: KeptReply | undefined;
}

/** Tells what is known of messages that come for the first time; those about the same, one after the other, share it. */
export function recollector(): (message: Message) => Recollection {
  let last: About | undefined;
  return (message) => {
    const about = aboutOf(message);
    if (last === undefined || !isAlike(last, about)) last = about;
    return { message, about: last, headers: undefined, reply: undefined };
  };
}

const isAlike = (a: About, b: About): boolean =>
  a.operations === b.operations &&
  a.operation === b.operation &&
  a.namespace === b.namespace &&
  a.className === b.className;

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
