import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  readonly level?: LogLevel;
  /** Where the lines go; standard error unless given. */
  readonly destination?: DestinationStream;
}

const masked = '[masked]';

/** Keys whose values never reach the log, wherever in an object of up to three levels they stand. */
const secretKeys = [
  'password',
  'pass',
  'passwd',
  'secret',
  'token',
  'credential',
  'authorization',
  'session',
  'sessionId',
];
const spelled = [...secretKeys, 'session_id', 'session_ref', 'Authorization', 'hash'];
const redact = { paths: ['', '*.', '*.*.'].flatMap((depth) => spelled.map((key) => depth + key)), censor: masked };

/** What can stand in the midst of a message or an error's text, with what is put in its place. */
const secretTexts: readonly (readonly [RegExp, string])[] = [
  /** A session is an OpaqueRef like any other: of each only the beginning is shown, enough to follow one through the log. */
  [/(OpaqueRef:[0-9a-f]{4})[0-9a-f]{4}-[0-9a-f-]{27}/gi, '$1…'],
  [/\b(Basic|Bearer|Negotiate)\s+(?!realm=)[\w+/=.~-]{4,}/gi, `$1 ${masked}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, `$1${masked}@`],
  [/\b((?:session_id|password|passwd)=)[^\s&"\\]+/gi, `$1${masked}`],
  [/\bscrypt\$[\d$]+\$[\w$-]+/g, `scrypt$${masked}`],
];

/** A line without the secrets that its texts may hold: credentials, session references, passwords in URLs. */
export function withoutSecrets(line: string): string {
  return secretTexts.reduce((text, [pattern, instead]) => text.replace(pattern, instead), line);
}

/** The log of the process: a JSON object a line, with an ISO time, a level by name, and no secrets. */
export function createLogger({ level = 'info', destination: to }: LogOptions = {}): Logger {
  return pino(
    {
      level,
      redact,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (name) => ({ level: name }) },
      serializers: { err: serializedError, cause: serializedError },
      hooks: { streamWrite: withoutSecrets },
    },
    to ?? destination({ dest: 2, sync: true }),
  );
}

/** An error as the log has it: name, message, code and the causes beneath it; the stack where it is a fault of ours. */
function serializedError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { code, status } = error as { code?: unknown; status?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(status === undefined ? {} : { status }),
    ...(error.cause === undefined || depth > 4 ? {} : { cause: serializedError(error.cause, depth + 1) }),
    ...(isFault(error) ? { stack: error.stack } : {}),
  };
}

const isFault = (error: Error): boolean =>
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof ReferenceError ||
  error.name === 'Error';
