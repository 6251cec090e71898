import { RawClient, type RawResponse } from '../raw-client.js';

/** The bridge that hostile clients go to, on the loopback address, and who they say they are. */
export interface Target {
  readonly port: number;
  /** The value of an Authorization header that is right. */
  readonly authorization: string;
}

/** Longer than the bridge waits for a request that does not come to its end, in milliseconds. */
export const patience = 100_000;

/** The head of a request for an operation; the body's length is not held against what follows. */
export const head = (
  { authorization }: Target,
  length: number | 'chunked',
  more: Readonly<Record<string, string>> = {},
): string =>
  [
    'POST /cimom HTTP/1.1',
    'Host: hostile',
    `Authorization: ${authorization}`,
    'Content-Type: application/xml; charset="utf-8"',
    length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    ...Object.entries(more).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');

export const whole = (target: Target, body: string | Buffer, more?: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat([Buffer.from(head(target, Buffer.byteLength(body), more)), Buffer.from(body)]);

/** Something done with a connection of its own, which is gone afterwards. */
export async function alone<T>({ port }: Target, act: (client: RawClient) => Promise<T>): Promise<T> {
  const client = await RawClient.connect(port);
  try {
    return await act(client);
  } finally {
    client.close();
  }
}

/** An answer in a few words: `400, request-not-valid`, `200, CIM status 4`. */
function told({ status, headers, body }: RawResponse): string {
  const code = /<ERROR CODE="(\d+)"/.exec(body.subarray(0, 2_000).toString('latin1'))?.[1];
  return [status, headers['cimerror'], code && `CIM status ${code}`].filter(Boolean).join(', ');
}

/** What comes of a request, in a few words; an answer of status 200 is held against the DTD. */
export async function outcome(client: RawClient): Promise<string> {
  try {
    return told(await client.response(patience));
  } catch (reason) {
    if (!client.ended || client.pending !== '') throw reason;
    return 'closed without an answer';
  }
}
