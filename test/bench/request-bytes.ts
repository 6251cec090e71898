/** The identifier that each request is given has so many digits, so that it can be written over in place. */
const digits = 9;

/** A request as bytes, ready to be sent, and where its message has its identifier. */
export interface Prepared {
  readonly bytes: Buffer;
  readonly idAt: number | undefined;
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

export const cimHeaders = {
  Authorization: basic('root', 'xenroot'),
  'Content-Type': 'application/xml; charset="utf-8"',
  CIMOperation: 'MethodCall',
};

const mark = 'MESSAGE ID="';

/** A POST as bytes; of a URL without a path, that of CIM operations. */
export function prepare(url: URL, body: string, headers: Readonly<Record<string, string>> = cimHeaders): Prepared {
  const wide = body.replace(/MESSAGE ID="\d+"/, `${mark}${'1'.padEnd(digits, '0')}"`);
  const path = url.pathname === '/' ? '/cimom' : url.pathname;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `POST ${path} HTTP/1.1\r\nHost: ${url.host}\r\n${lines.join('')}Content-Length: ${Buffer.byteLength(wide)}\r\n\r\n`;
  const bytes = Buffer.from(head + wide);
  const at = bytes.indexOf(mark);
  return { bytes, idAt: at < 0 ? undefined : at + mark.length };
}

let lastId = 10 ** (digits - 1);

/** The bytes with another identifier than any request before, as clients send them. */
export function renumbered({ bytes, idAt }: Prepared): Buffer {
  if (idAt !== undefined) bytes.write(String(++lastId), idAt, 'latin1');
  return bytes;
}
