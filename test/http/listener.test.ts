import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectionLimits, createListener } from '../../src/http/listener.js';
import { fingerprintOf, type TlsMaterial, watchTls } from '../../src/http/tls.js';
import { createLog } from '../log-lines.js';
import { RawClient } from '../raw-client.js';
import { held, openStage, paths, rawRequest, requestXml, type Stage, type StageOptions } from './stage.js';

let stage: Stage;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stage?.close();
});

async function open(limits: Partial<ConnectionLimits> = {}, options: StageOptions = {}): Promise<void> {
  stage = await openStage({ ...options, listener: { limits: { checkEvery: 20, ...limits }, ...options.listener } });
}

async function connect(port = stage.port, tls = false): Promise<RawClient> {
  const client = await RawClient.connect(port, { tls });
  clients.push(client);
  return client;
}

const figure = async (name: string): Promise<string | undefined> =>
  new RegExp(`^${name} (.*)$`, 'm').exec(await stage.metrics.registry.metrics())?.[1];

async function certificate(name: string): Promise<TlsMaterial> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], { keyType: 'ec' });
  return { cert: Buffer.from(cert), key: Buffer.from(key) };
}

describe('a client that is slow', () => {
  it('to send anything is cut', async () => {
    await open({ headTime: 60 });
    await (await connect()).end();
  });

  it('to send the second byte is cut', async () => {
    await open({ headTime: 60 });
    await (await connect()).send('P').end();
  });

  it('to send its head gets 408 and the end', async () => {
    await open({ headTime: 250, requestTime: 10_000 });
    const client = (await connect()).send('POST /cimom HTTP/1.1\r\nHost: h\r\n');
    expect(await client.response()).toMatchObject({ status: 408, headers: { 'content-length': '0' } });
    await client.end();
  });

  it('to send its body gets 408 and the end, and holds nothing', async () => {
    await open({ headTime: 250, requestTime: 250 });
    const client = (await connect()).send(rawRequest(requestXml().slice(0, 50), { 'Content-Length': '5000' }));
    expect((await client.response()).status).toBe(408);
    await client.end();
    await expect.poll(() => stage.log.findLast(({ msg }) => msg === 'request')).toMatchObject({ outcome: 'gone' });
  });

  it('a byte at a time, on an M- connection, is cut too', async () => {
    await open({ headTime: 60, requestTime: 60 });
    const client = await connect();
    const timer = setInterval(() => client.send('M-POST /'.slice(0, 2)), 5);
    await client.end();
    clearInterval(timer);
  });

  it('to ask again loses its connection', async () => {
    await open({ idleTime: 50 });
    const client = (await connect()).send(rawRequest(requestXml()));
    expect((await client.response()).status).toBe(200);
    await client.end();
  });
});

describe('what is no HTTP', () => {
  it.each([
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00', 400],
    ['an unknown method', 'FROB / HTTP/1.1\r\nHost: h\r\n\r\n', 501],
    ['a bad version', 'POST / HTTP/9.x\r\n\r\n', 400],
    ['a bad length', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: abc\r\n\r\n', 400],
    ['a line of a head without a colon', 'POST / HTTP/1.1\r\nHost: h\r\nnonsense\r\n\r\n', 400],
    ['too long a head', `POST / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, 431],
  ])('%s is told so, with a length, and the connection ends', async (_what, bytes, status) => {
    await open();
    const client = (await connect()).send(Buffer.from(bytes, 'latin1'));
    const response = await client.response();
    expect([400, 501].includes(status) ? [400, 501] : [status]).toContain(response.status);
    expect(response.headers).toMatchObject({ 'content-length': '0', connection: 'close' });
    await client.end();
    expect(stage.done).toHaveLength(0);
  });

  it('or has no Host is 400 with a sentence', async () => {
    await open();
    const client = (await connect()).send(rawRequest(requestXml(), { Host: undefined }));
    const response = await client.response();
    expect(response).toMatchObject({ status: 400, headers: { 'content-length': '0' } });
    expect(decodeURIComponent(response.headers['cimerrordetails']!)).toContain('Host');
    expect(stage.done).toHaveLength(0);
  });

  it.each([
    ['several Host headers (RFC 9112 3.2)', 'Host: a\r\nHost: b\r\nContent-Length: 0', 400],
    ['an empty transfer coding (RFC 9112 6.1)', 'Host: a\r\nTransfer-Encoding: ', 501],
    ['a transfer coding beside chunked', 'Host: a\r\nTransfer-Encoding: gzip, chunked', 501],
  ])('or has %s is refused', async (_what, fields, status) => {
    await open();
    const client = (await connect()).send(`POST /cimom HTTP/1.1\r\n${fields}\r\n\r\n`);
    expect(await client.response()).toMatchObject({ status, headers: { 'content-length': '0' } });
    if (status === 501) await client.end();
    expect(stage.done).toHaveLength(0);
  });

  it('or wants a tunnel is told 405', async () => {
    await open();
    const client = (await connect()).send('CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.response()).toMatchObject({ status: 405, headers: { 'content-length': '0' } });
    await client.end();
  });

  it('has all its headers read, however many there are', async () => {
    await open();
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, i) => [`X${i}`, '']));
    const body = requestXml();
    const client = (await connect()).send(
      rawRequest(body, { CIMMethod: undefined, ...many, cimmethod: 'GetInstance' }),
    );
    expect(await client.response()).toMatchObject({ status: 400, headers: { cimerror: 'header-mismatch' } });
  });

  it('leaves the listener alive', async () => {
    await open();
    for (let n = 0; n < 20; n++) (await connect()).send(Buffer.from([n, 255, 0, 13, 10, 77, 45])).socket.destroy();
    expect((await (await connect()).send(rawRequest(requestXml())).response()).status).toBe(200);
  });
});

describe('connections', () => {
  it('are counted, and no more than so many taken', async () => {
    await open({ connections: 2 });
    const [a] = [await connect(), await connect()];
    expect(await figure('xen_cim_connections')).toBe('2');
    await (await connect()).end();
    a?.close();
    await expect.poll(() => figure('xen_cim_connections')).toBe('1');
    expect((await (await connect()).send(rawRequest(requestXml())).response()).status).toBe(200);
    expect(stage.log).toContainEqual(expect.objectContaining({ level: 'warn', msg: 'too many connections' }));
  });

  it('from one address leave room for those from others', async () => {
    await open({ connections: 4, connectionsPerAddress: 2 }, { listener: { http: { host: '0.0.0.0', port: 0 } } });
    const [first] = [await connect(), await connect()];
    await (await connect()).end();
    const socket = createConnection({ port: stage.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    const told = new Promise((resolve) => socket.once('data', (bytes) => resolve(bytes.toString('latin1'))));
    socket.write(rawRequest(requestXml()));
    expect(await told).toMatch(/^HTTP\/1.1 200/);
    socket.destroy();
    first?.close();
    await expect.poll(() => figure('xen_cim_connections')).toBe('1');
    expect((await (await connect()).send(rawRequest(requestXml())).response()).status).toBe(200);
  });

  it('beyond that number are cut before the handshake of TLS, too', async () => {
    const tls = await certificate('bridge.example');
    await open({ connectionsPerAddress: 1 }, { listener: { https: { host: '127.0.0.1', port: 0, tls } } });
    const port = stage.bound[1]!.port;
    const first = await connect(port, true);
    await expect(connect(port, true)).rejects.toThrow();
    expect((await first.send(rawRequest(requestXml())).response()).status).toBe(200);
  });
});

describe('a stop', () => {
  it('lets what is under way finish, closes what is idle or silent, and takes nothing more', async () => {
    const { act, release } = held();
    await open({}, { act });
    const silent = await connect();
    const idle = (await connect()).send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    expect((await idle.response()).status).toBe(200);
    const busy = (await connect()).send(rawRequest(requestXml()));
    await expect.poll(() => stage.done.length).toBe(1);
    const stopped = stage.listener.stop(5_000);
    await Promise.all([silent.end(), idle.end()]);
    await expect(RawClient.connect(stage.port)).rejects.toThrow();
    release();
    expect(await busy.response()).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await stopped;
  });

  it('closes a connection whose long answer was under way, when that is out', async () => {
    await open({}, { act: () => ({ kind: 'instanceNames', items: paths(20_000) }) });
    const client = (await connect()).send(rawRequest(requestXml()));
    await expect.poll(() => client.pending.length).toBeGreaterThan(1_000);
    const stopped = stage.listener.stop(5_000);
    expect((await client.response()).body.toString()).toContain('</CIM>');
    await client.end();
    await stopped;
  });

  it('cuts what does not end in time', async () => {
    const { act } = held();
    await open({}, { act });
    const client = (await connect()).send(rawRequest(requestXml()));
    await expect.poll(() => stage.done.length).toBe(1);
    await stage.listener.stop(50);
    await client.end();
  });

  it('may come twice, and before a start', async () => {
    await open();
    await stage.listener.stop(0);
    await stage.listener.stop(0);
  });
});

describe('a start', () => {
  it('on an address that is taken fails, and leaves nothing listening', async () => {
    await open();
    const { operations, app, metrics } = stage;
    const tls = await certificate('bridge');
    const second = createListener({
      operations,
      app,
      metrics,
      log: createLog().log,
      http: { host: '127.0.0.1', port: stage.port },
      https: { host: '127.0.0.1', port: 0, tls },
    });
    await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
  });
});

describe('HTTPS', () => {
  const over = async (): Promise<TlsMaterial> => {
    const tls = await certificate('first');
    await open({}, { listener: { https: { host: '127.0.0.1', port: 0, tls } } });
    return tls;
  };
  const securePort = (): number => stage.bound.find(({ scheme }) => scheme === 'https')!.port;
  const shown = async (): Promise<string> => {
    const client = await connect(securePort(), true);
    return (client.socket as TLSSocket).getPeerCertificate().fingerprint256;
  };

  it('serves as HTTP does', async () => {
    await over();
    const client = (await connect(securePort(), true)).send(rawRequest(requestXml()), rawRequest(requestXml()));
    expect((await client.response()).status).toBe(200);
    expect((await client.response()).status).toBe(200);
  });

  it('speaks nothing older than TLS 1.2', async () => {
    await over();
    const attempt = new Promise((resolve, reject) => {
      const options = {
        port: securePort(),
        rejectUnauthorized: false,
        maxVersion: 'TLSv1.1',
        minVersion: 'TLSv1',
      } as const;
      const socket = connectTls({ ...options, ciphers: 'DEFAULT@SECLEVEL=0' }, () => resolve(socket.getProtocol()));
      socket.on('error', reject);
    });
    await expect(attempt).rejects.toThrow();
  });

  it('closes on what is no TLS, and lives on', async () => {
    await over();
    await (await connect(securePort())).send('POST / HTTP/1.1\r\n\r\n').end();
    expect((await (await connect(securePort(), true)).send(rawRequest(requestXml())).response()).status).toBe(200);
  });

  it('takes another certificate while it runs; connections go on', async () => {
    const first = await over();
    const kept = await connect(securePort(), true);
    expect(await shown()).toBe(fingerprintOf(first));
    const second = await certificate('second');
    stage.listener.setTls(second);
    expect(await shown()).toBe(fingerprintOf(second));
    expect((await kept.send(rawRequest(requestXml())).response()).status).toBe(200);
  });

  it('keeps its certificate where the other is none, or the key is not its own', async () => {
    const first = await over();
    const second = await certificate('second');
    expect(() => stage.listener.setTls({ cert: Buffer.from('nonsense'), key: second.key })).toThrow();
    expect(() => stage.listener.setTls({ cert: second.cert, key: first.key })).toThrow();
    expect(await shown()).toBe(fingerprintOf(first));
  });
});

describe('the files of a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xen-cim-tls-'));
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const write = ({ cert, key }: TlsMaterial): void => {
    writeFileSync(files.cert, cert);
    writeFileSync(files.key, key);
  };
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are used when they change, and only when they can be', async () => {
    const [first, second] = [await certificate('first'), await certificate('second')];
    write(first);
    const { log, lines } = createLog();
    const used: TlsMaterial[] = [];
    const use = (material: TlsMaterial): void => {
      if (material.cert.toString() === 'nonsense') throw new Error('no certificate');
      used.push(material);
    };
    const watch = watchTls(files, use, log, 10);
    watch.reload();
    expect(used).toEqual([]);
    writeFileSync(files.cert, 'nonsense');
    await expect.poll(() => lines.some(({ level }) => level === 'error')).toBe(true);
    expect(used).toEqual([]);
    write(second);
    await expect.poll(() => used.at(-1)).toEqual(second);
    expect(lines.at(-1)).toMatchObject({ level: 'info', fingerprint: fingerprintOf(second) });
    watch.stop();
  });
});
