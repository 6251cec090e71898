import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Ref } from '../xenapi/records.js';
import { LostAnswer } from './fault.js';
import { answerJson, MalformedRpc } from './json-rpc.js';
import type { World } from './world.js';
import { answerXml } from './xml-rpc.js';

/** Bytes that an RPC body may have (facts 1.1). */
const bodyLimit = 307_200;

/** One request, and the host that was asked. */
export interface Exchange {
  readonly world: World;
  readonly host: Ref<'host'>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

type PathHandler = (exchange: Exchange) => void | Promise<void>;

/** What a host tells those who run it, outside the XenAPI. */
export interface HttpHooks {
  /** Every call by its name, before it is looked at. */
  readonly called: (name: string) => void;
  /** Whether connections are cut instead of answered. */
  readonly cut: () => boolean;
  /** Paths of GET beside the pool's own, and of the control endpoint where it is enabled. */
  readonly get: Readonly<Record<string, PathHandler>>;
  readonly post: Readonly<Record<string, PathHandler>>;
  readonly put: Readonly<Record<string, PathHandler>>;
}

/** An answer of the web server itself: HTML, and the connection is closed. */
export function page(response: ServerResponse, status: number, title: string, text: string): void {
  const body = `<html><body><h1>${title}</h1><p>${text}</p></body></html>`;
  response.writeHead(status, {
    'content-type': 'text/html',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  response.end(body);
}

const escaped = (text: string): string => text.replace(/[<>&]/g, (c) => `&#${c.charCodeAt(0)};`);

const internalError = (response: ServerResponse, text: string): void =>
  page(response, 500, 'HTTP 500 internal server error', `An unexpected error occurred: ${escaped(text)}`);

function body(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('closed')));
  });
}

/** A member that refuses a call says whose fingerprint its coordinator has, if asked (facts 1.1). */
function thumbprint({ world, request }: Exchange, text: string): Record<string, string> {
  const asked = request.headers['x-xenapi-request-host-certificate-thumbprint'];
  if (asked !== 'sha-256:master' || !text.includes('HOST_IS_SLAVE')) return {};
  const certificate = world.db.find('Certificate', (c) => c.type === 'host' && c.host === world.coordinator());
  return certificate === undefined
    ? {}
    : { 'x-xenapi-response-host-certificate-thumbprint': certificate[1].fingerprint };
}

type Labels = Readonly<Record<string, string>>;
type Answerer = (
  world: World,
  host: Ref<'host'>,
  body: Buffer,
  told: (name: string) => void,
  labels: Labels,
) => Promise<string>;

const labelPrefix = 'x-http-other-config-';

/** Headers of this prefix go into other_config of the task that a call makes, under `http:` (xapi context.ml, taskHelper.ml). */
const labelsIn = ({ headers }: IncomingMessage): Labels =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(labelPrefix) ? [[`http:${name.slice(labelPrefix.length)}`, String(value)]] : [],
    ),
  );

/** An RPC: a body of known length within the limit; errors of the XenAPI are HTTP 200 (facts 1.1). */
async function rpc(exchange: Exchange, hooks: HttpHooks, answer: Answerer, type: string): Promise<void> {
  const { world, host, request, response } = exchange;
  const length = request.headers['content-length'];
  if (length === undefined) return internalError(response, 'We require a content-length: HTTP header');
  if (Number(length) > bodyLimit) return internalError(response, 'Client requested size over limit');
  try {
    const text = await answer(world, host, await body(request), hooks.called, labelsIn(request));
    if (hooks.cut()) return void request.socket.destroy();
    const bytes = Buffer.from(text);
    const headers = { 'content-type': type, 'content-length': bytes.length, 'cache-control': 'no-cache, no-store' };
    response.writeHead(200, { ...headers, ...thumbprint(exchange, text.slice(0, 400)) });
    response.end(bytes);
  } catch (error) {
    if (error instanceof LostAnswer) return void request.socket.destroy();
    if (!response.headersSent) internalError(response, (error as Error).message);
    if (!(error instanceof MalformedRpc) && !request.destroyed) throw error;
  }
}

/** The handler of the longest prefix of a path. */
function longest(table: Readonly<Record<string, PathHandler>>, path: string): PathHandler | undefined {
  let found = '';
  for (const prefix of Object.keys(table)) if (path.startsWith(prefix) && prefix.length > found.length) found = prefix;
  return table[found];
}

const welcome: PathHandler = ({ request, response }) => {
  if (request.url?.split('?')[0] !== '/') return page(response, 404, 'HTTP 404 not found', 'There is nothing here.');
  return page(response, 200, 'Simulated Xen pool', 'XML-RPC and JSON-RPC clients post to this address.');
};

const options: PathHandler = ({ response }) => {
  response.writeHead(200, {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'X-Requested-With, Content-Type',
    'access-control-allow-methods': 'PUT, GET, POST, OPTIONS',
    'content-length': 0,
  });
  response.end();
};

/** What a host answers: handlers are found by method and longest prefix of the path; every POST path is an RPC (facts 1.1). */
export function httpHandler(world: World, host: Ref<'host'>, hooks: HttpHooks) {
  const tables: Readonly<Record<string, Readonly<Record<string, PathHandler>>>> = {
    GET: { '/': welcome, ...hooks.get },
    OPTIONS: { '/': options },
    PUT: hooks.put,
    POST: {
      '/': (exchange) => rpc(exchange, hooks, answerXml, 'text/xml'),
      '/jsonrpc': (exchange) => rpc(exchange, hooks, answerJson, 'application/json'),
      ...hooks.post,
    },
  };
  const missing: PathHandler = ({ response }) =>
    page(response, 501, 'HTTP 501 method not implemented', 'The method is not known here.');
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => request.socket.destroy());
    if (hooks.cut()) {
      request.socket.destroy();
      return;
    }
    const path = request.url ?? '/';
    const handler = longest(tables[request.method ?? ''] ?? {}, path.startsWith('/') ? path : '/') ?? missing;
    Promise.resolve(handler({ world, host, request, response })).catch(() => request.socket.destroy());
  };
}
