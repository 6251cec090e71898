import type { Kind } from './setting-kind.js';
import {
  bytes,
  choice,
  count,
  fingerprint,
  host,
  path,
  poolSize,
  poolUrl,
  port,
  portOrOff,
  seconds,
  secondsOrOff,
  text,
  yesNo,
} from './setting-kind.js';

/**
 * One setting. Its name is the YAML key, and with dashes in front the flag; the environment variable follows from it
 * too. `standing` says in words what holds when nobody sets it.
 */
export interface Setting<T> {
  readonly kind: Kind<T>;
  readonly fallback: T | undefined;
  readonly standing: string;
  readonly description: string;
}

interface Defaulted<T> extends Setting<T> {
  readonly fallback: T;
}

const setting = <T>(kind: Kind<T>, fallback: T, standing: string, description: string): Defaulted<T> => ({
  kind,
  fallback,
  standing,
  description,
});

const optional = <T>(kind: Kind<T>, standing: string, description: string): Setting<T> => ({
  kind,
  fallback: undefined,
  standing,
  description,
});

/** Everything that can be set, each one name in three places. `users` alone is a key of the file only. */
export const settings = {
  'http-host': setting(host, '127.0.0.1', '127.0.0.1', 'The address that HTTP listens on.'),
  'http-port': setting(portOrOff, 5988, '5988', 'The port of HTTP.'),
  'https-host': setting(host, '0.0.0.0', '0.0.0.0', 'The address that HTTPS listens on.'),
  'https-port': optional(portOrOff, 'off; 5989 when there is a certificate', 'The port of HTTPS.'),
  'tls-cert': optional(path, 'none', "The bridge's certificate in PEM, with those above it in the chain after it."),
  'tls-key': optional(path, 'none', 'The private key of the certificate in PEM; others must not be able to read it.'),
  pool: optional(poolUrl, 'the embedded simulator', 'The URL of a host of the pool, the coordinator or any other.'),
  'pool-user': optional(
    text('a user name', 'NAME'),
    'none',
    'The account that the bridge itself uses; it need only read.',
  ),
  'pool-password-file': optional(path, 'none', 'A file with the password of that account in its first line.'),
  'pool-ca': optional(
    path,
    'the authorities that Node knows',
    "The certificates in PEM that vouch for the pool's hosts.",
  ),
  'pool-fingerprint': optional(
    fingerprint,
    'none',
    "The SHA-256 fingerprint of the pool's certificate: exactly this one is trusted.",
  ),
  'pool-timeout': setting(
    seconds,
    120,
    '120',
    'The seconds that a call to the pool may take before its answer begins.',
  ),
  'stale-limit': setting(
    secondsOrOff,
    'off',
    'off',
    'The seconds after losing the pool for which reads go on from the last state known; then they fail. Off: for ever.',
  ),
  simulator: setting(poolSize, 'demo', 'demo', 'What the embedded simulator holds, where no pool is given.'),
  'simulator-port': setting(
    port,
    0,
    'a free one',
    "The port of the simulator's XenAPI on 127.0.0.1, for XenAPI clients.",
  ),
  'cim-schema': optional(
    path,
    "the bridge's own subset",
    'A DMTF CIM schema, its folder or zip, in place of the classes it holds.',
  ),
  'state-dir': optional(
    path,
    "none with the simulator; otherwise $STATE_DIRECTORY or the platform's folder for state",
    'The folder for what has to survive a restart; it is made if need be, and closed to others.',
  ),
  'log-level': setting(
    choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    'info',
    'info',
    'How much is logged, as JSON lines on standard error.',
  ),
  'read-only': setting(yesNo, false, 'no', 'Whether every operation that changes something is refused.'),
  strict: setting(
    yesNo,
    false,
    'no',
    'Whether requests have to carry every header that DSP0200 demands, where clients are known to leave some out.',
  ),
  gzip: setting(
    choice('remote', 'always', 'never'),
    'remote',
    'remote',
    'Whose wish for gzip is granted: that of clients on other machines, of all, or of none.',
  ),
  'max-body': setting(bytes, 4 * 1024 ** 2, '4m', 'The largest request that is read.'),
  'encoded-budget': setting(
    bytes,
    128 * 1024 ** 2,
    '128m',
    'The memory for encoded instances, which are kept until a record that they show has changed.',
  ),
  'method-wait': setting(
    seconds,
    20,
    '20',
    'The seconds that a method that clients expect to be done when it returns may take, before it goes on as a job.',
  ),
  'pool-operations': setting(
    count,
    50,
    '50',
    'How many methods work at the pool at once; the others wait as jobs. XenAPI itself refuses beyond 100.',
  ),
  'login-lifetime': setting(
    seconds,
    300,
    '300',
    'The seconds for which a checked user name and password are not checked again.',
  ),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as readonly SettingName[];

export const isSetting = (name: string): name is SettingName => Object.hasOwn(settings, name);

export const flagOf = (name: string): string => `--${name}`;

export const environmentPrefix = 'XEN_CIM_';

export const variableOf = (name: string): string => environmentPrefix + name.toUpperCase().replaceAll('-', '_');

/** A text that somebody gave for a setting, and where: `--http-port`, `XEN_CIM_HTTP_PORT`, `http-port (file.yaml:3)`. */
export interface Given {
  readonly text: string;
  readonly origin: string;
  readonly base: string;
}
