import xmlrpc from 'xmlrpc';
import { serializeMethodCall } from 'xmlrpc/lib/serializer.js';
import { XenApiError } from './error.js';
import { type Answer, type CallValue, failure, intText, type Protocol } from './protocol.js';
import { NameEscaper } from './xml-name.js';
import { XmlValueReader } from './xml-value.js';

/** A text that is escaped character by character: left to itself, the package writes CDATA sections. */
class XmlText extends xmlrpc.CustomType {
  override tagName = 'string';
}

/** XenAPI writes and takes an int as text, so that all of its 64 bits pass. Floats that are whole pass as int. */
function prepared(value: CallValue): unknown {
  if (typeof value === 'string') return new XmlText(value);
  if (typeof value === 'bigint') return new XmlText(intText(value));
  if (Array.isArray(value)) return value.map(prepared);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, prepared(member)]));
}

function encode(method: string, params: readonly CallValue[]): string {
  const values = params.map(prepared);
  try {
    return serializeMethodCall(method, values);
  } catch (cause) {
    const reason = 'a text holds a character that XML cannot carry';
    throw new XenApiError('INVALID_VALUE', [method, reason], { cause });
  }
}

interface Struct {
  readonly Status?: unknown;
  readonly Value?: unknown;
  readonly ErrorDescription?: unknown;
  readonly faultString?: unknown;
}

function answerOf(value: unknown, isFault: boolean): Answer {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { kind: 'value', value };
  const struct = value as Struct;
  if (isFault) return failure(['Fault', struct.faultString]);
  if (struct.Status === 'Success') return { kind: 'value', value: struct.Value };
  if (struct.Status === 'Failure')
    return failure(Array.isArray(struct.ErrorDescription) ? struct.ErrorDescription : []);
  return { kind: 'value', value };
}

/** Reads while it arrives: no more than one piece of a big answer is parsed at a time. */
async function decode(body: AsyncIterable<Uint8Array>): Promise<Answer> {
  const reader = new XmlValueReader();
  const names = new NameEscaper();
  const decoder = new TextDecoder();
  for await (const chunk of body) reader.write(names.write(decoder.decode(chunk, { stream: true })));
  reader.write(names.write(decoder.decode()) + names.end());
  const { value, isFault } = reader.end();
  return answerOf(value, isFault);
}

/** XML-RPC, for hosts that have no JSON-RPC: written by the `xmlrpc` package, read by our own reader (decisions.md 3). */
export const xmlRpc: Protocol = {
  name: 'xml-rpc',
  path: '/RPC2',
  contentType: 'text/xml',
  accepts: (contentType) => contentType === 'text/xml' || contentType === 'application/xml',
  encode,
  decode,
};
