import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCommandLine } from '../src/command-line.js';
import { type Config, ConfigError, camel, loadConfig } from '../src/config.js';
import { settingNames, variableOf } from '../src/setting.js';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const written = (content: string): string => {
  const path = join(folder, `${files++}.yaml`);
  writeFileSync(path, content);
  return path;
};

interface Sources {
  readonly argv?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: string;
}

const load = ({ argv = [], environment = {}, file }: Sources): Config => {
  const line = readCommandLine(file === undefined ? argv : ['--config', written(file), ...argv]);
  expect(line.problems).toEqual([]);
  return loadConfig({ flags: line.flags, environment, folder, platform: 'linux' });
};

const problems = (sources: Sources): readonly string[] => {
  try {
    load(sources);
  } catch (reason) {
    if (reason instanceof ConfigError) return reason.problems;
    throw reason;
  }
  return [];
};

/** A text that each setting takes and that is not its fallback. */
const samples: Readonly<Record<string, string>> = {
  'http-host': '0.0.0.0',
  'http-port': '8080',
  'https-host': '::1',
  'https-port': 'off',
  'tls-cert': '/etc/cert.pem',
  'tls-key': '/etc/key.pem',
  pool: 'https://xen1.example.com',
  'pool-user': 'monitor',
  'pool-password-file': '/etc/password',
  'pool-ca': '/etc/ca.pem',
  'pool-fingerprint': 'ab'.repeat(32),
  'pool-timeout': '10',
  'stale-limit': '5m',
  simulator: '4x100',
  'simulator-port': '8443',
  'cim-schema': '/usr/share/cim.zip',
  'state-dir': '/var/lib/state',
  'log-level': 'debug',
  'read-only': 'yes',
  strict: 'true',
  gzip: 'always',
  'max-body': '1m',
  'login-lifetime': '1h',
  'encoded-budget': '8m',
  'method-wait': '5',
  'pool-operations': '10',
};

const companions: Readonly<Record<string, readonly string[]>> = {
  'tls-cert': ['--tls-key', 'k'],
  'tls-key': ['--tls-cert', 'c'],
  pool: ['--pool-user', 'u', '--pool-password-file', 'p'],
  'pool-user': ['--pool', 'https://x', '--pool-password-file', 'p'],
  'pool-password-file': ['--pool', 'https://x', '--pool-user', 'u'],
  'pool-ca': ['--pool', 'https://x', '--pool-user', 'u', '--pool-password-file', 'p'],
  'pool-fingerprint': ['--pool', 'https://x', '--pool-user', 'u', '--pool-password-file', 'p'],
};

describe.each(settingNames)('%s', (name) => {
  const argv = companions[name] ?? [];
  const sample = samples[name]!;
  const value = (config: Config): unknown => config[camel(name) as keyof Config];

  it('is the same from the flag, the variable and the file', () => {
    const fromFlag = value(load({ argv: [...argv, `--${name}=${sample}`] }));
    expect(fromFlag).toBeDefined();
    if (name !== 'https-port') expect(fromFlag).not.toEqual(value(load({})));
    expect(value(load({ argv, environment: { [variableOf(name)]: sample } }))).toEqual(fromFlag);
    expect(value(load({ argv, file: `${name}: "${sample}"\n` }))).toEqual(fromFlag);
    expect(value(load({ argv, file: `${name}: ${sample}\n` }))).toEqual(fromFlag);
  });

  it('names the place and what was wanted when the text is wrong', () => {
    const wrong = '\0';
    expect(problems({ argv: [...argv, `--${name}=`] })).toContainEqual(
      expect.stringMatching(new RegExp(`^--${name}: wanted .+; got ""$`)),
    );
    if (name === 'pool-user') return;
    expect(problems({ argv, environment: { [variableOf(name)]: wrong } })).toContainEqual(
      expect.stringMatching(new RegExp(`^${variableOf(name)}: wanted `)),
    );
  });
});

describe('precedence', () => {
  const file = 'http-port: 3\nlog-level: error\n';
  const environment = { XEN_CIM_HTTP_PORT: '2' };

  it('is flag, variable, file, fallback', () => {
    expect(load({ argv: ['--http-port', '1'], environment, file }).httpPort).toBe(1);
    expect(load({ environment, file }).httpPort).toBe(2);
    expect(load({ file }).httpPort).toBe(3);
    expect(load({}).httpPort).toBe(5988);
    expect(load({ argv: ['--http-port', '1'], environment, file }).logLevel).toBe('error');
  });

  it('takes an empty variable for none', () => {
    expect(load({ environment: { XEN_CIM_HTTP_PORT: '' }, file }).httpPort).toBe(3);
  });

  it('reads the file that XEN_CIM_CONFIG names, and the flag first', () => {
    const environment = { XEN_CIM_CONFIG: written('http-port: 7\n') };
    expect(load({ environment }).httpPort).toBe(7);
    expect(load({ environment, file }).httpPort).toBe(3);
  });
});

it('is frozen', () => {
  expect(Object.isFrozen(load({}))).toBe(true);
});

describe('names that are not known', () => {
  it('are refused as flags, with the nearest right one', () => {
    expect(readCommandLine(['--http-prot', '1', '--pool-password=hush', '--zzz']).problems).toEqual([
      '--http-prot is not known; did you mean --http-port?',
      '--pool-password is not known; did you mean --pool-password-file?',
      '--zzz is not known; see xen-cim-bridge --help',
    ]);
  });

  it('are refused as variables, with the nearest right one', () => {
    expect(problems({ environment: { XEN_CIM_HTTPPORT: '1', OTHER: 'x' } })).toEqual([
      'The environment variable XEN_CIM_HTTPPORT is not known; did you mean XEN_CIM_HTTP_PORT?',
    ]);
  });

  it('are refused as keys, with their line and the nearest right one', () => {
    expect(problems({ file: '# ports\nhttp-port: 1\nhttps_port: 2\n' })).toEqual([
      expect.stringMatching(/\.yaml:3: the key https_port is not known; did you mean https-port\?$/),
    ]);
  });

  it('do not hold what Kubernetes adds for a service of our name', () => {
    expect(
      problems({ environment: { XEN_CIM_BRIDGE_SERVICE_HOST: '10.0.0.1', XEN_CIM_BRIDGE_PORT: 'tcp://' } }),
    ).toEqual([]);
  });
});

describe('the command line', () => {
  it('gives words and flags in any order', () => {
    const { words, flags, problems } = readCommandLine(['certificate', '--days', '30', 'a.example', '--', '--odd']);
    expect({ words, flags: [...flags], problems }).toEqual({
      words: ['certificate', 'a.example', '--odd'],
      flags: [['days', '30']],
      problems: [],
    });
  });

  it('lets yes-or-no flags stand alone, be negated, or be told', () => {
    expect(load({ argv: ['--strict', '--read-only'] })).toMatchObject({ strict: true, readOnly: true });
    expect(load({ argv: ['--no-strict'], file: 'strict: yes\n' }).strict).toBe(false);
    expect(load({ argv: ['--strict=off'] }).strict).toBe(false);
    expect(load({ argv: ['--strict', 'off', '--read-only', 'yes'] })).toMatchObject({ strict: false, readOnly: true });
    expect(readCommandLine(['--read-only', 'check']).words).toEqual(['check']);
  });

  it('refuses a flag without its value, and a value where none is taken', () => {
    expect(readCommandLine(['--http-port', '--strict', '--help=1', '--no-pool', '--pool']).problems).toEqual([
      '--http-port wants a value after it, got "--strict"',
      '--help takes no value, got "1"',
      '--no-pool is not known; --pool takes a value',
      '--pool wants a value after it, got nothing',
    ]);
  });
});

describe('values', () => {
  it.each([
    [['--http-port', '65536'], '--http-port: wanted a port from 0 to 65535 (0 takes a free one), or off; got "65536"'],
    [['--simulator', '0x5'], /--simulator: wanted demo, or HOSTSxVMS/],
    [['--stale-limit', '0'], /--stale-limit: wanted a number of seconds/],
    [['--max-body', '10'], /--max-body: wanted a size/],
    [['--log-level', 'loud'], '--log-level: wanted fatal, error, warn, info, debug, trace or silent; got "loud"'],
    [['--http-host', '1.2.3'], /--http-host: wanted a host name or an address/],
    [['--pool', 'xen1'], /--pool: wanted the URL of a host of the pool/],
    [['--pool-fingerprint', 'ab:cd'], /--pool-fingerprint: wanted the SHA-256/],
  ])('%j is refused', (argv, message) => {
    expect(problems({ argv })).toContainEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('never repeats a password that stands in a URL', () => {
    const all = problems({ argv: ['--pool', 'https://root:hush@xen1'] }).join('\n');
    expect(all).toContain('https://***@xen1');
    expect(all).not.toContain('hush');
  });

  it('are taken with their units', () => {
    const config = load({ argv: ['--max-body', '2M', '--login-lifetime', '2h', '--stale-limit', 'off'] });
    expect(config).toMatchObject({ maxBody: 2 * 1024 ** 2, loginLifetime: 7200, staleLimit: 'off' });
  });

  it('are one form of a fingerprint, however it was written', () => {
    const form = Array(32).fill('AB').join(':');
    const argv = companions['pool-fingerprint']!;
    for (const text of ['ab'.repeat(32), form, `sha256:${form}`]) {
      expect(load({ argv: [...argv, '--pool-fingerprint', text] }).poolFingerprint).toBe(form);
    }
  });

  it('that are relative paths start from the file they stand in, or from the working folder', () => {
    expect(load({ file: 'cim-schema: a/b\n' }).cimSchema).toBe(join(folder, 'a/b'));
    expect(load({ argv: ['--cim-schema', 'a'] }).cimSchema).toBe(join(folder, 'a'));
  });
});

describe('what follows from other settings', () => {
  it('is port 5989 where there is a certificate', () => {
    expect(load({}).httpsPort).toBe('off');
    expect(load({ argv: ['--tls-cert', 'c', '--tls-key', 'k'] }).httpsPort).toBe(5989);
    expect(load({ argv: ['--tls-cert', 'c', '--tls-key', 'k', '--https-port', '0'] }).httpsPort).toBe(0);
  });

  it('is a state folder where there is a pool', () => {
    const argv = companions['pool-ca']!;
    expect(load({}).stateDir).toBeUndefined();
    expect(load({ argv, environment: { XDG_STATE_HOME: '/x' } }).stateDir).toBe('/x/xen-cim-bridge');
    expect(load({ argv, environment: { STATE_DIRECTORY: '/var/lib/a:/var/lib/b' } }).stateDir).toBe('/var/lib/a');
  });
});

describe('settings that are wrong together', () => {
  const pool = companions['pool-ca']!;

  it.each([
    [['--tls-cert', 'c'], /^--tls-cert wants tls-key as well/],
    [['--tls-key', 'c'], /^--tls-key wants tls-cert as well/],
    [['--https-port', '5989'], /^--https-port wants tls-cert as well/],
    [['--pool', 'https://x'], /^--pool wants pool-user as well/],
    [['--pool-user', 'x'], /^--pool-user wants pool as well/],
    [[...pool, '--simulator', 'demo'], /^--pool and --simulator exclude each other/],
    [[...pool, '--pool', 'http://x', '--pool-ca', 'c'], /^--pool-ca is of no use with --pool "http:\/\/x"/],
    [['--http-port', 'off'], /nothing left to listen on/],
    [['--http-port', '5989', '--tls-cert', 'c', '--tls-key', 'k'], /both 5989/],
  ])('%j', (argv, message) => {
    expect(problems({ argv })).toContainEqual(expect.stringMatching(message));
  });
});

describe('the file', () => {
  it('may be empty, or hold nothing but comments', () => {
    expect(load({ file: '' }).httpPort).toBe(5988);
    expect(load({ file: '# nothing\n' }).httpPort).toBe(5988);
  });

  it('takes every value as it was written', () => {
    expect(
      load({ argv: ['--pool', 'https://x', '--pool-password-file', 'p'], file: 'pool-user: 007\n' }).poolUser,
    ).toBe('007');
    expect(load({ file: 'strict: on\nread-only: no\n' })).toMatchObject({ strict: true, readOnly: false });
  });

  it('that cannot be read, is no YAML or holds no keys is refused by name', () => {
    const flags = new Map([['config', 'absent.yaml']]);
    expect(() => loadConfig({ flags, environment: {}, folder, platform: 'linux' })).toThrow(
      /absent\.yaml cannot be read/,
    );
    expect(problems({ file: 'a: [1' })[0]).toMatch(/\.yaml: /);
    expect(problems({ file: '- a\n' })[0]).toMatch(/\.yaml:1: wanted keys with their values/);
    expect(problems({ file: 'http-port: [1]\n' })[0]).toMatch(/\.yaml:1: http-port wants a value/);
    expect(problems({ file: 'http-port:\n' })[0]).toMatch(/\.yaml:1: http-port wants a value/);
    expect(problems({ file: 'http-port: 1\nhttp-port: 2\n' })[0]).toMatch(/unique/i);
  });
});

describe('users', () => {
  const hash = `scrypt$16384$8$1$${'a'.repeat(22)}$${'b'.repeat(43)}`;

  it('come from the file', () => {
    const file = `users:\n  - name: scom\n    hash: ${hash}\n    role: read-only\n`;
    expect(load({ file }).users).toEqual([{ name: 'scom', hash, role: 'read-only' }]);
  });

  it.each([
    ['users: scom\n', /users wants a list/],
    ['users:\n  - scom\n', /a user wants name, hash and role/],
    [`users:\n  - name: a\n    role: read-only\n`, /a user wants the key hash; got none/],
    [
      `users:\n  - name: a\n    hash: hush\n    role: read-only\n`,
      /hash wants what "xen-cim-bridge hash-password" prints; got something else$/,
    ],
    [`users:\n  - name: a\n    hash: x\n    role: king\n`, /role wants one of pool-admin.*got "king"/],
    [`users:\n  - name: a\n    hash: x\n    rule: king\n`, /a user's key rule is not known; did you mean role\?/],
    [`users:\n  - name: "a:b"\n    hash: x\n    role: read-only\n`, /name wants no colon/],
    [
      `users:\n  - &a {name: a, hash: ${hash}, role: read-only}\n  - {name: a, hash: ${hash}, role: read-only}\n`,
      /"a" is there twice/,
    ],
  ])('%j is refused with its line', (file, message) => {
    expect(problems({ file })).toContainEqual(expect.stringMatching(message));
  });
});
