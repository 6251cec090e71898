/** The status codes of DSP0200 (annex A) with the name each goes by. */
export const cimStatus = {
  FAILED: 1,
  ACCESS_DENIED: 2,
  INVALID_NAMESPACE: 3,
  INVALID_PARAMETER: 4,
  INVALID_CLASS: 5,
  NOT_FOUND: 6,
  NOT_SUPPORTED: 7,
  CLASS_HAS_CHILDREN: 8,
  CLASS_HAS_INSTANCES: 9,
  INVALID_SUPERCLASS: 10,
  ALREADY_EXISTS: 11,
  NO_SUCH_PROPERTY: 12,
  TYPE_MISMATCH: 13,
  QUERY_LANGUAGE_NOT_SUPPORTED: 14,
  INVALID_QUERY: 15,
  METHOD_NOT_AVAILABLE: 16,
  METHOD_NOT_FOUND: 17,
  NAMESPACE_NOT_EMPTY: 20,
  INVALID_ENUMERATION_CONTEXT: 21,
  INVALID_OPERATION_TIMEOUT: 22,
  PULL_HAS_BEEN_ABANDONED: 23,
  PULL_CANNOT_BE_ABANDONED: 24,
  FILTERED_ENUMERATION_NOT_SUPPORTED: 25,
  CONTINUATION_ON_ERROR_NOT_SUPPORTED: 26,
  SERVER_LIMITS_EXCEEDED: 27,
  SERVER_IS_SHUTTING_DOWN: 28,
} as const;

export type CimStatus = keyof typeof cimStatus;

/** What a client is told when an operation fails: a status of DSP0200 and a sentence of what was wanted and got. */
export class CimError extends Error {
  readonly status: CimStatus;

  constructor(status: CimStatus, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'CimError';
    this.status = status;
  }

  get code(): number {
    return cimStatus[this.status];
  }

  /** Makes one of anything caught; what we did not foresee is CIM_ERR_FAILED, its cause kept for the log alone. */
  static from(reason: unknown): CimError {
    if (reason instanceof CimError) return reason;
    return new CimError('FAILED', 'the bridge met a fault of its own; its log says more', { cause: reason });
  }
}
