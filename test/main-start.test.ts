import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../src/http/password-hash.js';
import { packageFolder } from '../src/package.js';
import { startSimulator } from '../src/simulator/simulator.js';
import { assertValid } from './dtd.js';
import { call, installed } from './e2e/outside-client.js';
import { runIn } from './main-terminal.js';
import { eventually } from './server-stage.js';

const program = join(packageFolder, 'out', 'src', 'main.js');

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

interface Running {
  readonly child: ChildProcess;
  readonly out: string;
}

/** The program as a user starts it, once it says that it is ready. */
async function startProgram(...argv: readonly string[]): Promise<Running> {
  expect(existsSync(program), `${program} is there: npm test compiles it first`).toBe(true);
  const child = spawn(process.execPath, [program, '--http-port', '0', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let out = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await eventually(() => out.includes('/cimom\n\n'));
  return { child, out };
}

const portOf = (out: string): number => Number(/ready at http:\/\/127\.0\.0\.1:(\d+)\//.exec(out)![1]);

/** Whether nobody listens at that port. */
const refuses = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });

describe('the program', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends cleanly on %s, with an idle connection open', async (signal) => {
    const { child, out } = await startProgram('--simulator', '1x2', '--log-level', 'silent');
    const idle = connect(portOf(out), '127.0.0.1');
    idle.on('error', () => undefined);
    await once(idle, 'connect');
    const ended = once(child, 'exit');
    child.kill(signal);
    expect(await ended).toEqual([0, null]);
    idle.destroy();
  });

  it('ends at once on a second signal while it waits for a request', async () => {
    const { child, out } = await startProgram('--simulator', '1x2', '--log-level', 'silent');
    const busy = connect(portOf(out), '127.0.0.1');
    busy.on('error', () => undefined);
    await once(busy, 'connect');
    busy.write('POST /cimom HTTP/1.1\r\nHost: a\r\nContent-Type: application/xml\r\nContent-Length: 100\r\n');
    busy.write(
      `Expect: 100-continue\r\nAuthorization: Basic ${Buffer.from('root:xenroot').toString('base64')}\r\n\r\n`,
    );
    // The request is in hand once its body is asked for, and the stop has begun once nobody is let in any more.
    expect(String((await once(busy, 'data'))[0])).toMatch(/^HTTP\/1\.1 100 /);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await eventually(() => refuses(portOf(out)));
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended).toEqual([130, null]);
    busy.destroy();
  });

  it('is not ended by a reader of its output that goes away', async () => {
    const { child, out } = await startProgram('--simulator', '1x2', '--log-level', 'silent');
    child.stdout!.destroy();
    const socket = connect(portOf(out), '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('says why it cannot start, with a code for it and no stack', async () => {
    const child = spawn(process.execPath, [program, '--http-host', '192.0.2.1', '--http-port', '5'], { stdio: 'pipe' });
    let error = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      error += text;
    });
    expect((await once(child, 'exit'))[0]).toBe(1);
    const last = error.trim().split('\n').at(-1)!;
    expect(last).toMatch(/^xen-cim-bridge: http-host and http-port: 192\.0\.2\.1 port 5 cannot be listened on: /);
    expect(error).not.toMatch(/^\s+at /m);
  });
});

describe('the lines that a start prints', () => {
  let running: Running;
  beforeAll(async () => {
    running = await startProgram('--log-level', 'silent');
    children.splice(0);
  });
  afterAll(() => void running?.child.kill('SIGKILL'));

  it('name the users and their roles', () => {
    for (const line of [
      'root / xenroot (pool-admin)',
      'operator / operator (vm-operator)',
      'reader / reader (read-only)',
    ]) {
      expect(running.out).toContain(`\n  ${line}\n`);
    }
  });

  it('name those whom the configuration file names, and nothing by which they log in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ready-'));
    const hash = await hashPassword('hush');
    writeFileSync(join(folder, 'config.yaml'), `users:\n  - name: suite\n    hash: ${hash}\n    role: read-only\n`);
    const stopWhen = (out: string): boolean => out.includes('/cimom\n\n');
    const argv = ['--config', 'config.yaml', '--http-port', '0', '--simulator', '1x2', '--log-level', 'silent'];
    const { code, out } = await runIn({ folder, stopWhen }, ...argv);
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    expect(out).toContain('\n  suite (read-only, of the configuration file)\n');
    expect(out).not.toContain('hush');
    expect(out).not.toContain(hash);
  });

  for (const [name, debianPackage] of [
    ['wbemcli', 'sblim-wbemcli'],
    ['curl', 'curl'],
  ] as const) {
    it.skipIf(!installed(name, debianPackage))(`work in a shell: ${name}`, async () => {
      const from = running.out.indexOf(`  ${name}`);
      const line = running.out.slice(from, running.out.indexOf('\n\n', from));
      const { code, out } = await call('bash', '-c', line);
      expect(code).toBe(0);
      if (name === 'curl') assertValid(out);
      expect(out.split('Xen_ComputerSystem').length).toBeGreaterThan(20);
    });
  }
});

describe('check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'check-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const password = join(folder, 'password');
  writeFileSync(password, 'xenroot\n', { mode: 0o600 });
  writeFileSync(join(folder, 'wrong'), 'hush\n', { mode: 0o600 });
  const access = ['--pool-user', 'root', '--pool-password-file', password, '--state-dir', join(folder, 'state')];

  it('is content with the simulator, and says so in one word', async () => {
    expect(await runIn({ folder }, 'check')).toEqual({ code: 0, out: 'OK\n', error: '' });
  });

  it('is content with a pool that it can log in to', async () => {
    const pool = await startSimulator({});
    try {
      expect(await runIn({ folder }, 'check', '--pool', pool.url, ...access)).toEqual({
        code: 0,
        out: 'OK\n',
        error: '',
      });
      expect(pool.calls().get('session.logout')).toBe(1);
    } finally {
      await pool.stop();
    }
  });

  it('says that the pool refuses the password, without it', async () => {
    const pool = await startSimulator({});
    try {
      const wrong = ['--pool-user', 'root', '--pool-password-file', join(folder, 'wrong'), '--state-dir', folder];
      const { code, out, error } = await runIn({ folder }, 'check', '--pool', pool.url, ...wrong);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(error.trim().split('\n')).toHaveLength(1);
      expect(error).toContain(`pool-user, pool-password-file: ${pool.url} does not let the user "root" in`);
      expect(error).toContain(join(folder, 'wrong'));
      expect(error).not.toContain('hush');
    } finally {
      await pool.stop();
    }
  });

  it('shows the fingerprint of a certificate that is not trusted, and the flag to add; with it all is well', async () => {
    await runIn({ folder }, 'certificate', '--tls-cert', 'cert.pem', '--tls-key', 'key.pem');
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
    const pool = await startSimulator({ tls: { cert: cert!, key: key! } });
    try {
      const argv = ['check', '--pool', pool.httpsUrl!, ...access];
      const { code, error } = await runIn({ folder }, ...argv);
      expect(code).toBe(1);
      const flag = /--pool-fingerprint ([0-9A-F:]{95})/.exec(error);
      expect(flag).not.toBeNull();
      expect(await runIn({ folder }, ...argv, '--pool-fingerprint', flag![1]!)).toMatchObject({ code: 0, error: '' });
      expect(await runIn({ folder }, ...argv, '--pool-ca', join(folder, 'cert.pem'))).toMatchObject({
        code: 0,
        error: '',
      });
      const other = Array(32).fill('00').join(':');
      expect((await runIn({ folder }, ...argv, '--pool-fingerprint', other)).code).toBe(1);
    } finally {
      await pool.stop();
    }
  });

  it('lists everything that is wrong, a line each', async () => {
    const missing = join(folder, 'none');
    const { code, out, error } = await runIn(
      { folder },
      'check',
      ...['--pool', 'http://127.0.0.1:1', '--pool-user', 'root', '--pool-password-file', missing],
      ...['--tls-cert', missing, '--tls-key', missing, '--cim-schema', missing, '--state-dir', join(password, 'below')],
    );
    expect({ code, out }).toEqual({ code: 1, out: '' });
    const lines = error.trim().split('\n');
    for (const name of ['pool-password-file', 'tls-cert', 'cim-schema', 'state-dir']) {
      expect(lines.some((line) => line.startsWith(`${name}: `))).toBe(true);
    }
    expect(lines).toHaveLength(4);
  });
});
