import { X509Certificate } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Endpoint } from '../../src/xenapi/endpoint.js';
import { TransportError, XenApiError } from '../../src/xenapi/error.js';
import { Trust, type TrustOptions } from '../../src/xenapi/tls.js';
import { Failure, ScriptedPool } from './scripted-pool.js';

// Several suites share the machine.
vi.setConfig({ testTimeout: 30_000 });

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function endpoint(
  url: string,
  more: { trust?: TrustOptions; bodyLimit?: number; connectTimeoutMs?: number } = {},
): Endpoint {
  const { trust, ...options } = more;
  const made = new Endpoint(url, { trust: new Trust(trust), userAgent: 'xen-cim-bridge/9', ...options });
  closers.push(() => made.close());
  return made;
}

async function pool(options: ConstructorParameters<typeof ScriptedPool>[0] = {}): Promise<ScriptedPool> {
  const made = await new ScriptedPool(options).start();
  closers.push(() => made.stop());
  return made;
}

async function web(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const limits = { timeoutMs: 5_000 };
const login = (at: Endpoint) => at.call('session.login_with_password', ['root', 'secret'], limits);
const caught = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the protocol of a host', () => {
  it('is JSON-RPC where there is JSON-RPC', async () => {
    const host = await pool();
    const at = endpoint(host.url);
    expect(await login(at)).toMatch(/^OpaqueRef:/);
    expect(at.protocol).toBe('json-rpc');
    expect(host.heard[0]?.headers['user-agent']).toBe('xen-cim-bridge/9');
    expect(host.heard[0]?.headers['transfer-encoding']).toBeUndefined();
  });

  it('is XML-RPC where a post to /jsonrpc gets a page, from then on without asking', async () => {
    const host = await pool({ speaks: 'xml' });
    const at = endpoint(host.url);
    const session = await login(at);
    expect(at.protocol).toBe('xml-rpc');
    expect(await at.call('host.get_all_records', [String(session)], limits)).toEqual(host.tables['host']);
    expect(host.heard.map(({ path }) => path)).toEqual(['/RPC2', '/RPC2']);
  });

  it('stays JSON-RPC when a call fails later with a page', async () => {
    let broken = false;
    const url = await web((_, response) => {
      if (broken) response.writeHead(500, { 'content-type': 'text/html' }).end('<html></html>');
      else
        response
          .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
          .end('{"result":"x","error":null,"id":1}');
    });
    const at = endpoint(url);
    expect(await login(at)).toBe('x');
    broken = true;
    expect(await caught(login(at))).toMatchObject({ fault: 'answer', message: expect.stringContaining('HTTP 500') });
    broken = false;
    expect(await login(at)).toBe('x');
  });

  it('is none where a web server answers both with a page', async () => {
    const at = endpoint(
      await web((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')),
    );
    expect(await caught(login(at))).toBeInstanceOf(TransportError);
    expect(at.protocol).toBeUndefined();
  });
});

describe('a call', () => {
  it('that the host refuses throws its code and parameters, over both protocols', async () => {
    for (const speaks of ['json', 'xml'] as const) {
      const host = await pool({ speaks });
      host.answers['VM.start'] = () => {
        throw new Failure('VM_BAD_POWER_STATE', 'OpaqueRef:v', 'halted', 'running');
      };
      const error = await caught(endpoint(host.url).call('VM.start', ['s'], limits));
      expect(error).toBeInstanceOf(XenApiError);
      expect(error).toMatchObject({ code: 'VM_BAD_POWER_STATE', params: ['OpaqueRef:v', 'halted', 'running'] });
    }
  });

  it('that nobody hears is `refused`, and was not sent', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await caught(login(endpoint(`http://127.0.0.1:${port}`)));
    expect(error).toMatchObject({ fault: 'refused', sent: false });
  });

  it('whose connection breaks is `reset`, and may have been sent', async () => {
    const host = await pool();
    host.hangUp = true;
    expect(await caught(login(endpoint(host.url)))).toMatchObject({ fault: 'reset', sent: true });
  });

  it('without an answer in time is `timeout`', async () => {
    const at = endpoint(await web(() => {}));
    expect(await caught(at.call('m', [], { timeoutMs: 50 }))).toMatchObject({ fault: 'timeout', sent: true });
  });

  it.each(['json', 'xml'] as const)(
    'gives every record of a long listing once: some while it arrives, the rest at its end (%s)',
    async (speaks) => {
      const host = await pool({ speaks });
      const made = Array.from({ length: 3_000 }, (_, i) => [
        `OpaqueRef:${i}`,
        { uuid: `u${i}`, notes: 'x'.repeat(500) },
      ]);
      host.tables['host'] = Object.fromEntries(made);
      const at = endpoint(host.url);
      const session = String(await login(at));
      const early: [string, unknown][] = [];
      const take = async (records: object) => {
        early.push(...Object.entries(records));
      };
      const rest = await at.call('host.get_all_records', [session], { ...limits, take });
      expect([...early, ...Object.entries(rest as object)]).toEqual(made);
      expect(early.length > 1_000, 'JSON-RPC hands over what it has').toBe(speaks === 'json');
    },
  );

  it('that is no longer wanted is `stopped`', async () => {
    const controller = new AbortController();
    const call = caught(
      endpoint(await web(() => controller.abort())).call('m', [], { timeoutMs: 5_000, signal: controller.signal }),
    );
    expect(await call).toMatchObject({ fault: 'stopped' });
  });

  it.each([
    ['cut off', 'application/json', '{"result":'],
    ['of another kind', 'application/json', '[]'],
    ['too long', 'application/json', `{"result":"${'x'.repeat(2_000)}"}`],
  ])('with an answer that is %s is `answer`', async (_, type, body) => {
    const at = endpoint(await web((__, response) => response.writeHead(200, { 'content-type': type }).end(body)), {
      bodyLimit: 1_000,
    });
    expect(await caught(login(at))).toMatchObject({ fault: 'answer' });
  });

  it('of more than XenAPI takes is refused here', async () => {
    const error = await caught(endpoint('http://127.0.0.1:1').call('m', ['x'.repeat(400_000)], limits));
    expect(error).toMatchObject({ code: 'INVALID_VALUE' });
  });

  it('names no password in what it throws', async () => {
    const host = await pool();
    host.users['root'] = 'another';
    const error = (await caught(login(endpoint(host.url)))) as XenApiError;
    expect(error.code).toBe('SESSION_AUTHENTICATION_FAILED');
    expect(JSON.stringify(error) + error.message + error.stack).not.toContain('secret');
  });
});

describe('an HTTP handler', () => {
  const get = { method: 'GET', path: '/export_raw_vdi?vdi=x&task_id=t' } as const;
  const whole = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  it('is given the body and the headers, and what it answers is read, whatever its status', async () => {
    const url = await web(async (request, response) => {
      const body = await whole(request);
      response.writeHead(request.method === 'PUT' ? 200 : 500).end(`${request.headers['cookie']} ${body}`);
    });
    const put = { method: 'PUT', path: '/import_metadata', body: Buffer.from('archive') } as const;
    const take = async ({ status, body }: Parameters<Parameters<Endpoint['ask']>[3]>[0]) => [status, await whole(body)];
    const at = endpoint(url);
    expect(await at.ask(put, { cookie: 'session_id=s' }, limits, take)).toEqual([200, 'session_id=s archive']);
    expect(await at.ask(get, { cookie: 'session_id=s' }, limits, take)).toEqual([500, 'session_id=s ']);
  });

  it('is broken off by whoever has read enough, and then serves others', async () => {
    let ended = 0;
    const url = await web((_request, response) => {
      response.on('close', () => ended++);
      const more = (): void =>
        void (response.writableEnded || response.destroyed || response.write('x'.repeat(65_536), more));
      response.writeHead(200);
      more();
    });
    const at = endpoint(url);
    const first = async (): Promise<number> =>
      at.ask(get, {}, limits, async ({ body }) => {
        for await (const piece of body) return piece.length;
        return 0;
      });
    expect(await first()).toBeGreaterThan(0);
    expect(await first()).toBeGreaterThan(0);
    await vi.waitFor(() => expect(ended).toBe(2));
  });

  it('whose answer breaks off is `reset`; what its reader throws is thrown', async () => {
    const url = await web((request, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('half', () => void (request.url?.includes('cut') && response.destroy()));
    });
    const at = endpoint(url);
    const cut = at.ask({ method: 'GET', path: '/cut?session_id=hidden' }, {}, limits, ({ body }) => whole(body));
    const error = (await caught(cut)) as TransportError;
    expect(error).toMatchObject({ fault: 'reset', sent: true });
    expect(error.message).not.toContain('hidden');
    const own = new XenApiError('VDI_IN_USE', ['x']);
    expect(await caught(at.ask(get, {}, limits, () => Promise.reject(own)))).toBe(own);
  });

  it('that nobody serves is `refused`', async () => {
    const error = await caught(endpoint('http://127.0.0.1:1').ask(get, {}, limits, async () => 0));
    expect(error).toMatchObject({ fault: 'refused', sent: false });
  });
});

describe('TLS', () => {
  const names = [{ name: 'commonName', value: '127.0.0.1' }];
  const certificate = () =>
    generate(names, {
      keySize: 2048,
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });

  it('refuses an unknown certificate before a byte is sent, and says how to trust it (decisions.md 38)', async () => {
    const { private: key, cert } = await certificate();
    const host = await pool({ tls: { key, cert } });
    const error = (await caught(login(endpoint(host.url)))) as TransportError;
    expect(error).toMatchObject({ fault: 'certificate', sent: false });
    const fingerprint = /--pool-fingerprint ((?:[\dA-F]{2}:){31}[\dA-F]{2})$/.exec(error.message)?.[1];
    expect(fingerprint).toBeDefined();
    expect(host.heard).toEqual([]);
    expect(await login(endpoint(host.url, { trust: { fingerprints: [fingerprint!] } }))).toMatch(/^OpaqueRef:/);
    expect(
      await login(endpoint(host.url, { trust: { fingerprints: [fingerprint!.replaceAll(':', '').toLowerCase()] } })),
    ).toMatch(/^OpaqueRef:/);
  });

  it('trusts what the file of authorities holds, and nothing but the pinned certificate where one is pinned', async () => {
    const { private: key, cert } = await certificate();
    const host = await pool({ tls: { key, cert } });
    expect(await login(endpoint(host.url, { trust: { ca: cert } }))).toMatch(/^OpaqueRef:/);
    const other = endpoint(host.url, { trust: { fingerprints: ['AA'.repeat(32)] } });
    expect(await caught(login(other))).toMatchObject({
      fault: 'certificate',
      message: expect.stringContaining('pinned'),
    });
  });

  it('trusts what a trusted host names for its pool, as long as it names it', async () => {
    const { private: key, cert } = await certificate();
    const host = await pool({ tls: { key, cert } });
    const trust = new Trust({ fingerprints: ['AA'.repeat(32)] });
    const attempt = () => {
      const at = new Endpoint(host.url, { trust, userAgent: 'x' });
      closers.push(() => at.close());
      return caught(login(at).then(() => undefined));
    };
    const fingerprint = /([\dA-F:]+)$/.exec(((await attempt()) as TransportError).message)![1]!;
    trust.setMembers(['nonsense', fingerprint]);
    expect(await attempt()).toBeUndefined();
    trust.setMembers([]);
    trust.setCoordinator('nonsense');
    expect(await attempt()).toMatchObject({ fault: 'certificate' });
    trust.setCoordinator(fingerprint);
    expect(await attempt()).toBeUndefined();
  });

  it('trusts the coordinator whose certificate a member names along with its address', async () => {
    const { private: key, cert } = await certificate();
    const host = await pool({ tls: { key, cert } });
    const member = await web((request, response) => {
      const asked = request.headers['x-xenapi-request-host-certificate-thumbprint'];
      const thumbprint = asked === 'sha-256:master' ? new X509Certificate(cert).fingerprint256 : '';
      const headers = {
        'x-xenapi-response-host-certificate-thumbprint': thumbprint,
        'content-type': 'application/json',
      };
      response.writeHead(200, headers).end('{"error":{"message":"HOST_IS_SLAVE","data":["127.0.0.1"]},"id":1}');
    });
    const trust = new Trust();
    const [at, coordinator] = [member, host.url].map((url) => new Endpoint(url, { trust, userAgent: 'x' }));
    closers.push(() => Promise.all([at!.close(), coordinator!.close()]));
    expect(await caught(login(at!))).toMatchObject({ code: 'HOST_IS_SLAVE' });
    expect(await login(coordinator!)).toMatch(/^OpaqueRef:/);
  });

  it('does not speak TLS to a host that does not, and says so in a sentence', async () => {
    const host = await pool();
    const error = await caught(login(endpoint(host.url.replace('http:', 'https:'))));
    expect(error).toMatchObject({ fault: 'refused', sent: false });
    expect((error as Error).message).toMatch(/there is no TLS at that port; .* give it as http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is named as what may be missing where no HTTP is answered', async () => {
    const { private: key, cert } = await certificate();
    const host = await pool({ tls: { key, cert } });
    const error = await caught(login(endpoint(host.url.replace('https:', 'http:'))));
    expect(error).toBeInstanceOf(TransportError);
    expect((error as Error).message).toMatch(/no HTTP was answered; .* give it as https:\/\/127\.0\.0\.1:\d+$/);
  });
});
