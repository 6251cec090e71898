import { createHmac, timingSafeEqual } from 'node:crypto';
import { CimError } from '../cim/error.js';

/** What an enumeration is of: the Open operation and its parameters, as JSON can hold them. */
export interface OpenRequest {
  readonly operation: string;
  readonly className?: string;
  /** The source instance of a walk, as text (DSP0004 clause 8). */
  readonly source?: string;
  readonly deep?: boolean;
  readonly classOrigin?: boolean;
  readonly properties?: readonly string[];
  readonly assocClass?: string;
  readonly resultClass?: string;
  readonly role?: string;
  readonly resultRole?: string;
  readonly language?: string;
  readonly query?: string;
}

/** All that the server has to know to go on with an enumeration: it travels with the client (decisions.md 6). */
export interface Cursor {
  readonly id: string;
  /** Whose it is: origin and name. */
  readonly user: string;
  /** Under the name by which it was opened. */
  readonly namespace: string;
  readonly request: OpenRequest;
  /** The last object given; null before the first. */
  readonly mark: string | null;
  /** Seconds that it lasts after each operation. */
  readonly timeout: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** Counts the operations of the enumeration. */
  readonly sequence: number;
  /** How many pulls in a row asked for nothing. */
  readonly idle: number;
}

/** Another layout of cursors takes another number, so that those of an earlier version are refused and not misread. */
const layout = 2;

const longest = 64 * 1024;

const signature = (key: Buffer, body: string): Buffer => createHmac('sha256', key).update(body).digest();

/** The cursor as an enumeration context: signed, so that no one can make or change one; not secret. */
export function sealCursor(key: Buffer, cursor: Cursor): string {
  const body = Buffer.from(JSON.stringify([layout, cursor]), 'utf8').toString('base64url');
  if (body.length > longest) {
    throw new CimError(
      'SERVER_LIMITS_EXCEEDED',
      `the parameters of the enumeration take ${body.length} characters to remember; at most ${longest} are kept`,
    );
  }
  return `${body}.${signature(key, body).toString('base64url')}`;
}

/** The cursor that was sealed with this key; undefined for anything else. */
export function unsealCursor(key: Buffer, context: string): Cursor | undefined {
  if (context.length > longest + 64) return undefined;
  const [body, given, more] = context.trim().split('.');
  if (!body || !given || more !== undefined) return undefined;
  const [wanted, found] = [signature(key, body), Buffer.from(given, 'base64url')];
  if (found.length !== wanted.length || !timingSafeEqual(found, wanted)) return undefined;
  const [made, cursor] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as [number, Cursor];
  return made === layout ? cursor : undefined;
}
