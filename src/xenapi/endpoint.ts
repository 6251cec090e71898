import { type Dispatcher, Pool } from 'undici';
import { TransportError, type TransportFault, XenApiError } from './error.js';
import type { HandlerAnswer, HandlerRequest } from './handler.js';
import { jsonRpc } from './json-rpc.js';
import { type Answer, type CallValue, MalformedAnswer, type Protocol, type TakePart } from './protocol.js';
import type { Trust } from './tls.js';
import { xmlRpc } from './xml-rpc.js';

/** How an endpoint behaves; times in milliseconds, sizes in bytes. */
export interface EndpointOptions {
  readonly trust: Trust;
  readonly userAgent: string;
  readonly connections?: number;
  readonly connectTimeoutMs?: number;
  /** How long a body may stay silent. */
  readonly bodyTimeoutMs?: number;
  readonly bodyLimit?: number;
  /** The protocol that every host speaks; without it, that is found out. */
  readonly protocol?: Protocol['name'];
}

/** Limits of one call, what its request says besides, and who takes records while they arrive. */
export interface CallLimits {
  /** Until the answer begins. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  readonly take?: TakePart;
}

/** What a host answered to a GET: its status, whatever it is, and the body as text. */
export interface Page {
  readonly status: number;
  readonly text: string;
}

/** Longer than any answer takes that has begun: 60 MB from a slow host. */
const wholeBodyMs = 600_000;
const defaults = { connections: 64, connectTimeoutMs: 10_000, bodyTimeoutMs: 30_000, bodyLimit: 512 * 1024 * 1024 };

/** XenAPI takes no request longer than this (bytes). */
const requestLimit = 307_200;

const connectFaults = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'ENETDOWN',
  'ETIMEDOUT',
  'EPROTO',
]);
const faultCodes: Readonly<Record<string, TransportFault>> = {
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_ABORTED: 'stopped',
  ABORT_ERR: 'stopped',
  UND_ERR_DESTROYED: 'stopped',
  UND_ERR_CLOSED: 'stopped',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answer',
};

/** What an error is like that comes of speaking TLS to who does not, and the other way round. */
const noTls = /^(?:ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST)$/;
const noHttp = /^HPE_INVALID_(?:CONSTANT|VERSION)$/;

/** A likely mistake in the URL, as a clause to be put behind the error; empty where nothing points to one. */
function mistake(origin: string, code: string, cause: unknown): string {
  if (noTls.test(code)) {
    return `: there is no TLS at that port; if that is where the pool listens for plain HTTP, give it as ${origin.replace('https:', 'http:')}`;
  }
  const { socket } = cause as { socket?: { bytesRead?: number; bytesWritten?: number } };
  const mute = code === 'UND_ERR_SOCKET' && socket?.bytesRead === 0 && Number(socket.bytesWritten) > 0;
  if (!origin.startsWith('http:') || !(mute || noHttp.test(code))) return '';
  return `: no HTTP was answered; if that port speaks TLS, give it as ${origin.replace('http:', 'https:')}`;
}

/** Says what the codes of sockets and of undici mean, once for all calls. */
function transportError(origin: string, method: string, cause: unknown): TransportError {
  if (cause instanceof TransportError) return cause;
  const { code: raw, name, message } = cause as { code?: unknown; name?: string; message?: string };
  const code = typeof raw === 'string' ? raw : name === 'AbortError' ? 'ABORT_ERR' : '';
  const words = `${method} at ${origin}`;
  if (cause instanceof MalformedAnswer)
    return new TransportError('answer', origin, `${words}: ${message}`, { sent: true, cause });
  if (connectFaults.has(code) || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    return new TransportError(
      'refused',
      origin,
      `no connection to ${origin} (${code || message})${mistake(origin, code, cause)}`,
      {
        sent: false,
        cause,
      },
    );
  }
  const fault = faultCodes[code] ?? 'reset';
  const clause = mistake(origin, code, cause);
  return new TransportError(fault, origin, `${words}: ${fault} (${code || message})${clause}`, { sent: true, cause });
}

/** Answers that a host without JSON-RPC gives to a post to /jsonrpc: a page, in place of the protocol's content type. */
const noSuchProtocol = new Set([200, 404, 405, 500, 501]);

const contentTypeOf = ({ headers }: Dispatcher.ResponseData): string =>
  String(headers['content-type'] ?? '')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase();

/**
 * One host of the pool, by scheme, host and port: keeps connections open, knows which protocol it speaks. JSON-RPC is
 * tried first; where the host answers it with something else, XML-RPC, for good once that has worked.
 */
export class Endpoint {
  readonly origin: string;
  readonly #pool: Pool;
  readonly #options: Required<Omit<EndpointOptions, 'protocol'>>;
  #protocol: Protocol | undefined;

  constructor(origin: string, options: EndpointOptions) {
    this.origin = origin;
    this.#options = { ...defaults, ...options };
    if (options.protocol) this.#protocol = options.protocol === 'xml-rpc' ? xmlRpc : jsonRpc;
    const { connections, connectTimeoutMs, trust } = this.#options;
    this.#pool = new Pool(origin, { connections, pipelining: 1, connect: trust.connector(connectTimeoutMs) });
  }

  /** The protocol that the host was found to speak. */
  get protocol(): Protocol['name'] | undefined {
    return this.#protocol?.name;
  }

  /**
   * Calls a method and gives its value as it came over the wire. Throws XenApiError when the host reports a failure,
   * TransportError when no answer of XenAPI comes.
   */
  async call(method: string, params: readonly CallValue[], limits: CallLimits): Promise<unknown> {
    const answer = await this.#answer(method, params, limits);
    if (answer.kind === 'failure') throw new XenApiError(answer.code, answer.params);
    return answer.value;
  }

  /** Gets a page, of at most the size of an answer. Throws TransportError. */
  get(path: string, headers: Readonly<Record<string, string>>, limits: CallLimits): Promise<Page> {
    return this.#watched(`GET ${path.split('?', 1)[0]}`, limits, async (signal) => {
      const response = await this.#pool.request({
        path,
        method: 'GET',
        signal,
        headersTimeout: limits.timeoutMs,
        bodyTimeout: this.#options.bodyTimeoutMs,
        headers: { ...headers, 'user-agent': this.#options.userAgent },
      });
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.#bounded(response.body)) chunks.push(chunk);
      return { status: response.statusCode, text: Buffer.concat(chunks).toString('utf8') };
    });
  }

  /** Asks an HTTP handler; `take` reads the answer as it comes. Throws TransportError, and what `take` throws. */
  async ask<T>(
    { method, path, body }: HandlerRequest,
    headers: Readonly<Record<string, string>>,
    limits: CallLimits,
    take: (answer: HandlerAnswer) => Promise<T>,
  ): Promise<T> {
    const words = `${method} ${path.split('?', 1)[0]}`;
    const watch = new Watch(limits);
    const told = (cause: unknown): never => {
      throw this.#fault(words, watch, cause);
    };
    const request = {
      path,
      method,
      signal: watch.signal,
      headersTimeout: limits.timeoutMs,
      bodyTimeout: this.#options.bodyTimeoutMs,
      headers: { ...headers, 'user-agent': this.#options.userAgent },
      ...(body && { body }),
    };
    try {
      const response = await this.#pool.request(request).catch(told);
      // A body that is left before its end says so to whoever listens.
      response.body.on('error', () => {});
      try {
        return await take({ status: response.statusCode, body: translated(response.body, told) });
      } finally {
        response.body.destroy();
      }
    } finally {
      watch.end();
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #answer(method: string, params: readonly CallValue[], limits: CallLimits): Promise<Answer> {
    if (this.#protocol) return this.#post(this.#protocol, method, params, limits);
    try {
      return await this.#first(jsonRpc, method, params, limits);
    } catch (error) {
      if (!(error instanceof OtherProtocol)) throw error;
      return this.#first(xmlRpc, method, params, limits);
    }
  }

  /** A first call with a protocol; when it is answered, the protocol is the host's. */
  async #first(protocol: Protocol, method: string, params: readonly CallValue[], limits: CallLimits): Promise<Answer> {
    const answer = await this.#post(protocol, method, params, limits);
    this.#protocol ??= protocol;
    return answer;
  }

  async #post(protocol: Protocol, method: string, params: readonly CallValue[], limits: CallLimits): Promise<Answer> {
    const body = protocol.encode(method, params);
    if (Buffer.byteLength(body) > requestLimit) {
      throw new XenApiError('INVALID_VALUE', [method, `arguments of more than ${requestLimit} bytes`]);
    }
    return this.#watched(method, limits, async (signal) =>
      this.#read(protocol, await this.#pool.request(this.#request(protocol, body, limits, signal)), limits.take),
    );
  }

  /** Work that ends in time, and whose failures are told as what they mean. */
  async #watched<T>(words: string, limits: CallLimits, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const watch = new Watch(limits);
    try {
      return await work(watch.signal);
    } catch (cause) {
      if (cause instanceof OtherProtocol) throw cause;
      throw this.#fault(words, watch, cause);
    } finally {
      watch.end();
    }
  }

  #fault(words: string, { late }: Watch, cause: unknown): TransportError {
    if (!late) return transportError(this.origin, words, cause);
    const message = `${words} at ${this.origin}: no whole answer in time`;
    return new TransportError('timeout', this.origin, message, { sent: true, cause });
  }

  #request(protocol: Protocol, body: string, limits: CallLimits, signal: AbortSignal): Dispatcher.RequestOptions {
    return {
      path: protocol.path,
      method: 'POST',
      body,
      signal,
      headersTimeout: limits.timeoutMs,
      bodyTimeout: this.#options.bodyTimeoutMs,
      headers: {
        ...limits.headers,
        'content-type': protocol.contentType,
        accept: protocol.contentType,
        'user-agent': this.#options.userAgent,
        // A member then names the coordinator's certificate along with its address.
        'x-xenapi-request-host-certificate-thumbprint': 'sha-256:master',
      },
    };
  }

  async #read(protocol: Protocol, response: Dispatcher.ResponseData, take?: TakePart): Promise<Answer> {
    const { statusCode, headers, body } = response;
    const type = contentTypeOf(response);
    if (statusCode !== 200 || !protocol.accepts(type)) {
      await body.dump({ limit: 65_536 });
      if (protocol === jsonRpc && !this.#protocol && noSuchProtocol.has(statusCode) && !protocol.accepts(type)) {
        throw new OtherProtocol();
      }
      const got = `HTTP ${statusCode}${type ? ` with ${type}` : ''}`;
      throw new TransportError('answer', this.origin, `${this.origin} does not answer in ${protocol.name}: ${got}`, {
        sent: true,
      });
    }
    const named = headers['x-xenapi-response-host-certificate-thumbprint'];
    if (typeof named === 'string') this.#options.trust.setCoordinator(named);
    return protocol.decode(this.#bounded(body), take);
  }

  /** The body, broken off beyond the limit. */
  async *#bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > this.#options.bodyLimit)
        throw new MalformedAnswer(`the answer is longer than ${this.#options.bodyLimit} bytes`);
      yield chunk;
    }
  }
}

/** The host does not speak the protocol that was tried. */
class OtherProtocol extends Error {}

/** A body whose failures are told as what they mean. */
async function* translated(
  body: AsyncIterable<Uint8Array>,
  told: (cause: unknown) => never,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    told(cause);
  }
}

/** Ends a call that takes too long in all, or that its caller no longer wants. */
class Watch {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal | undefined;
  readonly #abort = () => this.#controller.abort();
  late = false;

  constructor({ timeoutMs, signal }: CallLimits) {
    this.#outer = signal;
    this.#timer = setTimeout(() => {
      this.late = true;
      this.#abort();
    }, timeoutMs + wholeBodyMs);
    if (signal?.aborted) this.#abort();
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#abort);
  }
}
