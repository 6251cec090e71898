import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { assertAnswer } from '../dtd.js';
import { fieldsOf, openStage, requestXml, type Stage } from './stage.js';

let stage: Stage;
afterEach(() => stage?.close());

describe('/healthz', () => {
  it('is 200 as long as the process lives, whatever the pool does', async () => {
    stage = await openStage({ status: () => ({ ready: false, poolReachable: false }) });
    const response = await request(stage.app).get('/healthz');
    expect([response.status, response.text, response.headers['cache-control']]).toEqual([200, 'ok\n', 'no-store']);
    expect(response.headers['x-powered-by']).toBeUndefined();
  });
});

describe('/readyz', () => {
  it('is 200 when ready', async () => {
    stage = await openStage({ status: () => ({ ready: true, poolReachable: true, cacheAge: 0.5 }) });
    const response = await request(stage.app).get('/readyz');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ ready: true, poolReachable: true, cacheAgeSeconds: 0.5, reason: null });
  });

  it('is 503 with the reason when not', async () => {
    const reason = 'the pool has not answered yet';
    stage = await openStage({ status: () => ({ ready: false, poolReachable: false, reason }) });
    const response = await request(stage.app).get('/readyz');
    expect(response.status).toBe(503);
    expect(response.body).toEqual({ ready: false, poolReachable: false, cacheAgeSeconds: null, reason });
  });

  it('that fails is 500 without a stack, and in the log', async () => {
    stage = await openStage({
      status: () => {
        throw new Error('deep inside');
      },
    });
    const response = await request(stage.app).get('/readyz');
    expect([response.status, response.text]).toEqual([500, 'a fault of the bridge; its log says more\n']);
    expect(stage.log).toContainEqual(expect.objectContaining({ msg: 'a page failed', path: '/readyz' }));
  });
});

describe('/metrics', () => {
  it('is in the format of Prometheus', async () => {
    stage = await openStage();
    stage.metrics.xenApiCall('event.from', 'ok', 0.25);
    const response = await request(stage.app).get('/metrics');
    expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(response.text).toContain('xen_cim_xenapi_calls_total{call="event.from",outcome="ok"} 1\n');
    expect(response.text).toContain('xen_cim_xenapi_seconds_total{call="event.from",outcome="ok"} 0.25\n');
  });
});

describe('other pages', () => {
  it('/ says what this is', async () => {
    stage = await openStage();
    const response = await request(stage.app).get('/');
    expect(response.headers['content-type']).toMatch(/^text\/plain/);
    expect(response.text).toContain('xen-cim-bridge 0.0.0');
  });

  it.each([
    ['get', '/nothing', 404],
    ['get', '/%E0%A4%A', 404],
    ['get', '/cimom', 405],
    ['head', '/healthz', 200],
    ['put', '/', 405],
    ['delete', '/metrics', 405],
    ['get', '//metrics', 308],
  ] as const)('%s %s is %i', async (method, path, status) => {
    stage = await openStage();
    const response = await request(stage.app)[method](path);
    expect(response.status).toBe(status);
    if (status === 405)
      expect(response.headers['allow']).toBe(path === '/metrics' ? 'GET, HEAD' : 'POST, M-POST, OPTIONS');
    if (status === 308) expect(response.headers['location']).toBe('/metrics');
  });
});

/** The body as it came: superagent leaves XML aside. */
const binary = (response: unknown, done: (error: Error | null, body: Buffer) => void): void => {
  const parts: Buffer[] = [];
  const stream = response as NodeJS.ReadableStream;
  stream.on('data', (part: Buffer) => parts.push(part));
  stream.on('end', () => done(null, Buffer.concat(parts)));
};

describe('an operation', () => {
  it('finds its handler in the app as well', async () => {
    stage = await openStage();
    const response = await request(stage.app)
      .post('/cimom')
      .set(fieldsOf())
      .send(requestXml({ id: '77' }))
      .buffer(true)
      .parse(binary);
    expect(response.status).toBe(200);
    expect(response.headers['cimoperation']).toBe('MethodResponse');
    assertAnswer(response);
    expect(response.body.toString()).toContain('ID="77"');
  });

  it('without credentials is 401 there too', async () => {
    stage = await openStage();
    const response = await request(stage.app)
      .post('/cimom')
      .set(fieldsOf({ Authorization: undefined }))
      .send(requestXml());
    expect([response.status, response.headers['www-authenticate']]).toEqual([401, 'Basic realm="xen-cim-bridge"']);
  });
});
