import type { IncomingMessage } from 'node:http';
import { hostname } from 'node:os';

const hostPattern = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * The host that full paths in the answer name: the one by which the client reached us, so that it can follow them; the
 * machine's own name where the request has none or an odd one.
 */
export function answerHost({ headers }: IncomingMessage): string {
  const { host } = headers;
  return host !== undefined && hostPattern.test(host) ? host : hostname();
}
