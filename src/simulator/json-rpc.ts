import { isUtf8 } from 'node:buffer';
import type { Ref } from '../xenapi/records.js';
import { type Answer, dispatch } from './dispatcher.js';
import { jsonEncoder, jsonText } from './encode-json.js';
import { XenApiFailure } from './failure.js';
import type { World } from './world.js';

/** A body that is no RPC at all: HTTP 500 and a close (facts 1.1). */
export class MalformedRpc extends Error {}

interface RpcCall {
  readonly second: boolean;
  readonly id: string | number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A number too long to be held exactly becomes text, which an int argument may be as well. */
const longNumbers = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

function parse(body: string): unknown {
  try {
    return JSON.parse(body.replace(longNumbers, (text) => (text.startsWith('"') ? text : `"${text}"`)));
  } catch (error) {
    throw new MalformedRpc(`The body is no JSON: ${(error as Error).message}`);
  }
}

/** By-name parameters are one struct argument; version 2 may leave them out (facts 1.3). */
function paramsOf(params: unknown, second: boolean): readonly unknown[] {
  if (Array.isArray(params)) return params;
  if (params === null || params === undefined) {
    if (second) return [];
  } else if (typeof params === 'object') return [params];
  throw new MalformedRpc(`wanted an array as "params", got ${params === undefined ? 'none' : JSON.stringify(params)}`);
}

function read(body: string): RpcCall {
  const call = parse(body);
  if (call === null || typeof call !== 'object' || Array.isArray(call))
    throw new MalformedRpc('wanted one object, got something else');
  const { jsonrpc, id, method, params } = call as Readonly<Record<string, unknown>>;
  const isId = typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id));
  if (!isId)
    throw new MalformedRpc(
      `wanted an integer or a string as "id", got ${id === undefined ? 'none' : JSON.stringify(id)}`,
    );
  if (typeof method !== 'string') throw new MalformedRpc('wanted a string as "method"');
  if (jsonrpc !== undefined && jsonrpc !== '2.0') throw new MalformedRpc('wanted "2.0" as "jsonrpc", or none');
  return { second: jsonrpc === '2.0', id, method, params: paramsOf(params, jsonrpc === '2.0') };
}

/** The four shapes of an answer (facts 1.3); the error code is always 1. */
function write({ second, id }: RpcCall, answer: Answer): string {
  const to = typeof id === 'string' ? jsonText(id) : String(id);
  if (answer.kind === 'value') {
    const result = jsonEncoder(answer.type)(answer.value);
    return second ? `{"jsonrpc":"2.0","result":${result},"id":${to}}` : `{"result":${result},"error":null,"id":${to}}`;
  }
  const { code, params } = answer.failure;
  if (!second) return `{"result":null,"error":[${[code, ...params].map(jsonText).join(',')}],"id":${to}}`;
  const data = `[${params.map(jsonText).join(',')}]`;
  return `{"jsonrpc":"2.0","error":{"code":1,"message":${jsonText(code)},"data":${data}},"id":${to}}`;
}

/** Answers a JSON-RPC body, version 1 or 2; calls `told` with the method's name. Throws MalformedRpc. */
export async function answerJson(
  world: World,
  host: Ref<'host'>,
  body: Buffer,
  told: (name: string) => void,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const text = body.toString('utf8');
  const call = read(text);
  told(call.method);
  if (!isUtf8(body)) {
    const failure = new XenApiFailure('INVALID_VALUE', 'Invalid UTF-8 string in parameter', text.slice(0, 80));
    return write(call, { kind: 'failure', failure });
  }
  return write(call, await dispatch(world, { host, name: call.method, params: call.params, labels }));
}
