import { request } from 'node:http';
import { connect as openSocket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { runs } from '../fuzz/runs.js';
import { connect, instant, post, type TestClient } from './client.js';

let simulator: Simulator;
let client: TestClient;
beforeAll(async () => {
  simulator = await startSimulator(instant);
  client = await connect(simulator);
});
afterAll(() => simulator.stop());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function send(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const init = { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers };
  const response = await fetch(simulator.url + path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Sends bytes as they are; gives back all that comes until the other side closes. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = openSocket(simulator.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      got += String(chunk);
    });
    socket.on('close', () => resolve(got));
    socket.on('error', reject);
  });
}

const login = (id: unknown, version?: string) =>
  JSON.stringify({
    ...(version && { jsonrpc: version }),
    id,
    method: 'session.login_with_password',
    params: ['root', 'no'],
  });

describe('JSON-RPC (facts 1.3)', () => {
  it('version 1 answers result, error and id, errors as an array', async () => {
    const bad = JSON.parse((await send('/jsonrpc', login('seven'))).text);
    expect(bad).toEqual({
      result: null,
      error: ['SESSION_AUTHENTICATION_FAILED', 'root', expect.any(String)],
      id: 'seven',
    });
    const body = JSON.stringify({ id: 3, method: 'pool.get_all', params: [client.session] });
    expect(JSON.parse((await send('/jsonrpc', body)).text)).toEqual({
      result: [expect.any(String)],
      error: null,
      id: 3,
    });
  });

  it('version 2 answers an error object whose code is 1', async () => {
    const bad = JSON.parse((await send('/jsonrpc', login(7, '2.0'))).text);
    const data = ['root', expect.any(String)];
    expect(bad).toEqual({ jsonrpc: '2.0', error: { code: 1, message: 'SESSION_AUTHENTICATION_FAILED', data }, id: 7 });
  });

  it('the content type is application/json and nothing else', async () => {
    expect((await send('/jsonrpc', login(1))).headers.get('content-type')).toBe('application/json');
  });

  it.each([
    ['no id', { method: 'pool.get_all', params: [] }],
    ['a null id', { id: null, method: 'pool.get_all', params: [] }],
    ['a fraction as id', { id: 1.5, method: 'pool.get_all', params: [] }],
    ['no params in version 1', { id: 1, method: 'pool.get_all' }],
    ['a batch', [{ id: 1, method: 'pool.get_all', params: [] }]],
    ['no method', { id: 1, params: [] }],
  ])('%s is HTTP 500 with HTML and a close (facts 1.1)', async (_what, call) => {
    const { status, headers } = await send('/jsonrpc', JSON.stringify(call));
    expect([status, headers.get('content-type'), headers.get('connection')]).toEqual([500, 'text/html', 'close']);
  });

  it('version 2 may leave out params; an object is one struct', async () => {
    const without = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'VM.get_all' });
    expect((await send('/jsonrpc', without)).text).toContain('"data":["VM.get_all","0","-1"]');
    const named = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'VM.get_all', params: { a: 1 } });
    expect((await send('/jsonrpc', named)).text).toContain('SESSION_INVALID');
  });

  it('a number beyond 2^53 arrives whole', async () => {
    const vm = [...simulator.db.entries('VM')].find(([, r]) => r.name_label === 'dev-01')?.[0] as string;
    const body = `{"jsonrpc":"2.0","id":1,"method":"VM.set_user_version","params":["${client.session}","${vm}",9007199254740993]}`;
    expect((await send('/jsonrpc', body)).text).toContain('"result":""');
    expect(simulator.db.need('VM', vm).user_version).toBe(9_007_199_254_740_993n);
  });
});

describe('XML-RPC (facts 1.2)', () => {
  const call = (method: string, params: string) =>
    `<?xml version='1.0'?>\n<methodCall>\n<methodName>${method}</methodName>\n<params>\n${params}</params>\n</methodCall>\n`;
  const param = (text: string) => `<param>\n<value>${text}</value>\n</param>\n`;

  it.each(['/', '/RPC2', '/xmlrpc', '/anything/at/all'])(
    'is answered at %s, as text/xml and nothing else',
    async (path) => {
      const { status, headers, text } = await send(path, call('VM.get_all', param('x')));
      expect([status, headers.get('content-type')]).toEqual([200, 'text/xml']);
      expect(text).toContain('<member><name>Status</name><value>Failure</value></member>');
      expect(text).toContain(
        '<value><array><data><value>SESSION_INVALID</value><value>x</value></data></array></value>',
      );
    },
  );

  it('takes whitespace between tags, typed and bare values', async () => {
    const params = [client.session, 'VM', 'no'].map((text, i) => param(i === 1 ? `<string>${text}</string>` : text));
    const { text } = await send('/', call('event.inject', params.join('')));
    expect(text).toContain('HANDLE_INVALID');
    const boolean = param(client.session) + param('x') + param('<boolean>0</boolean>') + param('<string>true</string>');
    expect((await send('/', call('VM.start', boolean))).text).toContain('INTERNAL_ERROR');
  });

  it('system.listMethods has no Status around it', async () => {
    const { text } = await send('/', call('system.listMethods', ''));
    expect(text).not.toContain('Status');
    expect(text).toContain('<value>VM.get_all_records</value>');
  });

  it('counts of objects are the only i4', async () => {
    const params =
      param(client.session) +
      param('<array><data><value>pool</value></data></array>') +
      param('') +
      param('<double>0</double>');
    const { text } = await send('/', call('event.from', params));
    expect(text).toMatch(
      /<name>valid_ref_counts<\/name><value><struct><member><name>session<\/name><value><i4>\d+<\/i4>/,
    );
    expect(text.match(/<name>class<\/name><value>pool<\/value>/g)).toHaveLength(1);
  });

  it('what is no call is HTTP 500 with HTML', async () => {
    for (const body of ['hello', '<a/>', '<methodCall></methodCall>', '']) {
      const { status, headers } = await send('/', body);
      expect([body, status, headers.get('content-type')]).toEqual([body, 500, 'text/html']);
    }
  });
});

describe('HTTP (facts 1.1)', () => {
  it('takes a body of 307,200 bytes and no byte more', async () => {
    const start = JSON.stringify({ id: 1, method: 'x', params: ['?'] });
    const fit = start.replace('?', 'x'.repeat(307_200 - start.length + 1));
    expect((await send('/jsonrpc', fit)).status).toBe(200);
    expect((await send('/jsonrpc', `${fit} `)).status).toBe(500);
  });

  it('wants a content-length', async () => {
    const chunked = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
    expect(await raw(chunked)).toMatch(/^HTTP\/1\.1 500 /);
  });

  it('closes after HTTP/1.0, keeps alive in 1.1', async () => {
    const body = login(1);
    const old = await raw(`POST /jsonrpc HTTP/1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(old).toMatch(/^HTTP\/1\.1 200 /);
    const kept = await new Promise((resolve, reject) => {
      const sent = request(`${simulator.url}/jsonrpc`, { method: 'POST' }, (got) => {
        got.resume();
        resolve(got.headers.connection);
      });
      sent.on('error', reject);
      sent.end(body);
    });
    expect(kept).toBe('keep-alive');
  });

  it('answers GET, OPTIONS and unknown methods', async () => {
    const status = async (method: string, path: string) => (await fetch(simulator.url + path, { method })).status;
    expect(await status('GET', '/')).toBe(200);
    expect(await status('GET', '/rrd_nothing')).toBe(404);
    expect(await status('PATCH', '/')).toBe(501);
    const options = await fetch(`${simulator.url}/jsonrpc`, { method: 'OPTIONS' });
    expect(options.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('refuses bytes that are no UTF-8 with INVALID_VALUE (facts 1.4)', async () => {
    const body = Buffer.concat([
      Buffer.from('{"id":1,"method":"VM.get_all","params":["'),
      Buffer.from([0xff]),
      Buffer.from('"]}'),
    ]);
    expect((await send('/jsonrpc', body)).text).toContain('"INVALID_VALUE","Invalid UTF-8 string in parameter"');
  });

  it('a member tells its coordinator’s fingerprint when asked', async () => {
    const init = {
      method: 'POST',
      body: login(1),
      headers: { 'x-xenapi-request-host-certificate-thumbprint': 'sha-256:master' },
    };
    const response = await fetch(`http://127.0.0.2:${simulator.port}/jsonrpc`, init);
    const coordinator = simulator.world.coordinator();
    const certificate = simulator.db.find('Certificate', (each) => each.host === coordinator);
    expect(response.headers.get('x-xenapi-response-host-certificate-thumbprint')).toBe(certificate?.[1].fingerprint);
  });

  it('counts calls by name', async () => {
    simulator.resetCalls();
    await client.call('VM.get_all');
    await post(simulator.url, 'Async.VM.clone', [client.session, 'x', 'y']);
    expect(Object.fromEntries(simulator.calls())).toEqual({ 'VM.get_all': 1, 'Async.VM.clone': 1 });
  });
});

it('no body brings it down: the answer is an RPC’s or HTTP 500', async () => {
  const seeds = [
    JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'VM.get_all_records_where', params: ['x', 'field "a" = "b"'] }),
    '<methodCall><methodName>VM.start</methodName><params><param><value><struct><member><name>a</name><value>1</value>' +
      '</member></struct></value></param><param><value><array><data><value/></data></array></value></param></params></methodCall>',
  ];
  const mutated = fc
    .tuple(fc.constantFrom(...seeds), fc.nat(), fc.nat(40), fc.string({ unit: 'binary', maxLength: 12 }))
    .map(([seed, at, cut, text]) => {
      const start = at % seed.length;
      return seed.slice(0, start) + text + seed.slice(start + cut);
    });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('/', '/jsonrpc'), mutated, async (path, body) => {
      const { status } = await send(path, body, { connection: 'close' });
      expect([200, 500]).toContain(status);
    }),
    runs(150, 3_000),
  );
  expect(await client.call('pool.get_all')).toHaveLength(1);
});
