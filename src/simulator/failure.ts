/**
 * A XenAPI error: the code and its parameters, all text, as they travel in the answer. It is an answer and not a mistake
 * of ours, and thousands are made to work out what is allowed, so that it holds no stack.
 */
export class XenApiFailure extends Error {
  readonly code: string;
  readonly params: readonly string[];

  constructor(code: string, ...params: readonly string[]) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(`${code} [${params.join(', ')}]`);
    Error.stackTraceLimit = limit;
    this.name = 'XenApiFailure';
    this.code = code;
    this.params = params;
  }
}

/** What is not a XenAPI error becomes INTERNAL_ERROR [text], as in xapi. */
export function failureOf(error: unknown): XenApiFailure {
  if (error instanceof XenApiFailure) return error;
  return new XenApiFailure('INTERNAL_ERROR', error instanceof Error ? error.message : String(error));
}

/** Ends the work with this failure. */
export function refuse(code: string, ...params: readonly string[]): never {
  throw new XenApiFailure(code, ...params);
}

/** Ends the work with what stands against it, if anything does. */
export function refuseIf(obstacle: XenApiFailure | undefined): void {
  if (obstacle !== undefined) throw obstacle;
}
