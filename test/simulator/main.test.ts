import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { makeCertificate } from '../../src/certificate.js';
import { packageFolder } from '../../src/package.js';
import { runIn } from '../main-terminal.js';

/** The simulator as a process of its own, with a certificate that nobody vouches for. */

const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
afterAll(() => rmSync(folder, { recursive: true }));

const [certificatePath, keyPath] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function start(...argv: readonly string[]) {
  const program = join(packageFolder, 'out', 'src', 'simulator', 'main.js');
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  ends.push(() => void child.kill('SIGKILL'));
  return child;
}

it('listens by TLS with the certificate that it is given, which the bridge refuses until it is told to trust it', async () => {
  await makeCertificate({ certificatePath, keyPath, hosts: ['localhost'], days: 2 });
  const child = start('--tls-cert', certificatePath, '--tls-key', keyPath);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await expect.poll(() => out).toMatch(/^https:\/\/127\.0\.0\.1:\d+\nhttp:\/\/127\.0\.0\.1:\d+\n$/);
  const [secure, plain] = out.split('\n') as [string, string];
  writeFileSync(join(folder, 'password'), 'xenroot\n', { mode: 0o600 });
  const access = ['--pool-user', 'root', '--pool-password-file', 'password', '--state-dir', 'state'];
  const check = (url: string, ...more: string[]) => runIn({ folder }, 'check', '--pool', url, ...access, ...more);
  const { code, error } = await check(secure);
  expect(code).toBe(1);
  const [, line, fingerprint] = /(--pool-fingerprint ([0-9A-F:]{95}))$/m.exec(error)!;
  expect(error).toContain(`Its SHA-256 fingerprint is ${fingerprint}`);
  expect(await check(secure, ...line!.split(' '))).toMatchObject({ code: 0, out: 'OK\n' });
  expect((await check(secure.replace(/\d+$/, /\d+$/.exec(plain)![0]))).error).toContain(`give it as ${plain}`);
  expect((await check(plain.replace(/\d+$/, /\d+$/.exec(secure)![0]))).error).toContain(`give it as ${secure}`);
});

it('wants both a certificate and its key', async () => {
  const child = start('--tls-cert', certificatePath);
  let error = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  const [code] = await once(child, 'close');
  expect([code, error]).toEqual([1, '--tls-cert and --tls-key: wanted both, got one of them\n']);
});
