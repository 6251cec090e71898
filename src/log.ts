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

/** What every text with a secret has in it: most lines have none of these. */
const telltale = /OpaqueRef:|basic|bearer|negotiate|:\/\/|session_id=|passw(?:or)?d=|scrypt\$/i;

/** A line without the secrets that its texts may hold: credentials, session references, passwords in URLs. */
export function withoutSecrets(line: string): string {
  if (!telltale.test(line)) return line;
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
    to ?? toStandardError(),
  );
}

/**
 * The same log for lines of which no key can hold a secret, since those who write them name all of them: to look for
 * secret keys takes ten times as long as the line itself. Texts are looked through nevertheless.
 */
export const withoutSecretKeys = (log: Logger): Logger => log.child({}, { redact: [] });

/** For how many octets, and milliseconds, lines are gathered: each alone would be a system call a request. */
const gathering = { minLength: 4_096, periodicFlush: 100 } as const;

/** The beginning of lines that may wait for others; warnings and errors may not. */
const leisurely = /^\{"level":"(?:info|debug|trace)"/;

let standardError: DestinationStream | undefined;

/** Standard error, of which the process has but one; what is left goes out when the process ends. */
function toStandardError(): DestinationStream {
  if (standardError) return standardError;
  const out = destination({ dest: 2, sync: true, ...gathering });
  process.once('exit', () => out.flushSync());
  const write = (line: string): void => {
    out.write(line);
    if (!leisurely.test(line)) out.flush();
  };
  standardError = { write };
  return standardError;
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
