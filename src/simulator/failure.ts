/** A XenAPI error: the code and its parameters, all text, as they travel in the answer. */
export class XenApiFailure extends Error {
  readonly code: string;
  readonly params: readonly string[];

  constructor(code: string, ...params: readonly string[]) {
    super(`${code} [${params.join(', ')}]`);
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
