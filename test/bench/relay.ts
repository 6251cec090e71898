import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/*
 * Stands between a bridge and the simulator at the URL that it is given, and sends what it has once heard of records again:
 * so a start is measured without the time that the simulator takes to write them. GET /relay/first tells when the first
 * get_all_records came since the last such question (milliseconds since 1970, or null), GET /relay/parse how many
 * milliseconds JSON.parse takes for all those answers, and of how many octets.
 */

const simulator = new URL(process.argv[2]!);
const agent = new Agent({ keepAlive: true });
const answers = new Map<string, Buffer>();
let first: number | null = null;

const now = (): number => performance.timeOrigin + performance.now();

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends a request on; the answer. */
function forward(asked: IncomingMessage, body: Buffer, ended: AbortSignal): Promise<IncomingMessage> {
  const { method, url: path, headers } = asked;
  const target = { agent, host: simulator.hostname, port: simulator.port, method, path, headers, signal: ended };
  return new Promise((resolve, reject) => {
    request(target, resolve).on('error', reject).end(body);
  });
}

const idOf = (text: string): string => /"id":(\d+)\}\s*$/.exec(text)?.[1] ?? '0';

function reply(response: ServerResponse, body: Buffer | string): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** The answer that was heard before, for a request with another identifier. */
function replay(response: ServerResponse, answer: Buffer, id: string): void {
  const end = Buffer.from(`,"id":${id}}`);
  const start = answer.subarray(0, answer.lastIndexOf(',"id":'));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': start.length + end.length });
  response.write(start);
  response.end(end);
}

function parseAll(): { readonly milliseconds: number; readonly octets: number } {
  let [milliseconds, octets] = [0, 0];
  const kept: unknown[] = [];
  for (const answer of answers.values()) {
    const text = answer.toString('utf8');
    const started = performance.now();
    kept.push(JSON.parse(text));
    milliseconds += performance.now() - started;
    octets += answer.length;
  }
  return { milliseconds, octets };
}

const own: Readonly<Record<string, () => unknown>> = {
  '/relay/first': () => {
    const time = first;
    first = null;
    return time;
  },
  '/relay/parse': parseAll,
};

async function serve(asked: IncomingMessage, response: ServerResponse): Promise<void> {
  const tell = own[asked.url!];
  if (tell) return reply(response, JSON.stringify(tell()));
  const body = await whole(asked);
  const text = body.length < 4_096 ? body.toString('utf8') : '';
  const method = /"method":"(\w+\.get_all_records)"/.exec(text)?.[1];
  if (method) first ??= now();
  const known = method && answers.get(method);
  if (known) return replay(response, known, idOf(text));
  const ended = new AbortController();
  response.on('close', () => ended.abort());
  const answer = await forward(asked, body, ended.signal);
  const heard = await whole(answer);
  if (method && answer.statusCode === 200) answers.set(method, heard);
  const { 'transfer-encoding': _chunked, ...headers } = answer.headers;
  response.writeHead(answer.statusCode!, { ...headers, 'content-length': heard.length });
  response.end(heard);
}

const server = createServer((asked, response) => {
  serve(asked, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

process.on('SIGTERM', () => process.exit(0));
