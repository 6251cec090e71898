import type { IncomingMessage, ServerResponse } from 'node:http';
import { CimError } from '../cim/error.js';
import type { Principal } from '../cim/principal.js';
import type { EncodedCache } from '../cimxml/encoded-cache.js';
import { encodeKeptResponse, type KeptReply } from '../cimxml/kept-response.js';
import type { Received } from '../cimxml/request-cache.js';
import { type EncodeOptions, encodeMultiResponse, encodeResponse, newTally, type Tally } from '../cimxml/response.js';
import { type AnswerOptions, sendAnswer, sendMade } from './answer.js';
import { answerHost } from './answer-host.js';
import { execute, executeAll } from './execution.js';
import type { Executor } from './executor.js';
import type { GzipPolicy } from './gzip.js';
import type { AnswerEnd, Made } from './pump.js';
import { keep, type Recollection, recall } from './recollection.js';
import { noteReturn, type RequestRecord } from './request-record.js';
import type { Turnstile } from './turnstile.js';

/** What answers are made with. */
export interface AnswerMeans {
  readonly executor: Executor;
  readonly turnstile: Turnstile;
  /** Where what is encoded is kept, if anywhere. */
  readonly cache?: EncodedCache | undefined;
  readonly gzip: GzipPolicy;
  readonly stall: number;
}

/** One request with its response, and what is noted of them. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  /** The prefix that an M-POST gave the CIM headers; undefined for a POST. */
  readonly prefix: string | undefined;
}

interface Answering {
  readonly exchange: Exchange;
  readonly means: AnswerMeans;
  readonly received: Received<Recollection>;
  readonly principal: Principal;
  readonly encoding: EncodeOptions & { readonly tally: Tally };
  readonly sending: AnswerOptions;
}

/**
 * Carries out what the message asks, sends what comes of it, and notes how that ended. What is remembered is answered at
 * once, and mostly nothing has to be waited for then.
 */
export function answerMessage(
  means: AnswerMeans,
  exchange: Exchange,
  received: Received<Recollection>,
  principal: Principal,
): Promise<void> | undefined {
  const known = recall(received.content);
  if (known === undefined) return answerAny(means, exchange, received, principal);
  const tally = newTally();
  const end = sendKept(means, exchange, received.id, known, tally);
  if (end === undefined) return answerAny(means, exchange, received, principal);
  if (end instanceof Promise) return end.then((came) => conclude(exchange, tally, came));
  conclude(exchange, tally, end);
  return undefined;
}

/** Sends an instance of which the encoding is kept; undefined where it cannot be made. */
function sendKept(
  { cache, gzip, stall }: AnswerMeans,
  { request, response, prefix, record: { started } }: Exchange,
  id: string,
  reply: KeptReply,
  tally: Tally,
): AnswerEnd | Promise<AnswerEnd> | undefined {
  let octets: string;
  try {
    octets = encodeKeptResponse(id, reply, cache, tally);
  } catch {
    return undefined;
  }
  return sendMade(request, response, octets, { gzip, stall, prefix, started });
}

function conclude({ record }: Exchange, tally: Tally, end: AnswerEnd): void {
  record.instances = tally.instances;
  record.bytes = tally.bytes;
  record.outcome = outcomes[end.kind](tally.error);
  record.reason = end.kind === 'broken' ? end.reason : tally.error;
}

async function answerAny(
  means: AnswerMeans,
  exchange: Exchange,
  received: Received<Recollection>,
  principal: Principal,
): Promise<void> {
  const { gzip, stall, cache, turnstile } = means;
  const { request, record, prefix } = exchange;
  const tally = newTally();
  const encoding = { host: answerHost(request), tally, cache };
  const turn = () => turnstile.pass(principal.name);
  const sending: AnswerOptions = { gzip, stall, turn, prefix, started: record.started };
  const answering: Answering = { exchange, means, received, principal, encoding, sending };
  const end = await (received.content.message.multi ? answerSeveral(answering) : answerOne(answering));
  conclude(exchange, tally, end);
}

async function answerOne(answering: Answering): Promise<AnswerEnd> {
  const { received, principal, encoding, sending, means } = answering;
  const { request, response } = answering.exchange;
  const { id, content } = received;
  const call = content.message.calls[0]!;
  const reply = await execute(call, noting(answering), principal);
  const kept = keep(content, reply);
  const sent = kept && sendKept(means, answering.exchange, id, kept, encoding.tally);
  if (sent !== undefined) return sent;
  const instead = (reason: unknown): Made => {
    Object.assign(encoding.tally, newTally());
    return encodeResponse(id, [{ ...reply, result: CimError.from(reason) }], encoding);
  };
  return lending(means, () => sendAnswer(request, response, encodeResponse(id, [reply], encoding), instead, sending));
}

function answerSeveral(answering: Answering): Promise<AnswerEnd> {
  const { received, principal, encoding, sending, means } = answering;
  const { request, response } = answering.exchange;
  const replies = executeAll(
    received.content.message,
    noting(answering),
    principal,
    sending.turn,
    () => response.destroyed,
  );
  const chunks = encodeMultiResponse(received.id, replies, encoding);
  return lending(means, () => sendAnswer(request, response, chunks, () => undefined, sending));
}

/** What is kept is not written over until the answer has left. */
async function lending({ cache }: AnswerMeans, send: () => Promise<AnswerEnd>): Promise<AnswerEnd> {
  const reader = cache?.enter();
  try {
    return await send();
  } finally {
    if (reader !== undefined) cache?.leave(reader);
  }
}

const noting = ({ means: { executor }, exchange: { record } }: Answering): Executor => ({
  execute: async (call, caller) => {
    const result = await executor.execute(call, caller);
    noteReturn(result, record);
    return result;
  },
});

const outcomes: { readonly [K in AnswerEnd['kind']]: (error: CimError | undefined) => RequestRecord['outcome'] } = {
  complete: (error) => error?.status ?? 'OK',
  gone: () => 'gone',
  broken: () => 'broken',
};
