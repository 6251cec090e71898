import { isUtf8 } from 'node:buffer';
import { RequestRefusal } from './refusal.js';

/** The text of a request and the encoding it was read in. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'utf-8' | 'utf-16';
}

const malformed = (message: string): RequestRefusal => new RequestRefusal('request-not-well-formed', message);

function decodeUtf16(body: Uint8Array, label: 'utf-16le' | 'utf-16be'): DecodedText {
  try {
    return { text: new TextDecoder(label, { fatal: true }).decode(body), encoding: 'utf-16' };
  } catch {
    throw malformed('the request begins as UTF-16 does, but its bytes are no valid UTF-16');
  }
}

/** The text of a body in UTF-8, or in UTF-16 with a byte order mark (DSP0200 7.2); nothing is ever guessed or mended. */
export function decodeText(body: Uint8Array | string): DecodedText {
  if (typeof body === 'string') {
    if (/\p{Surrogate}/u.test(body)) throw malformed('the request holds half a surrogate pair');
    return { text: body, encoding: 'utf-8' };
  }
  if (body[0] === 0xfe && body[1] === 0xff) return decodeUtf16(body, 'utf-16be');
  if (body[0] === 0xff && body[1] === 0xfe) return decodeUtf16(body, 'utf-16le');
  if (!isUtf8(body)) throw malformed('the request has to be UTF-8 (or UTF-16 with a byte order mark), and is not');
  return { text: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'), encoding: 'utf-8' };
}

const agreeing: Readonly<Record<DecodedText['encoding'], ReadonlySet<string>>> = {
  'utf-8': new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']),
  'utf-16': new Set(['utf-16', 'utf-16le', 'utf-16be']),
};

/** Refuses an XML declaration that names another encoding than the one the body is in. */
export function checkDeclaredEncoding(declared: string | undefined, encoding: DecodedText['encoding']): void {
  if (declared === undefined || agreeing[encoding].has(declared.toLowerCase())) return;
  throw malformed(`the XML declaration says encoding="${declared}", but the request is read as ${encoding}`);
}
