/** The values of the CIMError header that a request's content can call for, with the HTTP status of each (DSP0200 7.3). */
export const refusalStatus = {
  'request-not-well-formed': 400,
  'request-not-valid': 400,
  'unsupported-operation': 400,
  'unsupported-cim-version': 501,
  'unsupported-dtd-version': 501,
  'unsupported-protocol-version': 501,
  'multiple-requests-unsupported': 501,
} as const;

export type RefusalToken = keyof typeof refusalStatus;

/** A request that holds no operation we could answer: the CIMError token, the HTTP status, and what was wanted and got. */
export class RequestRefusal extends Error {
  readonly token: RefusalToken;
  /** The status that goes with the token, or 413 for a request that is too long. */
  readonly status: number;

  constructor(token: RefusalToken, message: string, status: number = refusalStatus[token]) {
    super(message);
    this.name = 'RequestRefusal';
    this.token = token;
    this.status = status;
  }
}

const shownLength = 60;

/** A name or text that a client sent, quoted and cut to a length fit for an error message. */
export function quoted(text: string): string {
  return `"${text.length > shownLength ? `${text.slice(0, shownLength)}…` : text}"`;
}
