import type { Call, Result } from '../../src/cim/operation.js';
import { type InstancePath, instancePath } from '../../src/cim/path.js';
import type { Principal } from '../../src/cim/principal.js';
import { Admission } from '../../src/http/admission.js';
import { createApp, type Status } from '../../src/http/app.js';
import { type AuthenticatorOptions, createAuthenticator } from '../../src/http/authentication.js';
import { type Bound, createListener, type Listener, type ListenerOptions } from '../../src/http/listener.js';
import { createMetrics, type Metrics } from '../../src/http/metrics.js';
import {
  createOperationHandler,
  type OperationHandler,
  type OperationHandlerOptions,
} from '../../src/http/operation-handler.js';
import { assertAnswer } from '../dtd.js';
import { createLog, type Logged } from '../log-lines.js';

/** What the stage's operations do, by the name of the call; by itself it answers names and echoes methods. */
export type Act = (call: Call, principal: Principal) => Promise<Result> | Result;

export interface StageOptions extends Partial<Omit<OperationHandlerOptions, 'executor' | 'authenticator'>> {
  readonly act?: Act;
  readonly logins?: AuthenticatorOptions['logins'];
  readonly authentication?: Partial<AuthenticatorOptions>;
  readonly listener?: Partial<ListenerOptions>;
  readonly status?: () => Status;
}

/** The HTTP layer with stand-ins for the pool and the operations. */
export interface Stage {
  readonly operations: OperationHandler;
  readonly app: ReturnType<typeof createApp>;
  readonly metrics: Metrics;
  readonly listener: Listener;
  readonly bound: readonly Bound[];
  readonly port: number;
  readonly log: Logged[];
  /** User names of the logins that the pool was asked about, and the calls that were carried out. */
  readonly asked: string[];
  readonly done: Call[];
  close(): Promise<void>;
}

export const reader: Principal = { name: 'reader', role: 'read-only', origin: 'pool' };

const knownNames = ['EnumerateInstanceNames', 'GetInstance', 'EnumerateInstances', 'Xen_ComputerSystem'];
const spelling = (name: string): string | undefined =>
  knownNames.find((known) => known.toLowerCase() === name.toLowerCase());

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { log, lines } = createLog();
  const asked: string[] = [];
  const done: Call[] = [];
  const pool =
    options.logins ?? (async (user, password) => (password === 'secret' ? { ...reader, name: user } : undefined));
  const logins: AuthenticatorOptions['logins'] = (user, password) => {
    asked.push(user);
    return pool(user, password);
  };
  const admission = options.admission ?? new Admission();
  const metrics = options.metrics ?? createMetrics({ operation: spelling, className: spelling, process: false });
  const act = options.act ?? answerNames;
  const execute: Act = (call, principal) => {
    done.push(call);
    return act(call, principal);
  };
  const authenticator = createAuthenticator({ logins, ...options.authentication });
  const operations = createOperationHandler({
    log,
    gzip: 'never',
    ...options,
    admission,
    metrics,
    authenticator,
    executor: { execute },
  });
  const status = options.status ?? (() => ({ ready: true, poolReachable: true, cacheAge: 1 }));
  const app = createApp({ operations, metrics, status, log, version: '0.0.0' });
  const http = { host: '127.0.0.1', port: 0 };
  const listener = createListener({ operations, app, metrics, log, http, ...options.listener });
  const bound = await listener.start();
  return {
    operations,
    app,
    metrics,
    listener,
    bound,
    port: bound[0]!.port,
    log: lines,
    asked,
    done,
    close: () => listener.stop(0),
  };
}

export const pathOf = (index: number): InstancePath =>
  instancePath('Xen_ComputerSystem', [
    { name: 'CreationClassName', type: 'string', value: 'Xen_ComputerSystem' },
    { name: 'Name', type: 'string', value: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` },
  ]);

export function* paths(count: number): Generator<InstancePath> {
  for (let index = 0; index < count; index++) yield pathOf(index);
}

const answerNames: Act = (call) =>
  call.kind === 'extrinsic'
    ? { kind: 'method', returned: { type: 'uint32', value: 0 }, output: [] }
    : { kind: 'instanceNames', items: paths(3) };

/** An act that ends when told to. */
export function held(): { act: () => Promise<Result>; release: () => void } {
  let release: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { act: () => done.then(() => ({ kind: 'instanceNames', items: paths(1) })), release: () => release() };
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;

/** What `fetch` gives, once its body was held against the DTD; `fetch` has unpacked it. */
export async function fetchAnswer(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const body = Buffer.from(await response.clone().arrayBuffer());
  const type = response.headers.get('content-type') ?? '';
  assertAnswer({ status: response.status, headers: { 'content-type': type }, body });
  return response;
}

export interface Asking {
  readonly name?: string;
  readonly namespace?: string;
  readonly className?: string;
  readonly id?: string;
  readonly protocol?: string;
}

const namespaceXml = (namespace: string): string =>
  `<LOCALNAMESPACEPATH>${namespace
    .split('/')
    .map((part) => `<NAMESPACE NAME="${part}"/>`)
    .join('')}</LOCALNAMESPACEPATH>`;

const prolog = '<?xml version="1.0" encoding="utf-8" ?>\n';

export const messageXml = (content: string, id = '1001', protocol = '1.0'): string =>
  `${prolog}<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="${id}" PROTOCOLVERSION="${protocol}">${content}</MESSAGE></CIM>`;

export const simpleXml = ({ name, namespace, className }: Asking = {}): string =>
  `<SIMPLEREQ><IMETHODCALL NAME="${name ?? 'EnumerateInstanceNames'}">${namespaceXml(namespace ?? 'root/cimv2')}<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="${className ?? 'Xen_ComputerSystem'}"/></IPARAMVALUE></IMETHODCALL></SIMPLEREQ>`;

/** The body of an intrinsic operation, as pywbem writes it. */
export const requestXml = (asking: Asking = {}): string => messageXml(simpleXml(asking), asking.id, asking.protocol);

/** The body of a method call on the system with this Name. */
export const methodXml = (name: string, key: string): string =>
  messageXml(
    `<SIMPLEREQ><METHODCALL NAME="${name}"><LOCALINSTANCEPATH>${namespaceXml('root/cimv2')}<INSTANCENAME CLASSNAME="Xen_ComputerSystem"><KEYBINDING NAME="CreationClassName"><KEYVALUE VALUETYPE="string">Xen_ComputerSystem</KEYVALUE></KEYBINDING><KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string">${key}</KEYVALUE></KEYBINDING></INSTANCENAME></LOCALINSTANCEPATH></METHODCALL></SIMPLEREQ>`,
  );

/** The header fields that pywbem sends, with changes: undefined leaves one out. */
export function fieldsOf(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const all: Record<string, string | undefined> = {
    'Content-Type': 'application/xml; charset="utf-8"',
    CIMOperation: 'MethodCall',
    CIMMethod: 'EnumerateInstanceNames',
    CIMObject: 'root/cimv2',
    Authorization: basic('reader', 'secret'),
    ...changes,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** A whole request as text for a raw socket; the length is the body's own unless the changes give another. */
export function rawRequest(
  body: string,
  changes: Readonly<Record<string, string | undefined>> = {},
  start = 'POST /cimom HTTP/1.1',
): string {
  const headers = fieldsOf({ Host: 'bridge.example', 'Content-Length': String(Buffer.byteLength(body)), ...changes });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${start}\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
