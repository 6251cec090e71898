import { CimError } from '../cim/error.js';
import {
  type ErrorRow,
  errorFamilies,
  errorRows,
  type ReturnHint,
  storageFaults,
  type Trouble,
  troubles,
} from './error-table.js';
import { MASK } from './secret.js';

/** Finds what stands behind a reference, in words for a person: `the VM web01 (uuid)`. */
export type Describe = (ref: string) => string | undefined;

/** Codes whose parameters hold a session's reference, which is as good as a password. */
const secretParameters: ReadonlySet<string> = new Set(['SESSION_INVALID', 'SESSION_NOT_REGISTERED']);

/** A text that says only what the other side could not read: XenAPI reports a wrong argument as an internal error. */
const unreadable = /unmarshal|of_rpc|Rpc\.|Runtime_error|int_of_string|float_of_string|Enum|expected/i;

function troubleOf(code: string, params: readonly string[]): Trouble | undefined {
  const storage = /^SR_BACKEND_FAILURE_(\d+)$/.exec(code);
  if (storage) return storageFaults[storage[1]!] ?? 'failed';
  if (code === 'INTERNAL_ERROR' && unreadable.test(params[0] ?? '')) return 'badParameter';
  if (Object.hasOwn(errorRows, code)) return errorRows[code]![0];
  return errorFamilies.find(([form]) => form.test(code))?.[1];
}

/** Whether the table has the code, by itself or by its family. */
export const isKnownCode = (code: string): boolean => troubleOf(code, []) !== undefined;

const inWords = (code: string): string => code.toLowerCase().replaceAll('_', ' ');

/** A parameter in a sentence, with the noun before it: `the machine {0}`, `the {0} {1}`. */
const place = /(\bthe (?:\w+|\{\d\}) )?\{(\d)\}/g;

/** The sentence with its parameters; one that is described brings its own noun. */
function filled(template: string, params: readonly string[], described: ReadonlySet<string>): string {
  return template.replace(place, (_, noun: string = '', index: string) => {
    const param = params[Number(index)] || 'one that was not named';
    return described.has(param) ? param : filled(noun, params, described) + param;
  });
}

function sentence(code: string, params: readonly string[], trouble: Trouble, described: ReadonlySet<string>): string {
  if (code.startsWith('SR_BACKEND_FAILURE'))
    return `the storage reports: ${params[1] || params[2] || troubles[trouble].says}`;
  const row: ErrorRow | undefined = Object.hasOwn(errorRows, code) ? errorRows[code] : undefined;
  if (!row) return `${troubles[trouble].says} (${[inWords(code), ...params].filter((part) => part !== '').join(', ')})`;
  return filled(row[1], params, described);
}

/** A failure that the pool itself reported: its code and parameters (facts: always strings). */
export class XenApiError extends Error {
  readonly code: string;
  readonly params: readonly string[];

  constructor(code: string, params: readonly string[] = [], options?: { readonly cause?: unknown }) {
    const shown = secretParameters.has(code) ? params.map(() => MASK) : params;
    super([code, ...shown].join(':'), options);
    this.name = 'XenApiError';
    this.code = code;
    this.params = params;
    // The message alone is what a log may show of a session's reference.
    if (secretParameters.has(code)) Object.defineProperty(this, 'params', { value: params, enumerable: false });
  }

  /** The kind of trouble; an unknown code is `failed`. */
  get trouble(): Trouble {
    return troubleOf(this.code, this.params) ?? 'failed';
  }

  /** The return code that a method has for it. */
  get returned(): ReturnHint {
    return troubles[this.trouble].returned;
  }

  /**
   * What a client reads: the sentence, then `XenError:CODE:param:...` as clients of the predecessor look for. With
   * `describe`, references in the sentence become names; the tail stays as XenAPI sent it.
   */
  text(describe: Describe = () => undefined): string {
    const shown = secretParameters.has(this.code) ? this.params.map(() => MASK) : this.params;
    const named = shown.map((param) => (/^OpaqueRef:/.test(param) ? (describe(param) ?? param) : param));
    const described = new Set(named.filter((param, i) => param !== shown[i]));
    return `${sentence(this.code, named, this.trouble, described)}. XenError:${[this.code, ...shown].join(':')}`;
  }
}

/**
 * Why no answer came: `refused` no connection could be made, `certificate` the host's was not trusted, `timeout`,
 * `reset` the connection broke, `answer` what came was not XenAPI, `pool` the host belongs to another pool, `stopped`
 * the bridge is stopping.
 */
export type TransportFault = 'refused' | 'certificate' | 'timeout' | 'reset' | 'answer' | 'pool' | 'stopped';

/** Nobody answered, or not in XenAPI: apart from XenApiError, where the pool said no. */
export class TransportError extends Error {
  readonly fault: TransportFault;
  /** The scheme, host and port that were asked. */
  readonly origin: string;
  /** Whether the request may have reached the other side, which may then have acted upon it. */
  readonly sent: boolean;

  constructor(
    fault: TransportFault,
    origin: string,
    message: string,
    options: { readonly sent: boolean; readonly cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'TransportError';
    this.fault = fault;
    this.origin = origin;
    this.sent = options.sent;
  }
}

/**
 * The CIM error for what a call to the pool can throw; undefined for anything else, which is for the operations to judge.
 * With `describe`, references in its sentence become names.
 */
export function toCimError(reason: unknown, describe?: Describe): CimError | undefined {
  if (reason instanceof CimError) return reason;
  if (reason instanceof XenApiError) {
    return new CimError(troubles[reason.trouble].status, reason.text(describe), { cause: reason });
  }
  if (!(reason instanceof TransportError)) return undefined;
  return new CimError('FAILED', `the pool did not answer: ${reason.message}`, { cause: reason });
}
