import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { callXml, ofClass } from '../intrinsic-call.js';

import { download } from './client.js';
import { type Pair, startPair } from './pair.js';
import { residentMemory } from './process-usage.js';
import { basic } from './request-bytes.js';

/*
 * npm run bench -- hostile: what becomes of requests that no client should send, of clients that go away, and of a pool
 * that is restarted in the midst; then the bridge's memory beside what it was before.
 */

const enumeration = callXml('EnumerateInstances', ofClass('Xen_ComputerSystem'));

/** Longer than the bridge waits for a request that does not come to its end, in milliseconds. */
const patience = 90_000;

interface Case {
  readonly name: string;
  /** How often in all; one after the other. */
  readonly times: number;
  readonly run: (pair: Pair) => Promise<string>;
}

const head = (length: number | 'chunked'): string =>
  `POST /cimom HTTP/1.1\r\nHost: bench\r\nAuthorization: ${basic('root', 'xenroot')}\r\n` +
  `Content-Type: application/xml\r\n${length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`}\r\n\r\n`;

async function open({ bridge }: Pair): Promise<Socket> {
  const socket = connect(Number(bridge.url.port), bridge.url.hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The first line of what is answered with its CIMError or ERROR, until the connection is closed or nothing more is due. */
function answer(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 'closed without an answer';
      const token = /^CIMError: ?(.*)\r$/im.exec(text)?.[1];
      const code = /<ERROR CODE="(\d+)"/.exec(text)?.[1];
      resolve([status, token, code && `CIM status ${code}`].filter(Boolean).join(', '));
    };
    const timer = setTimeout(finish, patience);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      const length = /^content-length: (\d+)\r$/im.exec(text)?.[1];
      if (end >= 0 && length !== undefined && text.length >= end + 4 + Number(length)) finish();
      else if (/\r\n0\r\n\r\n$/.test(text)) finish();
    });
    socket.on('close', finish);
  });
}

const post =
  (body: string) =>
  async (pair: Pair): Promise<string> => {
    const socket = await open(pair);
    const answered = answer(socket);
    socket.write(head(Buffer.byteLength(body)) + body);
    return answered;
  };

/** Writes a hundred megabytes for as long as somebody takes them. */
const flood =
  (chunked: boolean) =>
  async (pair: Pair): Promise<string> => {
    const socket = await open(pair);
    const answered = answer(socket);
    const piece = Buffer.alloc(1024 ** 2, 'x');
    let closed = false;
    void answered.then(() => {
      closed = true;
    });
    socket.write(head(chunked ? 'chunked' : 100 * piece.length));
    for (let i = 0; i < 100 && !closed; i++) {
      if (chunked) socket.write(`${piece.length.toString(16)}\r\n`);
      const room = socket.write(piece);
      if (chunked) socket.write('\r\n');
      if (!room) await Promise.race([once(socket, 'drain').catch(() => undefined), answered]);
    }
    return answered;
  };

/** A byte a second. */
const slowly =
  (text: string, already: number) =>
  async (pair: Pair): Promise<string> => {
    const socket = await open(pair);
    const answered = answer(socket);
    socket.write(text.slice(0, already));
    let sent = already;
    const timer = setInterval(() => socket.write(text[sent++ % text.length]!), 1_000);
    return answered.finally(() => clearInterval(timer));
  };

const leave =
  (text: string, afterAnswer: boolean) =>
  async (pair: Pair): Promise<string> => {
    const socket = await open(pair);
    socket.write(text);
    if (afterAnswer) await once(socket, 'data');
    socket.destroy();
    return afterAnswer ? 'left in the midst of the answer' : 'left in the midst of the request';
  };

async function restartPool({ bridge, simulator }: Pair): Promise<string> {
  await download(bridge.url, enumeration);
  const running = Array.from({ length: 4 }, () => download(bridge.url, enumeration));
  const body = JSON.stringify({ fault: 'restart' });
  // The restart ends this connection too.
  await fetch(new URL('/simulator/fault', simulator.url), { method: 'POST', body }).catch(() => undefined);
  const sizes = new Set((await Promise.all(running)).map(({ bytes }) => bytes));
  const until = performance.now() + patience;
  let ready = 0;
  while (ready !== 200 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    ready = (await fetch(new URL('/readyz', bridge.url))).status;
  }
  const after = await download(bridge.url, enumeration);
  const whole = sizes.size === 1 && sizes.has(after.bytes);
  return `${whole ? 'every enumeration whole' : 'ENUMERATIONS DIFFER'}, then ready ${ready}`;
}

const xml = '<?xml version="1.0"?>';
const whole = head(enumeration.length) + enumeration;

const cases: readonly Case[] = [
  { name: 'XML that is not well-formed', times: 200, run: post(`${xml}<CIM><MESSAGE></CIM>`) },
  { name: 'XML that is no CIM', times: 200, run: post(`${xml}<html/>`) },
  { name: 'a document type', times: 200, run: post(`${xml}<!DOCTYPE a [<!ENTITY b "c">]><CIM>&b;</CIM>`) },
  { name: 'a hundred thousand elements deep', times: 20, run: post(`${xml}${'<A>'.repeat(100_000)}`) },
  {
    name: 'a parameter of the wrong type',
    times: 200,
    run: post(callXml('EnumerateInstances', '<IPARAMVALUE NAME="ClassName"><VALUE>1</VALUE></IPARAMVALUE>')),
  },
  {
    name: 'bytes that are no HTTP',
    times: 200,
    run: async (pair) => {
      const socket = await open(pair);
      const answered = answer(socket);
      socket.write('\u0000\u0001 hello\r\n\r\n');
      return answered;
    },
  },
  { name: '100 MB with their length', times: 20, run: flood(false) },
  { name: '100 MB without their length', times: 20, run: flood(true) },
  { name: 'a client that leaves while it sends', times: 200, run: leave(whole.slice(0, -20), false) },
  { name: 'a client that leaves while it is answered', times: 200, run: leave(whole, true) },
  { name: 'the pool restarted during enumerations', times: 5, run: restartPool },
];

const slow: readonly Case[] = [
  { name: 'a head that comes a byte a second', times: 1, run: slowly(head(10), 20) },
  {
    name: 'a body that comes a byte a second',
    times: 1,
    run: slowly(head(1_000) + ' '.repeat(1_000), head(1_000).length),
  },
];

async function count({ name, times, run }: Case, pair: Pair): Promise<void> {
  const outcomes = new Map<string, number>();
  for (let i = 0; i < times; i++) {
    const outcome = await run(pair);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  const told = [...outcomes].map(([outcome, number]) => `${outcome} (${number} times)`);
  console.log(`${name}: ${told.join('; ')}`);
}

/** Resident memory once it no longer falls: half a minute after the last request. */
async function settled({ bridge }: Pair): Promise<number> {
  for (let i = 0; i < 10; i++) await download(bridge.url, enumeration);
  await new Promise((resolve) => setTimeout(resolve, 30_000));
  return residentMemory(bridge.pid);
}

/** Runs every case and prints what became of it. */
export async function hostile(): Promise<void> {
  const pair = await startPair('8x1000');
  try {
    for (const one of cases) await count({ ...one, times: Math.min(one.times, 5) }, pair);
    const before = await settled(pair);
    console.log(`resident memory after a first pass: ${before.toFixed(0)} MB; now in earnest`);
    const waiting = slow.map((one) => count(one, pair));
    for (const one of cases) await count(one, pair);
    await Promise.all(waiting);
    const after = await settled(pair);
    const change = ((after / before - 1) * 100).toFixed(1);
    console.log(`resident memory ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after: ${change} %`);
  } finally {
    await pair.stop();
  }
}
