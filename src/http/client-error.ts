import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * The status for what Node's parser cannot read. An unknown method is 501 and carries no CIM header: an M-POST in the
 * midst of a connection comes this way, and by such a 501 clients fall back to POST (decisions.md 21).
 */
const statusOf: Readonly<Record<string, number>> = {
  HPE_INVALID_METHOD: 501,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** After how long a connection that was told of its error is cut, if it does not close itself. */
const patience = 1_000;

const notHttp = /^(?:E[A-Z]+$|ERR_SSL|ERR_TLS|ERR_STREAM)/;

/** Answers of one connection that are still being written. */
export type OpenAnswers = readonly ServerResponse[];

/**
 * Tells the client what was wrong and closes the connection, once the answers to its earlier requests are out. A
 * connection that is broken, or never became one of HTTP, just closes.
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, open: OpenAnswers): void {
  if (!socket.writable || notHttp.test(error.code ?? 'E')) {
    socket.destroy();
    return;
  }
  const last = open.filter(({ req }) => req.complete).at(-1);
  if (last === undefined) end(error, socket);
  else last.once('close', () => end(error, socket));
}

function end(error: NodeJS.ErrnoException, socket: Duplex): void {
  const status = statusOf[error.code ?? ''] ?? 400;
  const reply = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  if (socket.writable) socket.end(reply);
  setTimeout(() => socket.destroy(), patience).unref();
}
