import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { CimError } from '../cim/error.js';
import { begin, joined } from './beginning.js';
import { extensionUri } from './extension-header.js';
import { acceptsGzip, type GzipPolicy, mayPack } from './gzip.js';
import { type AnswerEnd, type Chunks, finished, handful, type Pace, pump } from './pump.js';
import { sentence } from './refusal.js';
import { findingsOf } from './request-head.js';

export interface AnswerOptions extends Pace {
  readonly gzip: GzipPolicy;
  /** The prefix that an M-POST gave the CIM headers; undefined for a POST. */
  readonly prefix: string | undefined;
  /** When the request arrived, by `performance.now()`. */
  readonly started: number;
}

/** What an answer that is there as a whole goes out with. */
type MadeOptions = Omit<AnswerOptions, 'turn'>;

const worthPacking = 1_024;
const level = { level: constants.Z_BEST_SPEED };
const pack = promisify(gzip);

/**
 * Fields of a trailer that tells of a failure after the first bytes (DSP0200 6.3.14): sblim, sfcc and Pegasus read the
 * first two, wbemcli the last in place of the second.
 */
const trailerFields = 'CIMStatusCode, CIMStatusCodeDescription, CIMStatusDescription';

/**
 * Sends the chunks as the answer to an operation: what is at hand as a whole with its length, a longer one chunk by chunk
 * as the client takes them. `instead` gives other chunks where these fail before anything was sent.
 */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  chunks: Chunks,
  instead: (reason: unknown) => Chunks | undefined,
  options: AnswerOptions,
): Promise<AnswerEnd> {
  const beginning = await begin(chunks).catch((reason: unknown) => {
    const other = instead(reason);
    if (other === undefined) throw reason;
    return begin(other);
  });
  if (response.destroyed) {
    if (beginning.kind === 'part') await beginning.chunks.return(undefined);
    return { kind: 'gone' };
  }
  return beginning.kind === 'part'
    ? sendParts(request, response, beginning.chunks, options)
    : sendWhole(request, response, beginning.chunks, options);
}

function sendWhole(
  request: IncomingMessage,
  response: ServerResponse,
  chunks: readonly Buffer[],
  options: AnswerOptions,
): AnswerEnd | Promise<AnswerEnd> {
  const [first = Buffer.alloc(0), ...others] = chunks;
  if (others.length === 0) return sendMade(request, response, first, options);
  if (wantsGzip(request, options)) return sendParts(request, response, joined(chunks), options);
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  response.writeHead(200, [...answerHeaders(options), 'Content-Length', String(length)]);
  for (const chunk of chunks) response.write(chunk);
  response.end();
  return finished(response, options.stall * Math.ceil(length / handful));
}

/** Sends an answer that is there as a whole: as bytes, or as octets, one a character, which go in one write with the head. */
export function sendMade(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer | string,
  options: MadeOptions,
): AnswerEnd | Promise<AnswerEnd> {
  if (body.length >= worthPacking && wantsGzip(request, options)) return sendPacked(response, body, options);
  return end(response, body, answerHeaders(options), options.stall);
}

async function sendPacked(response: ServerResponse, body: Buffer | string, options: MadeOptions): Promise<AnswerEnd> {
  const packed = await pack(typeof body === 'string' ? Buffer.from(body, 'latin1') : body, level);
  return end(response, packed, [...answerHeaders(options), 'Content-Encoding', 'gzip'], options.stall);
}

function end(
  response: ServerResponse,
  body: Buffer | string,
  headers: readonly string[],
  stall: number,
): AnswerEnd | Promise<AnswerEnd> {
  if (response.destroyed) return { kind: 'gone' };
  response.writeHead(200, [...headers, 'Content-Length', String(body.length)]);
  response.write(body, 'latin1');
  response.socket?.uncork();
  response.end();
  return finished(response, stall);
}

async function sendParts(
  request: IncomingMessage,
  response: ServerResponse,
  chunks: Chunks,
  options: AnswerOptions,
): Promise<AnswerEnd> {
  const trailers = response.useChunkedEncodingByDefault && takesTrailers(request);
  const sink = wantsGzip(request, options) && !trailers ? 'gzip' : 'plain';
  response.writeHead(200, [
    ...answerHeaders(options),
    ...(sink === 'gzip' ? ['Content-Encoding', 'gzip'] : []),
    ...(trailers ? ['Trailer', trailerFields] : []),
  ]);
  const end = await pump(response, chunks, sink, options);
  if (end.kind === 'broken') breakOff(response, end.reason, trailers);
  return end;
}

/**
 * The fields of every answer to an operation (DSP0200 6.3.3, 6.3.15), the CIM ones under the prefix of an M-POST, which is
 * acknowledged by Ext (RFC 2774). The plain CIMOperation goes with it, since some clients look for that alone. Names and
 * values by turns, which Node writes faster than an object.
 */
function answerHeaders({ prefix, started }: MadeOptions): string[] {
  const taken = String(Math.max(1, Math.round((performance.now() - started) * 1_000)));
  const fields = [...constantFields, 'WBEMServerResponseTime', taken];
  if (prefix !== undefined)
    fields.push(...Object.entries(mandatoryHeaders(prefix)).flat(), `${prefix}-CIMOperation`, 'MethodResponse');
  return fields;
}

const constantFields = [
  ...['Content-Type', 'application/xml; charset="utf-8"'],
  ...['CIMOperation', 'MethodResponse'],
  ...['Cache-Control', 'no-cache'],
];

/** The fields that acknowledge an M-POST (DSP0200 6.2.1, RFC 2774). */
export const mandatoryHeaders = (prefix: string): Record<string, string> => ({
  Ext: '',
  Man: `${extensionUri};ns=${prefix}`,
});

const takesTrailers = (request: IncomingMessage): boolean =>
  /(?:^|,)\s*trailers\s*(?:,|;|$)/i.test(String(request.headers['te'] ?? ''));

/**
 * A client that asks for trailers gets no packed parts: wbem-java, which asks for both, unpacks before it takes the chunks
 * apart. In one piece with its length it can read gzip.
 */
function wantsGzip(request: IncomingMessage, { gzip }: MadeOptions): boolean {
  const findings = findingsOf(request);
  findings.packs ??= acceptsGzip(request.headers['accept-encoding']) && mayPack(gzip, request.socket);
  return findings.packs;
}

/**
 * Ends an answer that cannot be completed so that no client takes it for whole: its last chunk never comes, and to
 * HTTP/1.0, which has none, the XML lacks its end.
 */
function breakOff(response: ServerResponse, reason: unknown, trailers: boolean): void {
  const { socket } = response;
  if (!trailers) {
    response.destroy();
    return;
  }
  const error = CimError.from(reason);
  const description = sentence(error.message);
  response.addTrailers({
    CIMStatusCode: String(error.code),
    CIMStatusCodeDescription: description,
    CIMStatusDescription: description,
  });
  response.end(() => socket?.end());
}
