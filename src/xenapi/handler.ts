/** A request to one of the HTTP handlers of a host, such as /export_raw_vdi. No secret stands in its path. */
export interface HandlerRequest {
  readonly method: 'GET' | 'PUT';
  /** With its parameters; the session goes along as a cookie. */
  readonly path: string;
  readonly body?: Buffer;
}

/** What a handler answers, whatever its status. Whoever leaves the body before its end breaks the transfer off. */
export interface HandlerAnswer {
  readonly status: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Asks a handler of the host at an address, and gives what `take` makes of the answer; the connection is held until then.
 * Throws TransportError where none comes.
 */
export type AskHandler = <T>(
  address: string,
  request: HandlerRequest,
  take: (answer: HandlerAnswer) => Promise<T>,
) => Promise<T>;
