import { refusalStatus } from '../cimxml/refusal.js';

/** The values of the CIMError header that a server of operations sends (DSP0200 6.3.11), with the status each goes by. */
export const cimErrorStatus = { ...refusalStatus, 'header-mismatch': 400 } as const;

export type CimErrorToken = keyof typeof cimErrorStatus;

interface RefusalOptions {
  readonly token?: CimErrorToken;
  /** The reason phrase of the status line: all that pywbem shows of a refusal without a CIMError header. */
  readonly phrase?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A request that never becomes an operation: an HTTP status, perhaps a CIMError token, and a sentence for a person. */
export class HttpRefusal extends Error {
  readonly status: number;
  readonly token: CimErrorToken | undefined;
  readonly phrase: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, options: RefusalOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HttpRefusal';
    this.status = status;
    this.token = options.token;
    this.phrase = options.phrase;
    this.headers = options.headers ?? {};
  }
}

/** A refusal with a CIMError token, under the status that belongs to it (DSP0200 7.3). */
export const cimRefusal = (token: CimErrorToken, message: string): HttpRefusal =>
  new HttpRefusal(cimErrorStatus[token], message, { token });

/**
 * The header fields of a refusal. The sentence goes percent-encoded under the names that clients read: DSP0200 has none,
 * pywbem and wbem-java read PGErrorDetail, wbem-java CIMErrorDescription. There is never a body: old clients hang on one.
 */
export function refusalHeaders(refusal: HttpRefusal): Record<string, string> {
  const detail = sentence(refusal.message);
  return {
    'Content-Length': '0',
    'Cache-Control': 'no-cache',
    ...(refusal.token === undefined ? {} : { CIMError: refusal.token, CIMErrorDescription: detail }),
    CIMErrorDetails: detail,
    PGErrorDetail: detail,
    ...refusal.headers,
  };
}

const longest = 1_000;

/** A sentence as a header field can hold it: percent-encoded UTF-8, cut to a length that clients take. */
export function sentence(text: string): string {
  const cut = text.slice(0, longest);
  return encodeURIComponent(
    cut.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD'),
  );
}
