import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';

const path = '/cimom';

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const headers = {
  Authorization: basic('root', 'xenroot'),
  'Content-Type': 'application/xml; charset="utf-8"',
  CIMOperation: 'MethodCall',
};

/** The name of a Xen_ComputerSystem as a parameter. */
export const instanceName = (uuid: string): string =>
  '<IPARAMVALUE NAME="InstanceName"><INSTANCENAME CLASSNAME="Xen_ComputerSystem">' +
  '<KEYBINDING NAME="CreationClassName"><KEYVALUE VALUETYPE="string" TYPE="string">Xen_ComputerSystem</KEYVALUE></KEYBINDING>' +
  `<KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string" TYPE="string">${uuid}</KEYVALUE></KEYBINDING></INSTANCENAME></IPARAMVALUE>`;

export const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export interface Download {
  readonly bytes: number;
  /** From the request's first byte to the answer's last, in milliseconds. */
  readonly time: number;
  readonly chunks: readonly Buffer[];
}

/** One call and its whole answer. Chunks are kept only when asked for. Any status but 200 is an error. */
export function download(url: URL, body: string, keep = false): Promise<Download> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const options = { agent, method: 'POST', host: url.hostname, port: url.port, path, headers };
    const asked = request({ ...options, timeout: 60_000 }, (response) => {
      let bytes = 0;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (keep) chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve({ bytes, time: performance.now() - started, chunks });
        else reject(new Error(`wanted status 200, got ${response.statusCode} ${response.headers['cimerror'] ?? ''}`));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in 60 s')));
    asked.on('error', reject);
    asked.end(body);
  });
}

export interface Load {
  readonly perSecond: number;
  /** Milliseconds of each request. */
  readonly times: readonly number[];
}

/** Sends requests one after the other on each of so many connections for so many milliseconds. */
export async function load(url: URL, bodies: readonly string[], connections: number, duration: number): Promise<Load> {
  const requests = bodies.map((body) => requestBytes(url, body));
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  const until = started + duration;
  const work = async (): Promise<void> => {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    await once(socket, 'connect');
    while (performance.now() < until) {
      const sent = performance.now();
      await exchange(socket, requests[next++ % requests.length]!);
      times.push(performance.now() - sent);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { perSecond: (times.length / (performance.now() - started)) * 1000, times };
}

function requestBytes(url: URL, body: string): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\n${lines.join('')}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  return Buffer.from(head + body);
}

/** One request and its answer on a socket of its own: a client that costs as little as one can. */
function exchange(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = '';
    let wanted: number | undefined;
    const finish = (reason?: Error): void => {
      socket.off('data', take);
      socket.off('error', finish);
      socket.off('close', closed);
      if (reason) reject(reason);
      else resolve();
    };
    const closed = (): void => finish(new Error('the connection was closed before the answer was complete'));
    const take = (chunk: Buffer): void => {
      received += chunk.toString('latin1');
      wanted ??= answerLength(received);
      if (wanted !== undefined && received.length >= wanted) finish(refusal(received));
    };
    socket.on('data', take);
    socket.on('error', finish);
    socket.on('close', closed);
    socket.write(bytes);
  });
}

const refusal = (answer: string): Error | undefined =>
  answer.startsWith('HTTP/1.1 200 ') && !answer.includes('<ERROR ')
    ? undefined
    : new Error(`wanted an instance, got ${answer.slice(0, 300)}`);

/** The octets of the whole answer, head included, once that can be told. */
function answerLength(received: string): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.slice(0, end + 2);
  const length = /^content-length: (\d+)\r$/im.exec(head)?.[1];
  if (length !== undefined) return end + 4 + Number(length);
  if (!/^transfer-encoding: chunked\r$/im.test(head)) throw new Error('wanted an answer that tells its length');
  return received.endsWith('\r\n0\r\n\r\n') ? received.length : undefined;
}
