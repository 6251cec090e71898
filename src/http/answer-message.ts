import type { IncomingMessage, ServerResponse } from 'node:http';
import { CimError } from '../cim/error.js';
import type { Principal } from '../cim/principal.js';
import type { EncodedCache } from '../cimxml/encoded-cache.js';
import type { Message } from '../cimxml/message.js';
import {
  type EncodeOptions,
  encodeKeptResponse,
  encodeMultiResponse,
  encodeResponse,
  isKept,
  newTally,
  type Reply,
  type Tally,
} from '../cimxml/response.js';
import { type AnswerOptions, sendAnswer, sendMade } from './answer.js';
import { answerHost } from './answer-host.js';
import { execute, executeAll } from './execution.js';
import type { Executor } from './executor.js';
import type { GzipPolicy } from './gzip.js';
import type { AnswerEnd } from './pump.js';
import type { ReplyMemory } from './reply-memory.js';
import { noteReturn, type RequestRecord } from './request-record.js';
import type { Turnstile } from './turnstile.js';

/** What answers are made with. */
export interface AnswerMeans {
  readonly executor: Executor;
  readonly turnstile: Turnstile;
  readonly replies: ReplyMemory;
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
  readonly message: Message;
  readonly principal: Principal;
  readonly encoding: EncodeOptions & { readonly tally: Tally };
  readonly sending: AnswerOptions;
}

/** Carries out what the message asks, sends what comes of it, and notes how that ended. */
export async function answerMessage(
  means: AnswerMeans,
  exchange: Exchange,
  message: Message,
  principal: Principal,
): Promise<void> {
  const { request, record, prefix } = exchange;
  const { gzip, stall, cache, turnstile } = means;
  const tally = newTally();
  const encoding = { host: answerHost(request), tally, cache };
  const turn = () => turnstile.pass(principal.name);
  const sending: AnswerOptions = { gzip, stall, turn, prefix, started: record.started };
  const answering: Answering = { exchange, means, message, principal, encoding, sending };
  const end = await (message.multi ? answerSeveral(answering) : answerOne(answering));
  record.instances = tally.instances;
  record.bytes = tally.bytes;
  record.outcome = outcomes[end.kind](tally.error);
  record.reason = end.kind === 'broken' ? end.reason : tally.error;
}

async function answerOne(answering: Answering): Promise<AnswerEnd> {
  const { message, principal, encoding, sending, means } = answering;
  const { request, response } = answering.exchange;
  const call = message.calls[0]!;
  const reply = means.replies.recall(call) ?? (await execute(call, noting(answering), principal));
  means.replies.keep(call, reply);
  const made = kept(message.id, reply, encoding);
  if (made !== undefined) return sendMade(request, response, made, sending);
  const instead = (reason: unknown): Generator<Buffer> => {
    Object.assign(encoding.tally, newTally());
    return encodeResponse(message.id, [{ ...reply, result: CimError.from(reason) }], encoding);
  };
  return sendAnswer(request, response, encodeResponse(message.id, [reply], encoding), instead, sending);
}

function answerSeveral(answering: Answering): Promise<AnswerEnd> {
  const { message, principal, encoding, sending } = answering;
  const { request, response } = answering.exchange;
  const replies = executeAll(message, noting(answering), principal, sending.turn, () => response.destroyed);
  const chunks = encodeMultiResponse(message.id, replies, encoding);
  return sendAnswer(request, response, chunks, () => undefined, sending);
}

const noting = ({ means: { executor }, exchange: { record } }: Answering): Executor => ({
  execute: async (call, caller) => {
    const result = await executor.execute(call, caller);
    noteReturn(result, record);
    return result;
  },
});

/** The answer with an instance of which the encoding is kept; undefined for any other, and where it cannot be made. */
function kept(id: string, reply: Reply, encoding: EncodeOptions): string | undefined {
  if (!isKept(reply)) return undefined;
  try {
    return encodeKeptResponse(id, reply, encoding);
  } catch {
    return undefined;
  }
}

const outcomes: { readonly [K in AnswerEnd['kind']]: (error: CimError | undefined) => RequestRecord['outcome'] } = {
  complete: (error) => error?.status ?? 'OK',
  gone: () => 'gone',
  broken: () => 'broken',
};
