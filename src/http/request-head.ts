import { type IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExtensionHeaders } from './extension-header.js';

/** What was found out about a head, by those who look into it; what is absent nobody has looked for. */
export interface Findings {
  /** It is framed as RFC 9112 wants it. */
  sound?: true;
  /** The CIM fields of a head of which nothing is refused. */
  extension?: ExtensionHeaders;
  /** The keyed hash of its credentials. */
  digest?: string;
  /** Whether its answer may be packed. */
  packs?: boolean;
  /** Where it came from. */
  address?: string;
}

/** A head as it came, its fields by name, and the findings about it. */
interface Head {
  readonly raw: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly findings: Findings;
}

/** Longer heads (characters) are not remembered: thousands of connections may hold one each. */
const longest = 2_048;

/** The last head of each connection. Clients that poll send the same one with every request. */
const heads = new WeakMap<Duplex, Head>();

/**
 * A request that shares the fields and the findings of the one before it on its connection, where its head is the same
 * to the letter: sorting the fields by name takes longer than comparing them.
 */
export class RecallingRequest extends IncomingMessage {
  head: Head | undefined;
}

const inherited = Object.getOwnPropertyDescriptor(IncomingMessage.prototype, 'headers');

// Node declares a plain property, which a class cannot override with an accessor.
if (inherited?.get) {
  Object.defineProperty(RecallingRequest.prototype, 'headers', {
    ...inherited,
    get(this: RecallingRequest): IncomingHttpHeaders {
      this.head ??= recall(this, () => inherited.get!.call(this));
      return this.head.headers;
    },
  });
}

function recall({ socket, rawHeaders: raw }: RecallingRequest, read: () => IncomingHttpHeaders): Head {
  const last = heads.get(socket);
  if (last !== undefined && sameItems(last.raw, raw)) return last;
  const head: Head = { raw, headers: read(), findings: {} };
  if (lengthOf(raw) <= longest) heads.set(socket, head);
  else heads.delete(socket);
  return head;
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const lengthOf = (items: readonly string[]): number => items.reduce((sum, { length }) => sum + length, 0);

/** The findings about a request's head, to be added to; of a request that recalls none, new ones each time. */
export const findingsOf = (request: IncomingMessage): Findings =>
  (request as Partial<RecallingRequest>).head?.findings ?? {};

/** The address that a request came from; undefined where its connection was closed before it was looked for. */
export function addressOf(request: IncomingMessage): string | undefined {
  const findings = findingsOf(request);
  const address = findings.address ?? request.socket.remoteAddress;
  if (address !== undefined) findings.address = address;
  return address;
}
