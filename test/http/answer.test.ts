import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import type { CimInstance, Shape } from '../../src/cim/instance.js';
import type { InstancePath } from '../../src/cim/path.js';
import type { GzipPolicy } from '../../src/http/gzip.js';
import { RawClient } from '../raw-client.js';
import { openStage, pathOf, paths, rawRequest, requestXml, type Stage, type StageOptions } from './stage.js';

let stage: Stage;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stage?.close();
});

async function open(items: () => Iterable<InstancePath>, options: StageOptions = {}): Promise<void> {
  stage = await openStage({ act: () => ({ kind: 'instanceNames', items: items() }), ...options });
}

async function ask(changes: Readonly<Record<string, string>> = {}, start?: string): Promise<RawClient> {
  const client = await RawClient.connect(stage.port);
  clients.push(client);
  return client.send(rawRequest(requestXml(), changes, start));
}

const line = () => stage.log.findLast(({ msg }) => msg === 'request');
const logged = () => expect.poll(line, { timeout: 5_000 });

const shape: Shape = {
  className: 'C',
  properties: [{ name: 'Number', type: 'uint32', isArray: false }],
};
const named = (number: number): CimInstance => ({
  kind: 'instance',
  shape,
  values: [number],
  path: pathOf(number),
});

/** So many paths, then this. */
function* failing(after: number, reason: unknown): Generator<InstancePath> {
  yield* paths(after);
  throw reason;
}

const count = (body: Buffer): number => body.toString().match(/<INSTANCENAME /g)?.length ?? 0;

describe('an answer of many chunks', () => {
  it('goes in chunks and whole', async () => {
    await open(() => paths(20_000));
    const response = await (await ask()).response();
    expect(response.headers).toMatchObject({ 'transfer-encoding': 'chunked', cimoperation: 'MethodResponse' });
    expect(response.headers['content-length']).toBeUndefined();
    expect(response.headers['trailer']).toBeUndefined();
    expect(count(response.body)).toBe(20_000);
    expect(response.body.toString().endsWith('</CIM>\n')).toBe(true);
    await logged().toMatchObject({ outcome: 'OK', instances: 20_000, bytes: response.body.length });
  });

  it('goes out up to what it has to wait for, and on when that has come', async () => {
    let come = (): void => {};
    const delay = new Promise<void>((resolve) => {
      come = resolve;
    });
    const items = [named(1), delay, named(2)];
    stage = await openStage({ act: () => ({ kind: 'namedInstances', items, selection: { classOrigin: false } }) });
    const client = await ask();
    await expect.poll(() => client.pending, { timeout: 5_000 }).toContain('<VALUE>1</VALUE>');
    expect(client.pending).not.toContain('<VALUE>2</VALUE>');
    come();
    const { body } = await client.response();
    expect(body.toString()).toMatch(/<VALUE>1<.*<VALUE>2<.*<\/CIM>\n$/s);
    await logged().toMatchObject({ outcome: 'OK', instances: 2 });
  });

  it('is an error where what it waits for first fails, and is broken off where that stands in the midst', async () => {
    const fails = (): Promise<void> => {
      const delay = Promise.reject(new CimError('FAILED', 'not to be had'));
      delay.catch(() => undefined);
      return delay;
    };
    let items: readonly (CimInstance | Promise<void>)[] = [];
    stage = await openStage({ act: () => ({ kind: 'namedInstances', items, selection: { classOrigin: false } }) });
    items = [fails(), named(1)];
    expect((await (await ask()).response()).body.toString()).toContain('<ERROR CODE="1" DESCRIPTION="not to be had">');
    items = [named(1), fails(), named(2)];
    const client = await ask({ TE: 'trailers' });
    expect((await client.brokenResponse()).trailers).toMatchObject({ cimstatuscode: '1' });
    await logged().toMatchObject({ outcome: 'broken' });
  });

  it('is made as it is read: a client that reads nothing stops it, and others are served meanwhile', async () => {
    let given = 0;
    const endless = function* () {
      for (;;) yield pathOf(given++);
    };
    await open(endless);
    const client = await RawClient.connect(stage.port);
    clients.push(client);
    client.socket.pause();
    client.send(rawRequest(requestXml()));
    let before = -1;
    await expect
      .poll(
        () => {
          const stands = given > 0 && given === before;
          before = given;
          return stands;
        },
        { timeout: 10_000, interval: 100 },
      )
      .toBe(true);
    const other = await RawClient.connect(stage.port);
    clients.push(other);
    other.send('GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n');
    expect((await other.response()).status).toBe(200);
    expect(given).toBe(before);
  });

  it('does not keep short ones waiting', async () => {
    let busy = true;
    const long = function* () {
      yield* paths(200_000);
      busy = false;
    };
    let first = true;
    stage = await openStage({
      act: () => {
        const items = first ? long() : paths(1);
        first = false;
        return { kind: 'instanceNames', items };
      },
    });
    const bulk = await ask();
    await expect.poll(() => bulk.pending.length).toBeGreaterThan(0);
    const short = await ask();
    expect(count((await short.response()).body)).toBe(1);
    expect(busy).toBe(true);
  });

  it('whose client goes away is not made any further, and its items are let go of', async () => {
    let given = 0;
    let released = false;
    const endless = function* () {
      try {
        for (;;) yield pathOf(given++);
      } finally {
        released = true;
      }
    };
    await open(endless);
    const client = await ask();
    await expect.poll(() => client.pending.length).toBeGreaterThan(0);
    client.close();
    await logged().toMatchObject({ outcome: 'gone', status: 200 });
    expect(released).toBe(true);
    const then = given;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(given).toBe(then);
  });

  it('whose client takes nothing for long is given up', async () => {
    await open(() => paths(10_000_000), { stall: 100 });
    const client = await RawClient.connect(stage.port);
    clients.push(client);
    client.socket.pause();
    client.send(rawRequest(requestXml()));
    await logged().toMatchObject({ outcome: 'gone' });
  });

  it('to HTTP/1.0 goes without chunks, and its end is that of the connection', async () => {
    await open(() => paths(50_000));
    const response = await (await ask({}, 'POST /cimom HTTP/1.0')).response();
    expect(response.headers).not.toHaveProperty('transfer-encoding');
    expect(count(response.body)).toBe(50_000);
  });
});

describe('an answer whose items fail', () => {
  it('before the first chunk was sent is an ERROR with a length', async () => {
    for (const after of [0, 10, 400]) {
      await open(() => failing(after, new CimError('FAILED', 'it went away')));
      const response = await (await ask()).response();
      expect(response.headers['content-length']).toBe(String(response.body.length));
      expect(response.body.toString()).toContain('<ERROR CODE="1" DESCRIPTION="it went away"');
      expect(count(response.body)).toBe(0);
      await logged().toMatchObject({ outcome: 'FAILED', instances: 0 });
      await stage.close();
    }
  });

  it('after that breaks the connection off, so that nobody takes it for whole', async () => {
    await open(() => failing(50_000, new CimError('FAILED', 'it went away')));
    const client = await ask();
    await expect(client.response()).rejects.toThrow(/connection ended/);
    expect(client.pending).not.toContain('</CIM>');
    expect(client.pending).not.toContain('\r\n0\r\n');
    await logged().toMatchObject({ level: 'warn', outcome: 'broken', error: 'it went away' });
  });

  it('after that says so in the trailer to clients that take one (DSP0200 6.3.14), then ends', async () => {
    await open(() => failing(50_000, new CimError('NOT_FOUND', 'it went, "away" & ä')));
    const client = await ask({ TE: 'chunked, trailers' });
    const response = await client.brokenResponse();
    expect(response.headers['trailer']).toBe('CIMStatusCode, CIMStatusCodeDescription, CIMStatusDescription');
    expect(response.trailers['cimstatuscode']).toBe('6');
    expect(decodeURIComponent(response.trailers['cimstatuscodedescription']!)).toBe('it went, "away" & ä');
    await client.end();
  });

  it('has no trailer where nothing fails, since old clients take code 0 for an error', async () => {
    await open(() => paths(50_000));
    const client = await ask({ TE: 'trailers' });
    expect((await client.response()).trailers).toEqual({});
    client.send(rawRequest(requestXml()));
    expect((await client.response()).status).toBe(200);
  });

  it('to HTTP/1.0 lacks the end of its XML', async () => {
    await open(() => failing(50_000, new CimError('FAILED', 'it went away')));
    const response = await (await ask({}, 'POST /cimom HTTP/1.0')).brokenResponse();
    expect(response.body.toString()).not.toContain('</CIM>');
  });

  it('by a fault of ours is told to nobody but the log', async () => {
    await open(() => failing(50_000, new TypeError('undefined is not a pool')));
    const response = await (await ask({ TE: 'trailers' })).brokenResponse();
    expect(response.trailers['cimstatuscode']).toBe('1');
    expect(JSON.stringify(response.trailers)).not.toContain('undefined');
    await logged().toMatchObject({ level: 'error', outcome: 'broken', err: { message: 'undefined is not a pool' } });
  });
});

describe('gzip', () => {
  const wish = { 'Accept-Encoding': 'gzip, deflate' };

  it('packs an answer of one chunk, with its length', async () => {
    await open(() => paths(100), { gzip: 'always' });
    const { headers, body } = await (await ask(wish)).response();
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(body.length) });
    expect(count(gunzipSync(body))).toBe(100);
  });

  it('packs a long one as it goes', async () => {
    await open(() => paths(20_000), { gzip: 'always' });
    const { headers, body } = await (await ask(wish)).response();
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' });
    const unpacked = gunzipSync(body);
    expect(count(unpacked)).toBe(20_000);
    expect(body.length).toBeLessThan(unpacked.length / 5);
  });

  it('of a long one is not for clients that take trailers: wbem-java unpacks before it takes chunks apart', async () => {
    await open(() => paths(20_000), { gzip: 'always' });
    const { headers } = await (await ask({ 'Accept-Encoding': 'gzip,identity;q=0.5', TE: 'trailers' })).response();
    expect(headers['content-encoding']).toBeUndefined();
  });

  it.each([
    ['remote', 'gzip', 'on the same machine'],
    ['never', 'gzip', 'by the setting'],
    ['always', 'gzip;q=0', 'by the client'],
    ['always', 'deflate, br', 'by the client'],
  ])('%s with %s is left out (%s)', async (gzip, accepted) => {
    await open(() => paths(100), { gzip: gzip as GzipPolicy });
    expect((await (await ask({ 'Accept-Encoding': accepted })).response()).headers['content-encoding']).toBeUndefined();
  });

  it('is not for what is too short to gain by it', async () => {
    await open(() => paths(0), { gzip: 'always' });
    expect((await (await ask(wish)).response()).headers['content-encoding']).toBeUndefined();
  });

  it('that fails after the first bytes is broken off too', async () => {
    await open(() => failing(60_000, new CimError('FAILED', 'it went away')), { gzip: 'always' });
    await expect((await ask(wish)).response()).rejects.toThrow(/connection ended/);
    await logged().toMatchObject({ outcome: 'broken' });
  });

  it('whose client goes away stops', async () => {
    await open(() => paths(10_000_000), { gzip: 'always' });
    const client = await ask(wish);
    await expect.poll(() => client.pending.length).toBeGreaterThan(0);
    client.close();
    await logged().toMatchObject({ outcome: 'gone' });
  });
});
