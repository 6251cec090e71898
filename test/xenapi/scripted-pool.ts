import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serializeMethodResponse } from 'xmlrpc/lib/serializer.js';
import { parseTaskResult } from '../../src/xenapi/xml-value.js';

/** What a scripted call answers with when the pool is to report a failure. */
export class Failure extends Error {
  readonly description: readonly string[];

  constructor(...description: readonly string[]) {
    super(description.join(':'));
    this.description = description;
  }
}

export type Answerer = (params: readonly unknown[], method: string) => unknown;

interface Heard {
  readonly method: string;
  readonly params: readonly unknown[];
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

interface Fetched {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

interface ScriptedPage {
  readonly status: number;
  readonly text: string;
}

interface Event {
  readonly at: number;
  readonly event: object;
}

interface Options {
  readonly speaks?: 'json' | 'xml';
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly address?: string;
  readonly port?: number;
}

const token = (generation: number): string => `${String(generation).padStart(20, '0')},${'0'.repeat(20)}`;

/**
 * As little of a pool as the client can be tried on: one coordinator with tables, sessions and an event log, whose
 * every answer a test can replace (`answers`) or break off (`hangUp`).
 */
export class ScriptedPool {
  readonly tables: Record<string, Record<string, object>> = {
    pool: { 'OpaqueRef:pool': { uuid: 'pool-uuid', name_label: 'p', master: 'OpaqueRef:host' } },
    host: { 'OpaqueRef:host': { uuid: 'host-uuid', address: '127.0.0.1' } },
  };
  readonly answers: Record<string, Answerer> = {};
  readonly heard: Heard[] = [];
  /** What is answered to a GET, by path; everything else is 404. */
  readonly pages: Record<string, (fetched: Fetched) => ScriptedPage | Promise<ScriptedPage>> = {};
  readonly fetched: Fetched[] = [];
  readonly sessions = new Set<string>();
  readonly users: Record<string, string> = { root: 'secret' };
  /** Added to the counts of event.from. */
  readonly countOffsets: Record<string, number> = {};
  hangUp = false;
  generation = 100;
  #events: Event[] = [];
  #wake: (() => void)[] = [];
  #lastSession = 0;
  #server: ReturnType<typeof createServer>;
  readonly #options: Options;

  constructor(options: Options = {}) {
    this.#options = options;
    const listener = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) =>
      this.#server.listen(this.#options.port ?? 0, this.#options.address ?? '127.0.0.1', resolve),
    );
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#wakeAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts a record in, changes or removes it, with the event that goes with it (unless `silently`). */
  change(of: string, ref: string, record: object | undefined, silently = false): void {
    const table = this.tables[of] ?? {};
    this.tables[of] = table;
    const operation = record === undefined ? 'del' : ref in table ? 'mod' : 'add';
    if (record === undefined) delete table[ref];
    else table[ref] = record;
    this.generation++;
    const event = {
      id: String(this.generation),
      timestamp: '0.0',
      class: of.toLowerCase(),
      operation,
      ref,
      ...(record && { snapshot: record }),
    };
    if (!silently) this.#events.push({ at: this.generation, event });
    this.#wakeAll();
  }

  /** Ends all sessions, as an eviction or a restart does. */
  evict(): void {
    this.sessions.clear();
    this.#wakeAll();
  }

  calls(method: string): number {
    return this.heard.filter((call) => call.method === method).length;
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (this.hangUp) return void request.socket.destroy();
    if (request.method === 'GET') return this.#page(request, response);
    if (request.url === '/jsonrpc' && this.#options.speaks === 'xml') {
      return void response.writeHead(404, { 'content-type': 'text/html' }).end('<html><body>not here</body></html>');
    }
    const json = request.url === '/jsonrpc';
    const { method, params } = json ? (JSON.parse(body) as Heard) : readXmlCall(body);
    this.heard.push({ method, params, path: request.url ?? '', headers: request.headers });
    const answer = await this.#answer(method, params);
    if (answer === undefined) return void request.socket.destroy();
    response
      .writeHead(200, { 'content-type': json ? 'application/json' : 'text/xml' })
      .end(json ? jsonAnswer(answer) : xmlAnswer(answer));
  }

  async #page({ url = '/', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    this.fetched.push({ url, headers });
    const { status, text } = (await this.pages[url.split('?')[0]!]?.({ url, headers })) ?? { status: 404, text: '' };
    response.writeHead(status).end(text);
  }

  /** The value, if the session is one of the pool's; else SESSION_INVALID. */
  checked<T>(session: string, value: T): T {
    if (!this.sessions.has(session)) throw new Failure('SESSION_INVALID', session);
    return value;
  }

  /** Undefined: no answer at all. */
  async #answer(
    method: string,
    params: readonly unknown[],
  ): Promise<{ value: unknown } | { failure: readonly string[] } | undefined> {
    try {
      const own = this.answers[method];
      const value = await (own ?? ((given: readonly unknown[]) => this.#default(method, given)))(params, method);
      return value === undefined ? undefined : { value };
    } catch (error) {
      return { failure: error instanceof Failure ? error.description : ['INTERNAL_ERROR', String(error)] };
    }
  }

  #default(method: string, [session, ...params]: readonly unknown[]): unknown {
    if (method === 'session.login_with_password') return this.#login(String(session), String(params[0]));
    if (!this.sessions.has(String(session))) throw new Failure('SESSION_INVALID', String(session));
    if (method === 'session.logout') return this.sessions.delete(String(session)) ? '' : '';
    if (method === 'event.inject') {
      this.change('pool', 'OpaqueRef:pool', this.tables['pool']!['OpaqueRef:pool']);
      return token(this.generation - 1);
    }
    if (method === 'event.from') return this.#eventsFrom(String(session), String(params[1]), Number(params[2]));
    const listed = /^(\w+)\.get_all_records$/.exec(method)?.[1];
    if (listed) return this.tables[listed] ?? {};
    throw new Failure('MESSAGE_METHOD_UNKNOWN', method);
  }

  #login(user: string, password: string): string {
    if (this.users[user] !== password)
      throw new Failure('SESSION_AUTHENTICATION_FAILED', user, 'Authentication failure');
    const session = `OpaqueRef:session-${this.port}-${++this.#lastSession}`;
    this.sessions.add(session);
    return session;
  }

  async #eventsFrom(session: string, from: string, seconds: number): Promise<unknown> {
    const since = Number(from.split(',')[0]);
    const end = Date.now() + seconds * 1_000;
    while (!this.#events.some(({ at }) => at > since) && Date.now() < end && this.#server.listening) {
      const timer = setTimeout(() => this.#wakeAll(), end - Date.now());
      await new Promise<void>((resolve) => this.#wake.push(resolve));
      clearTimeout(timer);
      if (!this.sessions.has(session)) throw new Failure('SESSION_INVALID', session);
    }
    const events = this.#events.filter(({ at }) => at > since).map(({ event }) => event);
    const counts = Object.entries(this.tables).map(([of, table]) => [
      of.toLowerCase(),
      Object.keys(table).length + (this.countOffsets[of] ?? 0),
    ]);
    return { events, valid_ref_counts: Object.fromEntries(counts), token: token(this.generation) };
  }
}

function readXmlCall(xml: string): Pick<Heard, 'method' | 'params'> {
  const method = /<methodName>(.*?)<\/methodName>/.exec(xml)?.[1] ?? '';
  const params = [...xml.matchAll(/<param>(.*?)<\/param>/gs)].map(([, value]) => parseTaskResult(value!));
  return { method, params };
}

const jsonAnswer = (answer: { value: unknown } | { failure: readonly string[] }): string =>
  'value' in answer
    ? JSON.stringify({ jsonrpc: '2.0', id: 1, result: answer.value })
    : JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        error: { code: 1, message: answer.failure[0], data: answer.failure.slice(1) },
      });

const xmlAnswer = (answer: { value: unknown } | { failure: readonly string[] }): string =>
  serializeMethodResponse(
    'value' in answer
      ? { Status: 'Success', Value: answer.value }
      : { Status: 'Failure', ErrorDescription: answer.failure },
  );
