import { XenApiError } from './error.js';

/** An argument of a call: bigint for an int, number for a float, null where XenAPI takes nothing. */
export type CallValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly CallValue[]
  | { readonly [key: string]: CallValue };

/** The decimal text of an int. XenAPI's ints have 64 bits: INVALID_VALUE beyond, before anything is sent. */
export function intText(value: bigint): string {
  if (BigInt.asIntN(64, value) === value) return value.toString();
  throw new XenApiError('INVALID_VALUE', ['an integer of 64 bits', value.toString().slice(0, 60)]);
}

/** What a call was answered: its value as it came over the wire, or a XenAPI failure. */
export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'failure'; readonly code: string; readonly params: readonly string[] };

/** Thrown by a protocol when the bytes are not an answer of it. */
export class MalformedAnswer extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'MalformedAnswer';
  }
}

/**
 * Takes a part of a large answer as it came, before the whole answer is there: records of a listing by reference, or events
 * in their order.
 */
export type TakePart = (part: object) => Promise<void>;

/** One of the two ways in which XenAPI is spoken over HTTP. */
export interface Protocol {
  readonly name: 'json-rpc' | 'xml-rpc';
  /** The path that is posted to. */
  readonly path: string;
  readonly contentType: string;
  /** Whether an answer of this content type (without parameters, lower case) is the protocol's own. */
  readonly accepts: (contentType: string) => boolean;
  readonly encode: (method: string, params: readonly CallValue[]) => string;
  /** Reads an answer from its body; throws MalformedAnswer. What `take` was given is no part of the answer. */
  readonly decode: (body: AsyncIterable<Uint8Array>, take?: TakePart) => Promise<Answer>;
}

/** The failure that `[code, param, ...]` says, whatever the items' types. */
export function failure(description: readonly unknown[]): Answer {
  const [code = 'INTERNAL_ERROR', ...params] = description.map((item) =>
    typeof item === 'string' ? item : JSON.stringify(item),
  );
  return { kind: 'failure', code: code ?? 'INTERNAL_ERROR', params: params.map((param) => param ?? '') };
}
