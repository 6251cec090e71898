import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { mandatoryHeaders } from './answer.js';
import { type HttpRefusal, refusalHeaders } from './refusal.js';

/** Bodies up to this size are read and thrown away, so that the connection can go on after the refusal. */
const smallBody = 64 * 1024;

/**
 * For how long more of a large body is read after the refusal went out, so that the client comes to read it; and of one
 * that was waiting for 100 Continue and will hardly come. Milliseconds.
 */
const lingering = 2_000;
const lingeringForNone = 100;

/**
 * Sends a refusal. Where much of the body has not been read, the connection closes, but not before the client has had
 * time to see the answer: closing at once would make its system throw the answer away.
 */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: HttpRefusal,
  prefix: string | undefined,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const closes = !request.complete && !isSmall(request);
  const mandatory = prefix === undefined ? {} : prefixed(refusal, prefix);
  const headers = { ...refusalHeaders(refusal), ...mandatory, ...(closes ? { Connection: 'close' } : {}) };
  response.writeHead(refusal.status, refusal.phrase ?? STATUS_CODES[refusal.status] ?? 'Refused', headers);
  if (closes) {
    response.flushHeaders();
    linger(request, response);
  } else {
    response.end();
    request.resume();
  }
}

/** Whether the rest of the body is known to be little. One that waits for 100 Continue may never come. */
function isSmall({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined || headers['expect'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= smallBody;
}

/** The CIMError of an answer to M-POST goes under the prefix too. */
function prefixed({ token }: HttpRefusal, prefix: string): Record<string, string> {
  return { ...mandatoryHeaders(prefix), ...(token === undefined ? {} : { [`${prefix}-CIMError`]: token }) };
}

function linger(request: IncomingMessage, response: ServerResponse): void {
  const leave = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(leave, request.headers['expect'] === undefined ? lingering : lingeringForNone);
  request.once('end', leave).once('close', leave);
  request.resume();
}
