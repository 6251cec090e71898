import { isAscii } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { JsonAnswerReader } from './json-answer.js';
import {
  type Answer,
  type CallValue,
  failure,
  intText,
  MalformedAnswer,
  type Protocol,
  type TakePart,
} from './protocol.js';

/** JSON of a call value; an int is written in decimal, which JSON.stringify refuses to do for bigint. */
function encodeValue(value: CallValue): string {
  if (typeof value === 'bigint') return intText(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(',')}]`;
  const members = Object.entries(value as { readonly [key: string]: CallValue });
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${encodeValue(member)}`).join(',')}}`;
}

let lastId = 0;

function encode(method: string, params: readonly CallValue[]): string {
  lastId = (lastId + 1) % 1_000_000_000;
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":${encodeValue(params)},"id":${lastId}}`;
}

interface Envelope {
  readonly result?: unknown;
  /** Version 2: code, message and data; version 1: an array, or null when there is none. */
  readonly error?: { readonly message?: unknown; readonly data?: unknown } | readonly unknown[] | null;
}

function answerOf(envelope: Envelope): Answer {
  const { error } = envelope;
  if (Array.isArray(error)) return failure(error);
  if (error !== undefined && error !== null) {
    const { message, data } = error as { readonly message?: unknown; readonly data?: unknown };
    return failure([message, ...(Array.isArray(data) ? data : [])]);
  }
  if (!('result' in envelope)) throw new MalformedAnswer('a JSON-RPC answer has neither result nor error');
  return { kind: 'value', value: envelope.result };
}

/** The answer of either version that a reader has read to its end. */
function answerIn(reader: JsonAnswerReader): Answer {
  let envelope: unknown;
  try {
    envelope = reader.end();
  } catch (cause) {
    throw new MalformedAnswer('the answer is not JSON', { cause });
  }
  if (typeof envelope !== 'object' || envelope === null) throw new MalformedAnswer('the answer is no JSON-RPC object');
  return answerOf(envelope as Envelope);
}

/** Chunks of UTF-8 as texts. A chunk of ASCII is the same text as Latin 1, which is made faster. */
export async function* textsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let whole = true;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const plain: boolean = whole && isAscii(bytes);
    yield plain ? bytes.toString('latin1') : decoder.write(bytes);
    whole = plain || isWhole(bytes);
  }
  yield decoder.end();
}

/** Whether the last character of the bytes surely ends with them. */
const isWhole = (bytes: Buffer): boolean => bytes.length > 0 && bytes[bytes.length - 1]! < 0x80;

/** Reads while it arrives, and gives way to other work after each piece of a large answer. */
async function decode(body: AsyncIterable<Uint8Array>, take?: TakePart): Promise<Answer> {
  const reader = new JsonAnswerReader();
  for await (const text of textsOf(body)) {
    if (!reader.write(text)) continue;
    if (take) for (const part of reader.taken()) await take(part);
    await nextTurn();
  }
  return answerIn(reader);
}

/** JSON-RPC 2.0 as XenAPI speaks it on `/jsonrpc`; answers of version 1 are understood. */
export const jsonRpc: Protocol = {
  name: 'json-rpc',
  path: '/jsonrpc',
  contentType: 'application/json',
  accepts: (contentType) => contentType === 'application/json',
  encode,
  decode,
};
