import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { Admission } from './admission.js';
import { cimRefusal, HttpRefusal } from './refusal.js';

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client closed the connection');
    this.name = 'ClientGone';
  }
}

const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
};

/**
 * The refusal of what arrives while as much is under way as may be: 503, not the CIM error SERVER_LIMITS_EXCEEDED. It can
 * be given before the body is read, and monitoring scripts report it, whereas of a CIM error several make an empty class.
 */
export const overloaded = (what: string): HttpRefusal =>
  new HttpRefusal(503, `the server is busy: ${what}; try again in a moment`, {
    phrase: 'Service Unavailable (busy)',
    headers: { 'Retry-After': '1' },
  });

const tooLarge = (limit: number, got: string): HttpRefusal =>
  new HttpRefusal(413, `a request may have ${limit} bytes, but this one has ${got}`, { token: 'request-not-valid' });

/**
 * Refuses by the head alone what need not be read: a body without a length (411), beyond the limit (413), or in a coding
 * that is not gzip, deflate or identity (415).
 */
export function checkBodyHead({ headers }: IncomingMessage, limit: number): void {
  const length = headers['content-length'];
  if (length === undefined && headers['transfer-encoding'] === undefined) {
    throw new HttpRefusal(411, 'a request needs a Content-Length, or Transfer-Encoding: chunked');
  }
  if (length !== undefined && Number(length) > limit) throw tooLarge(limit, length);
  const coding = contentCoding(headers['content-encoding']);
  if (coding !== undefined && !Object.hasOwn(unpackers, coding)) {
    throw new HttpRefusal(
      415,
      `a request's body may come in gzip or deflate or as it is, but this one is in "${coding}"`,
      {
        token: 'request-not-valid',
        headers: { 'Accept-Encoding': 'gzip, deflate, identity' },
      },
    );
  }
}

/**
 * Reads the body whole and unpacks it; no more than `limit` bytes are ever held, packed or unpacked. The caller gives
 * back to the admission what it held, by `held`.
 */
export function readBody(request: IncomingMessage, limit: number, held: HeldBytes): Promise<Buffer> {
  const coding = contentCoding(request.headers['content-encoding']);
  const body = collect(request, limit, held);
  return coding === undefined ? body : readPacked(body, coding, limit, held);
}

async function readPacked(body: Promise<Buffer>, coding: string, limit: number, held: HeldBytes): Promise<Buffer> {
  const packed = await body;
  try {
    return await unpacked(packed, unpackers[coding]!(), limit, held);
  } catch (cause) {
    if (cause instanceof HttpRefusal) throw cause;
    throw cimRefusal('request-not-well-formed', `the body is not the ${coding} that its Content-Encoding says`);
  }
}

/** Every piece counts as soon as it is there: little that is packed may be much, and many may send such at once. */
async function unpacked(packed: Buffer, unpacker: Transform, limit: number, held: HeldBytes): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  unpacker.end(packed);
  for await (const piece of unpacker as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > limit) throw tooLarge(limit, 'more, unpacked');
    held.more(piece.length);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

/** The bytes that one request holds in memory, counted against what all may hold. */
export class HeldBytes {
  readonly #admission: Admission;
  #bytes = 0;

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  more(bytes: number): void {
    if (!this.#admission.hold(bytes)) throw overloaded('too much is being sent to it at once');
    this.#bytes += bytes;
  }

  release(): void {
    this.#admission.release(this.#bytes);
    this.#bytes = 0;
  }
}

function contentCoding(value: string | undefined): string | undefined {
  const coding = value?.trim().toLowerCase();
  return coding === undefined || coding === '' || coding === 'identity' ? undefined : coding;
}

function collect(request: IncomingMessage, limit: number, held: HeldBytes): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  let complete = false;
  return new Promise((resolve, reject) => {
    const leave = (settle: () => void): void => {
      request.off('data', take).off('end', end).off('close', gone);
      settle();
    };
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      try {
        if (length > limit) throw tooLarge(limit, `more than ${limit}`);
        held.more(chunk.length);
        chunks.push(chunk);
      } catch (refusal) {
        request.pause();
        leave(() => reject(refusal));
      }
    };
    const end = (): void => {
      complete = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const gone = (): void => {
      if (!complete) leave(() => reject(new ClientGone()));
    };
    request.on('data', take).on('end', end).on('close', gone);
  });
}
