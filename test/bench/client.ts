import { Connection } from './connection.js';
import { prepare } from './request-bytes.js';

/** The name of a Xen_ComputerSystem as a parameter. */
export const instanceName = (uuid: string, parameter = 'InstanceName'): string =>
  `<IPARAMVALUE NAME="${parameter}"><INSTANCENAME CLASSNAME="Xen_ComputerSystem">` +
  '<KEYBINDING NAME="CreationClassName"><KEYVALUE VALUETYPE="string" TYPE="string">Xen_ComputerSystem</KEYVALUE></KEYBINDING>' +
  `<KEYBINDING NAME="Name"><KEYVALUE VALUETYPE="string" TYPE="string">${uuid}</KEYVALUE></KEYBINDING></INSTANCENAME></IPARAMVALUE>`;

export interface Download {
  /** Octets on the wire. */
  readonly bytes: number;
  /** From the request's first byte to the answer's last, in milliseconds. */
  readonly time: number;
  readonly chunks: readonly Buffer[];
}

/** Connections that are kept alive and not in use, by host and port. */
const idle = new Map<string, Connection[]>();

async function connection(url: URL): Promise<Connection> {
  const kept = idle.get(url.host) ?? [];
  for (let next = kept.pop(); next; next = kept.pop()) {
    if (next.open) return next;
    next.close();
  }
  return Connection.open(url);
}

function keep(url: URL, one: Connection): void {
  const kept = idle.get(url.host) ?? [];
  kept.push(one);
  idle.set(url.host, kept);
}

/** One call and its whole answer, which is kept only when asked for. Any status but 200 is an error, and so is ERROR. */
export async function download(url: URL, body: string, kept = false): Promise<Download> {
  const one = await connection(url);
  const request = prepare(url, body);
  const started = performance.now();
  const { bytes, head, pieces } = await one.ask(request, kept).catch((error: unknown) => {
    one.close();
    throw error;
  });
  const time = performance.now() - started;
  if (/^connection: close\r$/im.test(head)) one.close();
  else keep(url, one);
  return { bytes, time, chunks: pieces };
}

/** The body of an answer as text. */
export const downloadText = async (url: URL, body: string): Promise<string> =>
  Buffer.concat((await download(url, body, true)).chunks).toString('latin1');

/** Closes the connections that are kept. */
export function hangUp(): void {
  for (const kept of idle.values()) for (const one of kept) one.close();
  idle.clear();
}
