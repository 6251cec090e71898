import { readCall } from './call-in.js';
import { type DecodeLimits, defaultLimits } from './limit.js';
import type { Message } from './message.js';
import { type Node, readTree, wrongChild } from './node.js';
import { quoted, RequestRefusal } from './refusal.js';
import { decodeText } from './text-in.js';
import { version } from './version.js';

const notValid = (message: string): RequestRefusal => new RequestRefusal('request-not-valid', message);

function attribute(node: Node, name: string): string {
  const value = node.attributes[name];
  if (value !== undefined) return value;
  throw notValid(`${node.name} needs the attribute ${name}, and has none`);
}

/** The version that an element says it is in; only the number before the point decides (DSP0200 7.3). */
function readVersion(node: Node, { attribute: name, prefix, refusal }: (typeof version)[keyof typeof version]): string {
  const value = attribute(node, name);
  if (value.startsWith(prefix) && /^\d+(\.\d+)*$/.test(value)) return value;
  throw new RequestRefusal(refusal, `${name} has to be ${prefix}x, and is ${quoted(value)}`);
}

function onlyChild(node: Node, wanted: string): Node {
  const [child, second] = node.children;
  if (!child || second) throw notValid(wrongChild(node, second ?? child, wanted));
  return child;
}

type Calls = Pick<Message, 'calls' | 'multi'>;

function readSimple(node: Node, limits: DecodeLimits): Calls {
  return { multi: false, calls: [readCall(node, limits)] };
}

function readMulti(node: Node, limits: DecodeLimits): Calls {
  const { children } = node;
  if (children.length < 2) throw notValid(`MULTIREQ has to hold two SIMPLEREQ or more, and holds ${children.length}`);
  for (const child of children) if (child.name !== 'SIMPLEREQ') throw notValid(wrongChild(node, child, 'SIMPLEREQ'));
  return { multi: true, calls: children.map((child) => readCall(child, limits)) };
}

function refuseExport(node: Node): never {
  const method = node.children.find(({ name }) => name === 'EXPMETHODCALL')?.attributes['NAME'] ?? 'no method';
  throw new RequestRefusal('unsupported-operation', `this is a server, no listener: it takes no export (${method})`);
}

function refuseExports(): never {
  throw new RequestRefusal('multiple-requests-unsupported', 'several exports in one message are not supported');
}

const readers: ReadonlyMap<string, (node: Node, limits: DecodeLimits) => Calls> = new Map([
  ['SIMPLEREQ', readSimple],
  ['MULTIREQ', readMulti],
  ['SIMPLEEXPREQ', refuseExport],
  ['MULTIEXPREQ', refuseExports],
]);

function checkSize(body: Uint8Array | string, { size }: DecodeLimits): void {
  if (body.length <= size) return;
  throw new RequestRefusal('request-not-valid', `the request is ${body.length} long; at most ${size} are taken`, 413);
}

/**
 * A request message read from the body of an HTTP request: CIM with a MESSAGE of SIMPLEREQ or MULTIREQ. What is no such
 * message is a RequestRefusal; what is wrong within the values of one call is a CallError in its place. DSP0200 7.3.
 */
export function decodeRequest(body: Uint8Array | string, limits: DecodeLimits = defaultLimits): Message {
  checkSize(body, limits);
  const root = readTree(decodeText(body), limits);
  if (root.name !== 'CIM') throw notValid(`the root element is ${quoted(root.name)}, where CIM belongs`);
  const cimVersion = readVersion(root, version.cim);
  const dtdVersion = readVersion(root, version.dtd);
  const message = onlyChild(root, 'one MESSAGE');
  if (message.name !== 'MESSAGE') throw notValid(wrongChild(root, message, 'MESSAGE'));
  const protocolVersion = readVersion(message, version.protocol);
  const id = attribute(message, 'ID');
  const request = onlyChild(message, 'one SIMPLEREQ or MULTIREQ');
  const read = readers.get(request.name);
  if (!read) throw notValid(wrongChild(message, request, 'SIMPLEREQ or MULTIREQ'));
  const { calls, multi } = read(request, limits);
  return { id, cimVersion, dtdVersion, protocolVersion, multi, calls };
}
