import { generate } from 'selfsigned';
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../raw-client.js';
import { basic, openStage, paths, rawRequest, requestXml, type Stage, type StageOptions } from './stage.js';

let stage: Stage;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stage?.close();
});

async function open(options?: StageOptions): Promise<void> {
  stage = await openStage(options);
}

async function connect(tls = false): Promise<RawClient> {
  const client = await RawClient.connect(stage.bound.find(({ scheme }) => scheme === (tls ? 'https' : 'http'))!.port, {
    tls,
  });
  clients.push(client);
  return client;
}

const uri = 'http://www.dmtf.org/cim/mapping/http/v1.0';

/** An M-POST as sblim sends it, its CIM fields under the prefix. */
function mPost(body: string, ns = '41', changes: Readonly<Record<string, string | undefined>> = {}): string {
  return rawRequest(
    body,
    {
      CIMOperation: undefined,
      CIMMethod: undefined,
      CIMObject: undefined,
      Man: `${uri};ns=${ns}`,
      [`${ns}-CIMProtocolVersion`]: '1.0',
      [`${ns}-CIMOperation`]: 'MethodCall',
      [`${ns}-CIMMethod`]: 'EnumerateInstanceNames',
      [`${ns}-CIMObject`]: 'root%2Fcimv2',
      ...changes,
    },
    'M-POST /cimom HTTP/1.1',
  );
}

describe('M-POST (DSP0200 6.2)', () => {
  it('is carried out and acknowledged by Ext, Man and the fields under the prefix', async () => {
    await open();
    const client = await connect();
    const response = await client.send(mPost(requestXml({ id: '7' }))).response();
    expect(response).toMatchObject({
      status: 200,
      headers: { ext: '', man: `${uri};ns=41`, '41-cimoperation': 'MethodResponse', cimoperation: 'MethodResponse' },
    });
    expect(response.body.toString()).toContain('ID="7"');
    expect(stage.log.findLast(({ msg }) => msg === 'request')).toMatchObject({ client: '127.0.0.1' });
  });

  it.each([`${uri} ; ns=73`, `"${uri}"; ns=73`, `http://other.example/ext;ns=10, ${uri};ns=73`])(
    'takes the Man header in the form %s',
    async (man) => {
      await open();
      const client = await connect();
      expect((await client.send(mPost(requestXml(), '73', { Man: man })).response()).status).toBe(200);
    },
  );

  it('holds the prefixed fields against the body', async () => {
    await open();
    const client = await connect();
    const response = await client.send(mPost(requestXml(), '41', { '41-CIMMethod': 'GetClass' })).response();
    expect(response).toMatchObject({
      status: 400,
      headers: { cimerror: 'header-mismatch', '41-cimerror': 'header-mismatch', ext: '', 'content-length': '0' },
    });
  });

  it('without a Man header that names the CIM extension is 510 (RFC 2774)', async () => {
    await open();
    for (const man of [undefined, 'http://other.example/ext;ns=41', `${uri};ns=4`]) {
      const client = await connect();
      const response = await client.send(mPost(requestXml(), '41', { Man: man })).response();
      expect([man, response.status, response.headers['cimerror']]).toEqual([man, 510, undefined]);
    }
  });

  it('needs authentication like any other', async () => {
    await open();
    const client = await connect();
    const response = await client.send(mPost(requestXml(), '41', { Authorization: basic('reader', 'no') })).response();
    expect(response).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="xen-cim-bridge"' } });
  });

  it('and POST follow each other on one connection, each answered as it came', async () => {
    await open();
    const client = await connect();
    client.send(
      mPost(requestXml({ id: '1' }), '10'),
      rawRequest(requestXml({ id: '2' })),
      mPost(requestXml({ id: '3' }), '99'),
      'GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n',
    );
    const answers = [
      await client.response(),
      await client.response(),
      await client.response(),
      await client.response(),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(answers.map(({ headers }) => headers['man'])).toEqual([
      `${uri};ns=10`,
      undefined,
      `${uri};ns=99`,
      undefined,
    ]);
    expect(answers.map(({ body }) => /ID="(\d)"/.exec(body.toString())?.[1])).toEqual(['1', '2', '3', undefined]);
  });

  it('comes in any pieces, with chunks, and is answered at length', async () => {
    await open({ act: () => ({ kind: 'instanceNames', items: paths(5_000) }) });
    const client = await connect();
    const body = requestXml();
    const head = mPost('', '41', { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' });
    const text = `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    for (let at = 0; at < text.length; at += 37) {
      client.send(text.slice(at, at + 37));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const response = await client.response();
    expect(response.headers['transfer-encoding']).toBe('chunked');
    expect(response.body.toString().match(/<INSTANCENAME /g)).toHaveLength(5_000);
  });

  it('waits for 100 Continue where it says so', async () => {
    await open();
    const body = requestXml();
    const client = await connect();
    client.send(mPost('', '41', { Expect: '100-continue', 'Content-Length': String(body.length) }));
    expect((await client.response()).status).toBe(100);
    expect((await client.send(body).response()).headers['ext']).toBe('');
  });

  it('works over TLS', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'bridge' }], { keyType: 'ec' });
    const tls = { cert: Buffer.from(cert), key: Buffer.from(key) };
    await open({ listener: { https: { host: '127.0.0.1', port: 0, tls } } });
    const client = await connect(true);
    expect((await client.send(mPost(requestXml())).response()).headers['ext']).toBe('');
    expect((await client.send(rawRequest(requestXml())).response()).headers['ext']).toBeUndefined();
  });

  it('on a connection that began otherwise is 501 without CIM headers, after the answers before it, and the end', async () => {
    await open({
      act: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { kind: 'instanceNames', items: paths(3) };
      },
    });
    const client = await connect();
    client.send(rawRequest(requestXml({ id: '1' })) + mPost(requestXml({ id: '2' })));
    expect((await client.response()).body.toString()).toContain('ID="1"');
    const refused = await client.response();
    expect(refused).toMatchObject({ status: 501, headers: { connection: 'close', 'content-length': '0' } });
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('cim'))).toEqual([]);
    await client.end();
    expect(stage.done).toHaveLength(1);
  });

  it('has no smuggled request: what follows two lengths is refused', async () => {
    await open();
    const client = await connect();
    client.send(mPost(requestXml(), '41', { 'Transfer-Encoding': 'chunked' }));
    expect((await client.response()).status).toBe(400);
    await client.end();
    expect(stage.done).toHaveLength(0);
  });

  it('is the only M- method: others get 501', async () => {
    await open();
    const client = await connect();
    client.send('M-GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect((await client.response()).status).toBe(501);
    await client.end();
  });

  it('whose client goes away stops the work', async () => {
    let given = 0;
    function* endless() {
      for (const path of paths(10_000_000)) {
        given++;
        yield path;
      }
    }
    await open({ act: () => ({ kind: 'instanceNames', items: endless() }) });
    const client = await connect();
    client.send(mPost(requestXml()));
    await expect.poll(() => client.pending.length).toBeGreaterThan(100_000);
    client.close();
    await expect.poll(() => stage.log.findLast(({ msg }) => msg === 'request')).toMatchObject({ outcome: 'gone' });
    const then = given;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(given).toBe(then);
  });
});
