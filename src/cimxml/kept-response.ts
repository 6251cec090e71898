import { CimError } from '../cim/error.js';
import type { EncodedCache } from './encoded-cache.js';
import { encodeInstance } from './instance-out.js';
import { messageClose, messageOpen, replyClose, replyOpen } from './message-out.js';
import type { Reply, Tally } from './response.js';
import type { KeptResult } from './result.js';

/** The reply with an instance of which the encoding may be kept, and what stands before and behind it, as octets. */
export interface KeptReply {
  readonly result: KeptResult;
  readonly around: { readonly before: string; readonly behind: string };
}

/** The octets of a text, one a character. */
const octetsOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** Undefined for a reply with anything else. */
export function keptReply({ kind, name, result }: Reply): KeptReply | undefined {
  if (result instanceof CimError || result.kind !== 'keptInstance') return undefined;
  return { result, around: around(kind, name) };
}

/** Made once for every spelling of an operation: replies by the thousand have the same. */
const known = new Map<string, KeptReply['around']>();

function around(kind: Reply['kind'], name: string): KeptReply['around'] {
  const key = `${kind} ${name}`;
  let made = known.get(key);
  if (made === undefined) {
    const before = octetsOf(`${replyOpen(kind, name)}<IRETURNVALUE>`);
    made = { before, behind: octetsOf(`</IRETURNVALUE>${replyClose(kind)}${messageClose(false)}`) };
    known.set(key, made);
  }
  return made;
}

/** The instance as octets, one a character: as they are kept, where it has not changed since. */
export function encodeKept({ place, make }: KeptResult, cache: EncodedCache | undefined): string {
  const { page, mark, version } = place;
  const known = cache?.item(page, mark);
  if (known && place.holds(known.version)) return known.octets;
  const octets = octetsOf(encodeInstance(make(), { classOrigin: false }));
  cache?.putItem(page, mark, { octets, version });
  return octets;
}

const ascii = /^[\x20-\x7e]*$/;

/**
 * The response message of a kept instance whole, as octets, one a character: so it is written in one go with its head.
 * Throws where the instance cannot be made.
 */
export function encodeKeptResponse(
  id: string,
  { result, around: { before, behind } }: KeptReply,
  cache: EncodedCache | undefined,
  tally: Tally,
): string {
  const instance = encodeKept(result, cache);
  const open = messageOpen(id, false);
  const octets = (ascii.test(id) ? open : octetsOf(open)) + before + instance + behind;
  tally.instances++;
  tally.bytes += octets.length;
  return octets;
}
