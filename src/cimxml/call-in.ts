import { CimError } from '../cim/error.js';
import { NameMap } from '../cim/name.js';
import type { Call, CallParameter } from '../cim/operation.js';
import type { DecodeLimits } from './limit.js';
import { type Asked, CallError } from './message.js';
import { type Node, wrongChild } from './node.js';
import { readParameter } from './parameter-in.js';
import { readNamespace, readPath } from './path-in.js';
import { quoted, RequestRefusal } from './refusal.js';

const notValid = (message: string): RequestRefusal => new RequestRefusal('request-not-valid', message);

function nameOf(node: Node): string {
  const name = node.attributes['NAME'];
  if (name) return name;
  throw notValid(`${node.name} needs a NAME, and has none`);
}

/** All parameters are gone through before a faulty value is spoken of: a message with one of them twice is no message. */
function readParameters(call: Node, element: string, limits: DecodeLimits): NameMap<CallParameter> {
  const parameters = new NameMap<CallParameter | undefined>();
  let firstFault: CimError | undefined;
  for (let index = 1; index < call.children.length; index++) {
    const child = call.children[index]!;
    if (child.name !== element) throw notValid(wrongChild(call, child, element));
    const name = nameOf(child);
    if (parameters.has(name)) throw notValid(`parameter ${quoted(name)} of ${quoted(nameOf(call))} comes twice`);
    const parameter = readParameter(child, name, limits);
    if (parameter instanceof CimError) firstFault ??= parameter;
    parameters.set(name, parameter instanceof CimError ? undefined : parameter);
  }
  if (firstFault) throw firstFault;
  return parameters as NameMap<CallParameter>;
}

function firstChild(node: Node, names: readonly string[]): Node {
  const [child] = node.children;
  if (!child || !names.includes(child.name)) throw notValid(wrongChild(node, child, names.join(' or ')));
  return child;
}

function readIntrinsic(node: Node, limits: DecodeLimits): Call {
  let asked: Asked = { kind: 'intrinsic', name: nameOf(node), namespace: '' };
  const space = firstChild(node, ['LOCALNAMESPACEPATH']);
  try {
    const namespace = readNamespace(space);
    asked = { kind: 'intrinsic', name: asked.name, namespace };
    return { kind: 'intrinsic', name: asked.name, namespace, parameters: readParameters(node, 'IPARAMVALUE', limits) };
  } catch (reason) {
    throw reason instanceof CimError ? new CallError(asked, reason) : reason;
  }
}

function readExtrinsic(node: Node, limits: DecodeLimits): Call {
  let asked: Asked = { kind: 'extrinsic', name: nameOf(node), namespace: '' };
  const path = firstChild(node, ['LOCALINSTANCEPATH', 'LOCALCLASSPATH']);
  try {
    const target = readPath(path);
    asked = { ...asked, namespace: target.namespace ?? '', target };
    return { ...asked, kind: 'extrinsic', target, parameters: readParameters(node, 'PARAMVALUE', limits) };
  } catch (reason) {
    throw reason instanceof CimError ? new CallError(asked, reason) : reason;
  }
}

const readers: ReadonlyMap<string, (node: Node, limits: DecodeLimits) => Call> = new Map([
  ['IMETHODCALL', readIntrinsic],
  ['METHODCALL', readExtrinsic],
]);

/** The call in a SIMPLEREQ; CORRELATORs before it are passed over (DSP0201 5.2.5.1). */
export function readCall(request: Node, limits: DecodeLimits): Call | CallError {
  const calls = request.children.filter(({ name }) => name !== 'CORRELATOR');
  const [call, second] = calls;
  const read = call && readers.get(call.name);
  if (!read || second) throw notValid(wrongChild(request, second ?? call, 'one METHODCALL or IMETHODCALL'));
  try {
    return read(call, limits);
  } catch (reason) {
    if (reason instanceof CallError) return reason;
    throw reason;
  }
}
