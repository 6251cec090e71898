import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EncodedCache } from '../cimxml/encoded-cache.js';
import { type DecodeLimits, defaultLimits } from '../cimxml/limit.js';
import { RequestRefusal } from '../cimxml/refusal.js';
import { type Received, RequestCache } from '../cimxml/request-cache.js';
import { type Logger, withoutSecretKeys } from '../log.js';
import type { Admission } from './admission.js';
import { admittance } from './admittance.js';
import { answerMessage, type Exchange } from './answer-message.js';
import type { Authenticator } from './authentication.js';
import { ClientGone, checkBodyHead, HeldBytes, overloaded, readBody } from './body.js';
import { allowedMethods, type Capability, defaultCapability, sendCapability } from './capability.js';
import { checkContentType } from './content-type.js';
import type { Executor } from './executor.js';
import { type ExtensionHeaders, extensionHeaders, extensionPrefix, sameHeaders } from './extension-header.js';
import type { GzipPolicy } from './gzip.js';
import { checkHeaders, checkOperationHeader } from './header-check.js';
import type { Metrics } from './metrics.js';
import { type About, type Recollection, recollector } from './recollection.js';
import { HttpRefusal } from './refusal.js';
import { refuse } from './refuse.js';
import { addressOf, findingsOf } from './request-head.js';
import { logRequest } from './request-log.js';
import { newRecord, type RequestRecord } from './request-record.js';
import { Turnstile } from './turnstile.js';

export interface OperationHandlerOptions {
  readonly executor: Executor;
  readonly authenticator: Authenticator;
  readonly admission: Admission;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Whether headers that clients are known to leave out are demanded; no unless given. */
  readonly strict?: boolean;
  /** `remote` unless given. */
  readonly gzip?: GzipPolicy;
  readonly limits?: DecodeLimits;
  /** Operations that one MULTIREQ may hold; 1,000 unless given. */
  readonly batch?: number;
  /** After how long in which it does not take 2 MB a client counts as gone; milliseconds, two minutes unless given. */
  readonly stall?: number;
  readonly capability?: Capability;
  /** Reads the requests; one of its own unless given. */
  readonly requests?: RequestCache<Recollection>;
  /** Where encoded pages of instances are kept; without it each is encoded anew. */
  readonly cache?: EncodedCache | undefined;
}

/** How a request came, beyond what Node says of it. */
export interface Arrival {
  /** It was an M-POST (DSP0200 6.2). */
  readonly mandatory: boolean;
  /** It waits for 100 Continue before it sends its body. */
  readonly waits: boolean;
}

/** Serves one request for CIM operations from its head to the last byte of the answer; never rejects. */
export type OperationHandler = (request: IncomingMessage, response: ServerResponse, arrival?: Arrival) => Promise<void>;

type Settled = Required<Omit<OperationHandlerOptions, 'cache'>> &
  Pick<OperationHandlerOptions, 'cache'> & { readonly turnstile: Turnstile };

const plain: Arrival = { mandatory: false, waits: false };

/** Makes the handler of CIM operations over HTTP (DSP0200 6 and 7), for the listener and the express app alike. */
export function createOperationHandler(given: OperationHandlerOptions): OperationHandler {
  const defaults = { strict: false, gzip: 'remote', limits: defaultLimits, batch: 1_000, stall: 120_000 } as const;
  const own = { capability: defaultCapability, requests: new RequestCache(recollector()) };
  const options: Settled = { ...defaults, ...own, ...given, turnstile: new Turnstile() };
  const lines = withoutSecretKeys(options.log);
  return async (request, response, arrival = plain) => {
    if (request.method === 'OPTIONS') return sendCapability(response, options.capability);
    const record = newRecord();
    const prefix = arrival.mandatory ? extensionPrefix(String(request.headers['man'] ?? '')) : undefined;
    try {
      checkMethod(request, arrival, prefix);
      await serve(options, { request, response, record, prefix }, arrival.waits);
    } catch (reason) {
      settle(request, response, reason, record, prefix);
    }
    record.status = response.headersSent ? response.statusCode : 0;
    options.metrics.request(record);
    logRequest(lines, record, addressOf(request));
  };
}

function checkMethod({ method, headers }: IncomingMessage, { mandatory }: Arrival, prefix: string | undefined): void {
  if (method !== 'POST') {
    throw new HttpRefusal(405, `operations come by POST or M-POST, not by ${method}`, {
      headers: { Allow: allowedMethods },
    });
  }
  if (mandatory && prefix === undefined) {
    const got = headers['man'] === undefined ? 'has no Man header' : `has "${String(headers['man'])}"`;
    throw new HttpRefusal(510, `an M-POST must name the CIM extension in a Man header, but this one ${got}`);
  }
}

/** The short way of an operation. What is at hand is not waited for: that takes time too. */
async function serve(options: Settled, exchange: Exchange, waits: boolean): Promise<void> {
  const { admission, authenticator, metrics, limits } = options;
  const { request, response, record } = exchange;
  const findings = findingsOf(request);
  const waiting = (): boolean => !request.socket.destroyed;
  const judged = authenticator.check(request.headers.authorization, addressOf(request) ?? '', findings, waiting);
  const verdict = judged instanceof Promise ? await judged : judged;
  metrics.login(verdict.kind);
  const principal = admittance(verdict);
  const { name } = principal;
  record.user = name;
  findings.extension ??= checkHead(options, request);
  if (!admission.hasRoom(name)) throw tooMany(admission);
  if (waits) response.writeContinue();
  const held = new HeldBytes(admission);
  let received: Received<Recollection>;
  try {
    const body = await readBody(request, limits.size, held);
    const turn = options.turnstile.pass(name);
    if (turn) await turn;
    received = options.requests.decode(body, limits);
    understand(options, received, findings.extension, record);
  } finally {
    // Before anything is carried out.
    held.release();
  }
  if (!admission.enter(name)) throw tooMany(admission);
  try {
    const answered = answerMessage(options, exchange, received, principal);
    if (answered) await answered;
  } finally {
    admission.leave(name);
  }
}

const tooMany = ({ limits: { requests, requestsPerUser } }: Admission): HttpRefusal =>
  overloaded(`${requests} operations are under way, or ${requestsPerUser} of this user`);

/** Refuses what needs no body to be refused, before any of it is read. */
function checkHead({ strict, limits }: Settled, request: IncomingMessage): ExtensionHeaders {
  const headers = extensionHeaders(request.headers);
  checkOperationHeader(headers, strict);
  checkContentType(request.headers['content-type']);
  checkBodyHead(request, limits.size);
  return headers;
}

/** Notes what a message is about, and holds it against its headers, where they have not agreed before. */
function understand(
  { batch, strict }: Settled,
  { id, content }: Received<Recollection>,
  headers: ExtensionHeaders,
  record: RequestRecord,
): void {
  const { message, about } = content;
  tell(id, about, record);
  if (content.headers && sameHeaders(content.headers, headers)) return;
  if (message.calls.length > batch) {
    throw new HttpRefusal(413, `a MULTIREQ may hold ${batch} operations, but this one has ${message.calls.length}`);
  }
  checkHeaders(headers, message, strict);
  content.headers = headers;
}

function tell(id: string, { operations, operation, namespace, className }: About, record: RequestRecord): void {
  record.id = id;
  record.operations = operations;
  record.operation = operation;
  record.namespace = namespace;
  record.className = className;
}

/** Tells the client of what was thrown, if it is still there, and notes it. */
function settle(
  request: IncomingMessage,
  response: ServerResponse,
  reason: unknown,
  record: RequestRecord,
  prefix: string | undefined,
): void {
  if (reason instanceof ClientGone) {
    record.outcome = 'gone';
    return;
  }
  const refusal = refusalOf(reason);
  record.reason = refusal;
  refuse(request, response, refusal, prefix);
}

function refusalOf(reason: unknown): HttpRefusal {
  if (reason instanceof HttpRefusal) return reason;
  if (reason instanceof RequestRefusal) return new HttpRefusal(reason.status, reason.message, { token: reason.token });
  return new HttpRefusal(500, 'the bridge met a fault of its own; its log says more', { cause: reason });
}
