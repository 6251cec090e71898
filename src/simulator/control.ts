import type { IncomingMessage } from 'node:http';
import type { Faults } from './fault-handle.js';
import type { Exchange, HttpHooks } from './http-handler.js';

/** What the control endpoint tells of and works on. */
export interface Controlled {
  readonly faults: Faults;
  readonly calls: () => ReadonlyMap<string, number>;
  readonly resetCalls: () => void;
}

const bodyLimit = 65_536;

async function json(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > bodyLimit) throw new Error(`wanted a body of at most ${bodyLimit} characters`);
  }
  return JSON.parse(text);
}

function send({ response }: Exchange, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** Works a fault named in `{"fault": name, "arguments": [...]}`. */
async function work(exchange: Exchange, { faults, resetCalls }: Controlled): Promise<void> {
  try {
    const { fault, arguments: args = [] } = (await json(exchange.request)) as { fault: string; arguments?: unknown[] };
    const table: Readonly<Record<string, unknown>> = { ...faults, resetCalls };
    const run = Object.hasOwn(table, fault) ? (table[fault] as (...args: unknown[]) => unknown) : undefined;
    if (run === undefined) throw new Error(`wanted one of ${Object.keys(table).join(', ')} as "fault", got "${fault}"`);
    const running = run(...args);
    if (fault === 'restart' || fault === 'stopListening') return send(exchange, 202, {});
    const value = await running;
    send(exchange, 200, value === undefined ? {} : { value });
  } catch (error) {
    send(exchange, 400, { error: (error as Error).message });
  }
}

/** The control endpoint, by which another process works the faults and reads the counts of calls: `/simulator/`. */
export const controlPaths = (controlled: Controlled): Pick<HttpHooks, 'get' | 'post'> => ({
  get: { '/simulator/calls': (exchange) => send(exchange, 200, Object.fromEntries(controlled.calls())) },
  post: { '/simulator/fault': (exchange) => work(exchange, controlled) },
});
