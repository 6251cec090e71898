import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { CimError } from '../../src/cim/error.js';
import { RawClient, type RawResponse } from '../raw-client.js';
import {
  basic,
  fetchAnswer,
  fieldsOf,
  held,
  messageXml,
  methodXml,
  openStage,
  paths,
  rawRequest,
  requestXml,
  type Stage,
  type StageOptions,
  simpleXml,
} from './stage.js';

let stage: Stage;
const open = async (options?: StageOptions): Promise<Stage> => {
  stage = await openStage(options);
  return stage;
};
afterEach(() => stage?.close());

type Changes = Readonly<Record<string, string | undefined>>;

const post = (body: string | Buffer, changes: Changes = {}, path = '/cimom', method = 'POST'): Promise<Response> =>
  fetchAnswer(`http://127.0.0.1:${stage.port}${path}`, { method, headers: fieldsOf(changes), body });

/** Sends the bytes on a connection of their own and gives the one answer. */
async function exchange(...parts: readonly string[]): Promise<RawResponse> {
  const client = await RawClient.connect(stage.port);
  try {
    return await client.send(...parts).response();
  } finally {
    client.close();
  }
}

const logged = (): Readonly<Record<string, unknown>> | undefined => stage.log.findLast(({ msg }) => msg === 'request');

const wholeLog = async (): Promise<Readonly<Record<string, unknown>>> => {
  await expect.poll(logged).toBeDefined();
  return logged()!;
};

/** The sentence of a refusal. */
const detail = (headers: Headers): string => decodeURIComponent(headers.get('cimerrordetails') ?? '');

describe('an operation', () => {
  it('is answered with the fields of DSP0200 6.3.3 and 6.3.15', async () => {
    await open();
    const response = await post(requestXml({ id: 'any &lt;id&gt;' }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/xml; charset="utf-8"');
    expect(response.headers.get('cimoperation')).toBe('MethodResponse');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(Number(response.headers.get('wbemserverresponsetime'))).toBeGreaterThan(0);
    const body = await response.text();
    expect(Number(response.headers.get('content-length'))).toBe(Buffer.byteLength(body));
    expect(body).toContain('ID="any &lt;id');
    expect(body.match(/<INSTANCENAME /g)).toHaveLength(3);
  });

  it('gets its CIM error in a 200', async () => {
    await open({
      act: () => {
        throw new CimError('INVALID_CLASS', 'no such class');
      },
    });
    const response = await post(requestXml());
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('<ERROR CODE="5" DESCRIPTION="no such class"');
    expect(await wholeLog()).toMatchObject({ outcome: 'INVALID_CLASS', status: 200, error: 'no such class' });
  });

  it('that meets a fault of ours is CIM_ERR_FAILED, its cause in the log and not on the wire', async () => {
    await open({
      act: () => {
        throw new TypeError('undefined is not a pool');
      },
    });
    const text = await (await post(requestXml())).text();
    expect(text).toContain('<ERROR CODE="1"');
    expect(text).not.toContain('undefined');
    expect(await wholeLog()).toMatchObject({
      level: 'error',
      outcome: 'FAILED',
      err: { message: 'undefined is not a pool' },
    });
  });

  it('leaves a line in the log', async () => {
    await open();
    await (await post(requestXml({ id: '42' }))).text();
    expect(await wholeLog()).toMatchObject({
      level: 'info',
      id: '42',
      client: '127.0.0.1',
      user: 'reader',
      namespace: 'root/cimv2',
      operation: 'EnumerateInstanceNames',
      class: 'Xen_ComputerSystem',
      outcome: 'OK',
      status: 200,
      instances: 3,
      ms: expect.any(Number),
      bytes: expect.any(Number),
    });
    expect(JSON.stringify(stage.log)).not.toContain('secret');
    expect(JSON.stringify(stage.log)).not.toContain(basic('reader', 'secret').slice(6));
  });

  it('that is a method leaves what it returned in the log, with the reason why it was declined', async () => {
    const reason = 'web01 is Running: shut it down first';
    await open({ act: () => ({ kind: 'method', returned: { type: 'uint32', value: 5 }, output: [], reason }) });
    const headers = { CIMMethod: undefined, CIMObject: undefined };
    await (await post(methodXml('DestroySystem', 'x'), headers)).text();
    expect(await wholeLog()).toMatchObject({
      operation: 'DestroySystem',
      outcome: 'OK',
      returned: '5',
      declined: reason,
    });
  });

  it('is carried out for the principal that the login gave', async () => {
    const principals: unknown[] = [];
    await open({
      act: (_call, principal) => {
        principals.push(principal);
        return { kind: 'void' };
      },
    });
    await post(requestXml(), { Authorization: basic('jürgen', 'secret') });
    expect(principals).toEqual([{ name: 'jürgen', role: 'read-only', origin: 'pool' }]);
  });

  it('among several in a MULTIREQ has its reply in the MULTIRSP (decisions.md 20)', async () => {
    await open({
      act: (call) => {
        if (call.name === 'GetInstance') throw new CimError('NOT_FOUND', 'it is gone');
        return { kind: 'void' };
      },
    });
    const body = messageXml(`<MULTIREQ>${simpleXml()}${simpleXml({ name: 'GetInstance' })}</MULTIREQ>`);
    const response = await post(body, { CIMMethod: undefined, CIMObject: undefined, CIMBatch: '' });
    const text = await response.text();
    expect(text.match(/<SIMPLERSP>/g)).toHaveLength(2);
    expect(text).toMatch(/MULTIRSP.*EnumerateInstanceNames.*GetInstance.*CODE="6".*MULTIRSP/s);
    expect(await wholeLog()).toMatchObject({ operation: 'MULTIREQ', operations: 2 });
  });

  it('in a MULTIREQ is carried out when those before it are on their way: a large answer is never held for another', async () => {
    let taken = 0;
    const items = function* () {
      for (const path of paths(5_000)) {
        taken++;
        yield path;
      }
    };
    const before: number[] = [];
    await open({
      act: () => {
        before.push(taken);
        return { kind: 'instanceNames', items: items() };
      },
    });
    const response = await post(messageXml(`<MULTIREQ>${simpleXml().repeat(4)}</MULTIREQ>`), { CIMMethod: undefined });
    expect((await response.text()).match(/<INSTANCENAME /g)).toHaveLength(20_000);
    expect(before).toEqual([0, 5_000, 10_000, 15_000]);
  });

  it('counts in a MULTIREQ: more than the setting allows are refused with 413', async () => {
    await open({ batch: 2 });
    const response = await post(messageXml(`<MULTIREQ>${simpleXml().repeat(3)}</MULTIREQ>`), { CIMMethod: undefined });
    expect(response.status).toBe(413);
    expect(stage.done).toHaveLength(0);
  });
});

describe('the target', () => {
  const targets = [
    '/cimom',
    '//cimom',
    '/cimom/',
    '/',
    '/anything?else=1',
    'http://bridge.example:5988/cimom',
    '/x/metrics',
  ];
  it.each(targets)('%s takes operations (clients differ, sfcb takes any path)', async (target) => {
    await open();
    expect((await exchange(rawRequest(requestXml(), {}, `POST ${target} HTTP/1.1`))).status).toBe(200);
  });

  it.each(['/metrics', '/healthz/', '//readyz', 'http://h/metrics?x'])(
    '%s is a page and takes none',
    async (target) => {
      await open();
      const response = await exchange(rawRequest(requestXml(), {}, `POST ${target} HTTP/1.1`));
      expect(response).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
      expect(stage.done).toHaveLength(0);
    },
  );

  it.each(['GET', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])('answers %s /cimom with 405 and Allow', async (method) => {
    await open();
    const response = await exchange(`${method} /cimom HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(response).toMatchObject({ status: 405, headers: { allow: 'POST, M-POST, OPTIONS' } });
  });
});

describe('OPTIONS (DSP0200 7.5.2)', () => {
  it.each(['/cimom', '*', '/'])('%s tells what the server can, under the prefix of Opt', async (target) => {
    await open({
      capability: { functionalGroups: ['basic-read', 'query-execution'], queryLanguages: ['WQL', 'DMTF:CQL'] },
    });
    const { status, headers } = await exchange(`OPTIONS ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(status).toBe(200);
    const [, prefix] =
      /^http:\/\/www\.dmtf\.org\/cim\/mapping\/http\/v1\.0 ; ns=(\d\d)$/.exec(headers['opt'] ?? '') ?? [];
    expect(headers).toMatchObject({
      'content-length': '0',
      [`${prefix}-cimprotocolversion`]: '1.0',
      [`${prefix}-cimsupportedfunctionalgroups`]: 'basic-read, query-execution',
      [`${prefix}-cimsupportsmultipleoperations`]: '',
      [`${prefix}-cimsupportedquerylanguages`]: 'WQL, DMTF:CQL',
      [`${prefix}-cimvalidation`]: 'loosely-validating',
    });
  });
});

describe('the Content-Type (DSP0200 7.2)', () => {
  const taken = [
    'application/xml; charset="utf-8"',
    'application/xml;charset=utf-8',
    'text/xml; charset=UTF-8',
    'TEXT/XML',
    "application/xml; charset='us-ascii'",
    'application/xml; x=y; charset=utf8',
    undefined,
  ];
  it.each(taken)('%s is taken', async (type) => {
    await open();
    expect((await exchange(rawRequest(requestXml(), { 'Content-Type': type }))).status).toBe(200);
  });

  it.each(['application/json', 'text/html', 'application/x-openpegasus', 'text/xml; charset=utf-16', 'x'])(
    '%s is refused with 415',
    async (type) => {
      await open();
      const response = await exchange(rawRequest(requestXml(), { 'Content-Type': type }));
      expect(response).toMatchObject({
        status: 415,
        headers: { cimerror: 'request-not-valid', 'content-length': '0' },
      });
    },
  );
});

describe('the body', () => {
  it('may come in chunks', async () => {
    await open();
    const body = requestXml();
    const [a, b] = [body.slice(0, 100), body.slice(100)];
    const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = rawRequest('', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' });
    expect((await exchange(head, chunk(a), `${chunk(b)}0\r\n\r\n`)).status).toBe(200);
  });

  it.each(['gzip', 'GZIP', 'x-gzip'])('may come in %s', async (coding) => {
    await open();
    expect((await post(gzipSync(requestXml()), { 'Content-Encoding': coding })).status).toBe(200);
  });

  it('that is not the gzip it says is 400 request-not-well-formed', async () => {
    await open();
    const response = await post(requestXml(), { 'Content-Encoding': 'gzip' });
    expect([response.status, response.headers.get('cimerror')]).toEqual([400, 'request-not-well-formed']);
  });

  it('in another coding is 415', async () => {
    await open();
    const response = await post(requestXml(), { 'Content-Encoding': 'br' });
    expect([response.status, response.headers.get('accept-encoding')]).toEqual([415, 'gzip, deflate, identity']);
  });

  it('that unpacks to more than the limit is 413', async () => {
    await open();
    const bomb = gzipSync(Buffer.alloc(64 * 1024 ** 2));
    const response = await post(bomb, { 'Content-Encoding': 'gzip' });
    expect(response.status).toBe(413);
    expect(stage.done).toHaveLength(0);
  });

  it('without a length is 411', async () => {
    await open();
    expect(await exchange(rawRequest('', { 'Content-Length': undefined }))).toMatchObject({ status: 411 });
  });

  it('that is empty, or no XML, is 400 request-not-well-formed with Content-Length 0 and a sentence', async () => {
    await open();
    for (const body of ['', 'nonsense', '<CIM']) {
      const response = await post(body);
      expect([body, response.status, response.headers.get('cimerror')]).toEqual([body, 400, 'request-not-well-formed']);
      expect(response.headers.get('content-length')).toBe('0');
      expect(detail(response.headers).length).toBeGreaterThan(10);
      expect(response.headers.get('pgerrordetail')).toBe(response.headers.get('cimerrordetails'));
      expect(response.headers.get('cimerrordescription')).toBe(response.headers.get('cimerrordetails'));
    }
    expect(await wholeLog()).toMatchObject({ outcome: 'refused', status: 400, cimError: 'request-not-well-formed' });
  });

  it.each([
    ['CIMVERSION="2.0"', 'CIMVERSION="3.0"', 'unsupported-cim-version'],
    ['DTDVERSION="2.0"', 'DTDVERSION="1.0"', 'unsupported-dtd-version'],
    ['PROTOCOLVERSION="1.0"', 'PROTOCOLVERSION="2.0"', 'unsupported-protocol-version'],
  ])('with %s made %s is 501 %s (DSP0200 7.3)', async (from, to, token) => {
    await open();
    const response = await post(requestXml().replace(from, to));
    expect([response.status, response.headers.get('cimerror')]).toEqual([501, token]);
  });

  it('of 100 MB is refused by its head, before it is sent', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest('', { 'Content-Length': String(100 * 1024 ** 2) }));
    expect(await client.response()).toMatchObject({ status: 413, headers: { connection: 'close' } });
    client.close();
  });

  it('of 100 MB in chunks, by a client that reads nothing before it has sent all, is refused and not gathered', async () => {
    await open();
    const before = process.memoryUsage().rss;
    const block = Buffer.alloc(1024 ** 2, 'x');
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest('', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }));
    const sending = (async () => {
      for (let sent = 0; sent < 100 && !client.socket.destroyed; sent++) {
        client.send('100000\r\n');
        if (!client.socket.write(block)) await new Promise((resolve) => client.socket.once('drain', resolve));
        client.send('\r\n');
      }
      client.send('0\r\n\r\n');
    })();
    expect(await client.response(10_000)).toMatchObject({ status: 413, headers: { 'content-length': '0' } });
    await Promise.race([sending, client.end(10_000)]);
    expect(process.memoryUsage().rss - before).toBeLessThan(90 * 1024 ** 2);
    client.close();
  });

  it('with two lengths, Content-Length and chunks, is 400 and the connection closes', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest(requestXml(), { 'Transfer-Encoding': 'chunked' }));
    expect((await client.response()).status).toBe(400);
    await client.end();
    expect(stage.done).toHaveLength(0);
  });

  it('longer than its Content-Length leaves bytes that are no request: 501 or 400 after the answer, then the end', async () => {
    await open();
    const body = requestXml();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest(`${body}garbage\r\n\r\n`, { 'Content-Length': String(Buffer.byteLength(body)) }));
    expect((await client.response()).status).toBe(200);
    expect([400, 501]).toContain((await client.response()).status);
    await client.end();
    expect(stage.done).toHaveLength(1);
  });

  it('shorter than its Content-Length, on a connection that then ends, is carried out by nobody', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest(requestXml(), { 'Content-Length': '5000' }));
    client.socket.end();
    await client.end();
    expect(stage.done).toHaveLength(0);
    expect(await wholeLog()).toMatchObject({ outcome: 'gone', status: 0 });
  });
});

describe('Expect: 100-continue', () => {
  it('gets 100 before the body and 200 after it', async () => {
    await open();
    const body = requestXml();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest('', { Expect: '100-continue', 'Content-Length': String(Buffer.byteLength(body)) }));
    expect((await client.response()).status).toBe(100);
    client.send(body);
    expect((await client.response()).status).toBe(200);
    client.close();
  });

  it.each([
    ['a wrong password', { Authorization: basic('reader', 'wrong') }, 401],
    ['too large a body', { 'Content-Length': '99999999999' }, 413],
    ['a wrong type', { 'Content-Type': 'image/png' }, 415],
  ])('with %s is refused without a 100, and the connection closes', async (_what, changes, status) => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest('', { Expect: '100-continue', 'Content-Length': '500', ...changes }));
    expect(await client.response()).toMatchObject({ status, headers: { connection: 'close' } });
    await client.end();
  });
});

describe('HTTP/1.0', () => {
  it('is answered without chunks, and the connection closes', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest(requestXml(), { Host: undefined }, 'POST /cimom HTTP/1.0'));
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(response.headers['transfer-encoding']).toBeUndefined();
    expect(response.headers['connection']).toBe('close');
    await client.end();
  });
});

describe('a connection', () => {
  it('is kept and takes one request after another', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    for (const id of ['1', '2', '3']) {
      const response = await client.send(rawRequest(requestXml({ id }))).response();
      expect(response.body.toString()).toContain(`ID="${id}"`);
      expect(response.headers['connection']).toBe('keep-alive');
    }
    client.close();
  });

  it('takes requests that do not wait for each other, and answers in their order', async () => {
    await open({
      act: async ({ name }) => {
        if (name === 'GetInstance') await new Promise((resolve) => setTimeout(resolve, 50));
        return { kind: 'void' };
      },
    });
    const client = await RawClient.connect(stage.port);
    const slow = rawRequest(requestXml({ id: '1', name: 'GetInstance' }), { CIMMethod: 'GetInstance' });
    client.send(slow + rawRequest(requestXml({ id: '2' })) + rawRequest(requestXml({ id: '3' })));
    for (const id of ['1', '2', '3']) expect((await client.response()).body.toString()).toContain(`ID="${id}"`);
    client.close();
  });

  it('goes on after a refusal of a small body', async () => {
    await open();
    const client = await RawClient.connect(stage.port);
    client.send(rawRequest(requestXml(), { Authorization: undefined }));
    const refused = await client.response();
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="xen-cim-bridge"' } });
    client.send(rawRequest(requestXml()));
    expect((await client.response()).status).toBe(200);
    client.close();
  });
});

describe('the operations in progress', () => {
  it('are bounded: beyond that 503 with Retry-After, at once', async () => {
    const { Admission } = await import('../../src/http/admission.js');
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await open({
      admission: new Admission({ requests: 1, requestsPerUser: 1, bodyBytes: 10_000 }),
      act: async () => {
        await held;
        return { kind: 'void' };
      },
    });
    const first = post(requestXml());
    await expect.poll(() => stage.done.length).toBe(1);
    const second = await post(requestXml());
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    release();
    expect((await first).status).toBe(200);
    expect((await post(requestXml())).status).toBe(200);
  });

  it('of one user leave room for those of others', async () => {
    const { Admission } = await import('../../src/http/admission.js');
    const { act, release } = held();
    await open({ admission: new Admission({ requests: 3, requestsPerUser: 2, bodyBytes: 10_000 }), act });
    const first = [post(requestXml()), post(requestXml())];
    await expect.poll(() => stage.done.length).toBe(2);
    expect((await post(requestXml())).status).toBe(503);
    const other = post(requestXml(), { Authorization: basic('other', 'secret') });
    await expect.poll(() => stage.done.length).toBe(3);
    release();
    for (const one of [...first, other]) expect((await one).status).toBe(200);
    expect((await post(requestXml())).status).toBe(200);
  });

  it('are none while their bodies are on the way: who sends slowly keeps nobody out', async () => {
    const { Admission } = await import('../../src/http/admission.js');
    await open({ admission: new Admission({ requests: 1, requestsPerUser: 1, bodyBytes: 10_000 }) });
    const slow = await RawClient.connect(stage.port);
    const body = requestXml();
    slow.send(rawRequest(body).slice(0, -20));
    expect((await post(requestXml())).status).toBe(200);
    slow.send(body.slice(-20));
    expect((await slow.response()).status).toBe(200);
    slow.close();
  });

  it('hold no more bytes of bodies than allowed, as they unpack', async () => {
    const { Admission } = await import('../../src/http/admission.js');
    const admission = new Admission({ requests: 10, requestsPerUser: 10, bodyBytes: 1024 ** 2 });
    await open({ admission });
    const response = await post(gzipSync(requestXml() + ' '.repeat(2 * 1024 ** 2)), { 'Content-Encoding': 'gzip' });
    expect(response.status).toBe(503);
    expect(admission).toMatchObject({ bodyBytes: 0, requests: 0 });
  });

  it('hold no more bytes of bodies than allowed', async () => {
    const { Admission } = await import('../../src/http/admission.js');
    const admission = new Admission({ requests: 10, requestsPerUser: 10, bodyBytes: 1_000 });
    await open({ admission });
    expect((await post(requestXml() + ' '.repeat(2_000))).status).toBe(503);
    expect(admission).toMatchObject({ bodyBytes: 0, requests: 0 });
    expect((await post(requestXml())).status).toBe(200);
    expect(admission).toMatchObject({ bodyBytes: 0, requests: 0 });
  });
});

describe('the metrics of requests', () => {
  it('are by operation, class and outcome, and know no names that clients make up', async () => {
    await open();
    await post(requestXml({ className: 'xen_COMPUTERsystem' }));
    for (const className of ['A1', 'A2', 'A3'])
      await post(requestXml({ className, name: className }), { CIMMethod: className });
    await post(requestXml(), { Authorization: undefined });
    const text = await stage.metrics.registry.metrics();
    expect(text).toMatch(
      /requests_total\{operation="EnumerateInstanceNames",class="Xen_ComputerSystem",outcome="OK"\} 1\n/,
    );
    expect(text).toMatch(/requests_total\{operation="other",class="other",outcome="OK"\} 3\n/);
    expect(text).toMatch(/requests_total\{operation="",class="",outcome="refused"\} 1\n/);
    expect(text).toMatch(/instances_total\{operation="EnumerateInstanceNames",class="Xen_ComputerSystem"\} 3\n/);
    expect(text).toMatch(/logins_total\{outcome="accepted"\} 4\n/);
    expect(text).toMatch(/logins_total\{outcome="missing"\} 1\n/);
  });
});
