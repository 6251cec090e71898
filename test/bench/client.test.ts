import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createSocketServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { callXml } from '../intrinsic-call.js';
import { AnswerReader, unchunked } from './answer-reader.js';
import { download, downloadText, hangUp } from './client.js';
import { load } from './load.js';
import { prepare, renumbered } from './request-bytes.js';

const servers: Server[] = [];
afterEach(() => {
  hangUp();
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<URL> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** A server that hands over the body and the path of each request. */
const serving = (
  answer: (body: string, path: string, response: Parameters<RequestListener>[1]) => void,
): Promise<URL> =>
  listening(
    createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      answer(body, request.url!, response);
    }),
  );

describe('the end of an answer', () => {
  const long = `HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world`;
  const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n';

  it.each([long, chunked])('is found however it is cut: %j', (text) => {
    for (let size = 1; size <= text.length; size++) {
      const reader = new AnswerReader(true);
      const ends: boolean[] = [];
      for (let at = 0; at < text.length; at += size) ends.push(reader.take(Buffer.from(text.slice(at, at + size))));
      expect(ends.indexOf(true), `in pieces of ${size}`).toBe(ends.length - 1);
      expect(reader.answer().bytes).toBe(text.length);
      expect(Buffer.concat(reader.answer().pieces).toString()).toBe('hello world');
    }
  });

  it('is found without keeping what came', () => {
    const reader = new AnswerReader(false);
    expect(reader.take(Buffer.from(chunked))).toBe(true);
    expect(reader.answer()).toMatchObject({ bytes: chunked.length, pieces: [] });
  });

  it('has to be told', () => {
    expect(() => new AnswerReader(false).take(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('tells its length');
  });

  it('of chunks is the last one', () => {
    expect(unchunked(Buffer.from('3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n')).toString()).toBe('abc0123456789');
  });
});

describe('requests', () => {
  it('have another message identifier each, of one length', () => {
    const request = prepare(new URL('http://host:1/'), callXml('EnumerateClasses'));
    const ids = Array.from({ length: 3 }, () => /MESSAGE ID="(\d+)"/.exec(renumbered(request).toString())![1]!);
    expect(new Set(ids).size).toBe(3);
    expect(new Set(ids.map(({ length }) => length)).size).toBe(1);
    const [head, body] = request.bytes.toString().split('\r\n\r\n');
    expect(head).toMatch(/^POST \/cimom HTTP\/1\.1\r\n/);
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body!)}`);
  });

  it('go to the path of the URL, in octets', () => {
    const { bytes, idAt } = prepare(new URL('http://host:1/jsonrpc'), 'ä', {});
    expect(bytes.toString()).toBe('POST /jsonrpc HTTP/1.1\r\nHost: host:1\r\nContent-Length: 2\r\n\r\nä');
    expect(idAt).toBeUndefined();
  });
});

describe('the client', () => {
  it('gives the whole answer, in chunks or not, on one connection', async () => {
    const ports = new Set<number>();
    const url = await serving((body, path, response) => {
      ports.add((response.socket as Socket).remotePort!);
      if (path === '/cimom') response.write('a'.repeat(300_000));
      response.end(`${body.length} ${path}`);
    });
    expect(await downloadText(url, 'four')).toBe(`${'a'.repeat(300_000)}4 /cimom`);
    expect(await downloadText(new URL('/1', url), 'four')).toBe('4 /1');
    expect((await download(url, 'four')).bytes).toBeGreaterThan(300_000);
    expect(ports.size).toBe(1);
  });

  it.each([
    ['another status', (response: Parameters<RequestListener>[1]) => response.writeHead(503).end('busy'), '503'],
    ['a CIM error', (response: Parameters<RequestListener>[1]) => response.end('<x><ERROR CODE="6"/></x>'), 'CODE="6"'],
  ])('refuses %s', async (_name, answer, wanted) => {
    const url = await serving((_body, _path, response) => void answer(response));
    await expect(download(url, 'x')).rejects.toThrow(wanted);
  });

  it('says when the connection ends before the answer', async () => {
    const url = await listening(
      createSocketServer((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
      }),
    );
    await expect(download(url, 'x')).rejects.toThrow('before the answer was complete');
  });

  it('opens a connection anew when the server does not keep it', async () => {
    const url = await serving((_body, _path, response) => response.setHeader('Connection', 'close').end('x'));
    expect(await downloadText(url, 'a')).toBe('x');
    expect(await downloadText(url, 'b')).toBe('x');
  });
});

describe('a load', () => {
  it('sends so many requests in turn, on so many connections', async () => {
    const bodies: string[] = [];
    const ports = new Set<number>();
    const url = await serving((body, _path, response) => {
      bodies.push(body);
      ports.add((response.socket as Socket).remotePort!);
      response.end('x');
    });
    const { times, perSecond } = await load(url, ['a', 'b', 'c'], 4, { requests: 30 });
    expect([times.length, ports.size]).toEqual([30, 4]);
    expect(perSecond).toBeGreaterThan(0);
    expect(['a', 'b', 'c'].map((wanted) => bodies.filter((body) => body === wanted).length)).toEqual([10, 10, 10]);
  });

  it('goes on for a time', async () => {
    const url = await serving((_body, _path, response) => response.end('x'));
    expect((await load(url, ['a'], 2, { milliseconds: 30 })).times.length).toBeGreaterThan(0);
  });

  it('ends with the first error', async () => {
    const url = await serving((body, _path, response) => response.writeHead(body === 'b' ? 500 : 200).end());
    await expect(load(url, ['a', 'b'], 1, { requests: 10 })).rejects.toThrow('500');
  });
});
