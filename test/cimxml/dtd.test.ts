import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assertValid, dtdPresent } from '../dtd.js';
import { fetchAnswer } from '../http/stage.js';
import { RawClient } from '../raw-client.js';
import { visit } from '../server-stage.js';

const message = (content: string) =>
  `<?xml version="1.0" encoding="utf-8" ?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0"><SIMPLERSP>${content}</SIMPLERSP></MESSAGE></CIM>`;

describe('the DTD check itself', () => {
  it('takes a valid message, as text and as bytes', () => {
    const xml = message('<IMETHODRESPONSE NAME="x"></IMETHODRESPONSE>');
    assertValid(xml);
    assertValid(Buffer.from(xml));
  });
  it('refuses what is not well-formed, and a doctype', () => {
    expect(() => assertValid('<CIM>')).toThrow();
    expect(() => assertValid('<!DOCTYPE VALUE><VALUE></VALUE>')).toThrow('document type');
  });
  it.runIf(dtdPresent)('refuses an element or attribute that the DTD does not have (skipped without ../shared)', () => {
    expect(() => assertValid(message('<IMETHODRESPONSE NAME="x"><FOO/></IMETHODRESPONSE>'))).toThrow('FOO');
    expect(() => assertValid('<NAMESPACE NAME="a" SIZE="1"/>')).toThrow('SIZE');
    expect(() => assertValid('<PROPERTY NAME="a" TYPE="uint7"></PROPERTY>')).toThrow('uint7');
  });
  it.runIf(dtdPresent)('looks into embedded objects (skipped without ../shared)', () => {
    const bad = '&lt;INSTANCE/&gt;';
    const property = `<PROPERTY NAME="a" TYPE="string" EmbeddedObject="instance"><VALUE>${bad}</VALUE></PROPERTY>`;
    expect(() => assertValid(property)).toThrow('CLASSNAME');
  });
});

describe.runIf(dtdPresent)(
  'every client of the tests refuses an answer that is not valid (skipped without ../shared)',
  () => {
    const answer = message('<IMETHODRESPONSE NAME="x"><FOO/></IMETHODRESPONSE>');

    /** A server that gives everybody that answer. */
    async function answering(ask: (port: number) => Promise<unknown>, packed: boolean): Promise<void> {
      const body = packed ? gzipSync(answer) : Buffer.from(answer);
      const headers = { 'Content-Type': 'application/xml; charset="utf-8"', 'Content-Length': body.length };
      const server = createServer((_request, response) => {
        response.writeHead(200, { ...headers, ...(packed && { 'Content-Encoding': 'gzip' }) });
        response.end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        await expect(ask((server.address() as AddressInfo).port)).rejects.toThrow('FOO');
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }

    const raw = async (port: number): Promise<unknown> => {
      const client = await RawClient.connect(port);
      return client
        .send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n')
        .response()
        .finally(() => client.close());
    };

    it.each<[string, (port: number) => Promise<unknown>, boolean]>([
      ['the raw one', raw, false],
      ['the raw one, of a packed answer', raw, true],
      ['fetch', (port) => fetchAnswer(`http://127.0.0.1:${port}/`, { method: 'POST' }), false],
      ['fetch, of a packed answer', (port) => fetchAnswer(`http://127.0.0.1:${port}/`, { method: 'POST' }), true],
      ['the one of the started bridge', (port) => visit(port, '/cimom', 'x'), false],
    ])('%s', (_name, ask, packed) => answering(ask, packed));
  },
);
