import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyPassword } from '../src/http/password-hash.js';
import { readPasswordFile, readSecretFile } from '../src/secret-file.js';
import { runIn } from './main-terminal.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificate-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** The status of one request to a server that shows the certificate, by a client that trusts nothing else. */
async function visit(cert: string, key: string, servername: string): Promise<number> {
  const server = createServer({ cert, key }, (_, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, ca: cert, servername, headers: { Host: servername }, agent: false };
      const asked = request(options, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject);
      asked.end();
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('certificate', () => {
  it('makes a certificate and a key that nobody else may read, and prints the fingerprint', async () => {
    const made = await runIn({ folder }, 'certificate', 'bridge.example.com', '192.0.2.7', '--days', '30');
    expect(made).toMatchObject({ code: 0, error: '' });
    const [certificatePath, keyPath] = [join(folder, 'tls-cert.pem'), join(folder, 'tls-key.pem')];
    expect([modeOf(certificatePath), modeOf(keyPath)]).toEqual([0o600, 0o600]);
    const certificate = new X509Certificate(readFileSync(certificatePath));
    expect(made.out).toContain(certificate.fingerprint256);
    expect(certificate.checkPrivateKey(createPrivateKey(readFileSync(keyPath)))).toBe(true);
    expect(certificate.checkHost('bridge.example.com')).toBe('bridge.example.com');
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.ca).toBe(false);
    const days = (Date.parse(certificate.validTo) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
  });

  it('is taken by a TLS client for the names it was made for, and for no other', async () => {
    await runIn({ folder }, 'certificate', 'bridge.example.com');
    const [cert, key] = ['tls-cert.pem', 'tls-key.pem'].map((name) => readFileSync(join(folder, name), 'utf8'));
    expect(await visit(cert!, key!, 'bridge.example.com')).toBe(200);
    expect(await visit(cert!, key!, 'localhost')).toBe(200);
    await expect(visit(cert!, key!, 'other.example.com')).rejects.toThrow(/altname/i);
  });

  it('overwrites nothing, and leaves nothing half done', async () => {
    writeFileSync(join(folder, 'tls-cert.pem'), 'mine');
    const refused = await runIn({ folder }, 'certificate');
    expect(refused.code).toBe(1);
    expect(refused.error).toMatch(/tls-cert\.pem is there already and is not overwritten/);
    expect(readFileSync(join(folder, 'tls-cert.pem'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'tls-key.pem'))).toBe(false);
  });

  it('says what is wrong with hosts and days', async () => {
    expect((await runIn({ folder }, 'certificate', 'a b')).error).toMatch(/wanted host names.*got "a b"/);
    expect((await runIn({ folder }, 'certificate', '--days', '0')).error).toMatch(/--days: wanted a number.*got "0"/);
  });
});

describe('hash-password', () => {
  it('prints what the password is checked against, and not the password', async () => {
    const { code, out } = await runIn({ folder, input: 'hush hush\nrest' }, 'hash-password');
    expect(code).toBe(0);
    expect(out).not.toContain('hush');
    expect(await verifyPassword('hush hush', out.trim())).toBe(true);
    expect(await verifyPassword('rest', out.trim())).toBe(false);
  });

  it('refuses an empty line', async () => {
    expect(await runIn({ folder, input: '\n' }, 'hash-password')).toMatchObject({ code: 1, out: '' });
  });
});

describe('files with secrets', () => {
  const path = (): string => join(folder, 'password');

  it('give the first line of the password file', () => {
    writeFileSync(path(), ' a b \r\nrest\n', { mode: 0o600 });
    expect(readPasswordFile('--pool-password-file', path())).toBe(' a b ');
  });

  it('are refused when everybody may read them, with what to do', () => {
    writeFileSync(path(), 'hush', { mode: 0o600 });
    chmodSync(path(), 0o644);
    expect(() => readSecretFile('tls-key', path())).toThrow(
      /^tls-key: .*password is open to everybody \(mode 0644\); run: chmod 600/,
    );
    expect(readSecretFile('tls-key', path(), 'win32')).toBe('hush');
  });

  it('are refused when they are not there, or hold no password', () => {
    expect(() => readPasswordFile('--pool-password-file', path())).toThrow(
      /--pool-password-file: .*password cannot be read: ENOENT/,
    );
    writeFileSync(path(), '\nhush', { mode: 0o600 });
    expect(() => readPasswordFile('--pool-password-file', path())).toThrow(/wants a password in its first line/);
  });
});
