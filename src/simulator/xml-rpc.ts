import { isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import type { Ref } from '../xenapi/records.js';
import { type Answer, dispatch } from './dispatcher.js';
import { xmlArray, xmlEncoder, xmlString } from './encode-xml.js';
import { XenApiFailure } from './failure.js';
import { MalformedRpc } from './json-rpc.js';
import type { World } from './world.js';

interface Deserializer {
  deserializeMethodCall(stream: Readable, done: (error: Error | null, method: string, params: unknown[]) => void): void;
}

const deserializer = createRequire(import.meta.url)('xmlrpc/lib/deserializer.js') as new () => Deserializer;

/** Reads a methodCall with the xmlrpc package: whitespace between tags, all scalar elements and bare text (facts 1.2). */
export function readCall(text: string): Promise<{ method: string; params: unknown[] }> {
  return new Promise((resolve, reject) => {
    new deserializer().deserializeMethodCall(Readable.from([text]), (error, method, params) => {
      if (error) reject(new MalformedRpc(`The body is no XML-RPC call: ${error.message}`));
      else resolve({ method: method.trim(), params });
    });
  });
}

const member = (name: string, value: string): string => `<member><name>${name}</name>${value}</member>`;

/** One struct with Status; never a fault (facts 1.1, 1.2). */
function content(answer: Answer): string {
  if (answer.kind === 'failure') {
    const { code, params } = answer.failure;
    const description = xmlArray([code, ...params].map(xmlString));
    return `<value><struct>${member('Status', xmlString('Failure'))}${member('ErrorDescription', description)}</struct></value>`;
  }
  const value = xmlEncoder(answer.type)(answer.value);
  if (answer.bare === true) return value;
  return `<value><struct>${member('Status', xmlString('Success'))}${member('Value', value)}</struct></value>`;
}

const write = (answer: Answer): string =>
  `<?xml version="1.0"?><methodResponse><params><param>${content(answer)}</param></params></methodResponse>`;

/** Answers an XML-RPC body; calls `told` with the method's name. Rejects with MalformedRpc. */
export async function answerXml(
  world: World,
  host: Ref<'host'>,
  body: Buffer,
  told: (name: string) => void,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const text = body.toString('utf8');
  const { method, params } = await readCall(text);
  told(method);
  if (!isUtf8(body)) {
    const failure = new XenApiFailure('INVALID_VALUE', 'Invalid UTF-8 string in parameter', text.slice(0, 80));
    return write({ kind: 'failure', failure });
  }
  return write(await dispatch(world, { host, name: method, params, labels }));
}
