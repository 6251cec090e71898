import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { generate } from 'selfsigned';

export interface CertificateRequest {
  /** Where the two files go; neither may be there already. */
  readonly certificatePath: string;
  readonly keyPath: string;
  /** The names and addresses that clients will use; this machine's own are added. */
  readonly hosts: readonly string[];
  readonly days: number;
}

export interface MadeCertificate {
  readonly hosts: readonly string[];
  /** SHA-256, upper-case bytes joined by colons. */
  readonly fingerprint: string;
  readonly expires: Date;
}

const own = ['localhost', '127.0.0.1', '::1'];

const day = 86_400_000;

/** Makes a self-signed TLS certificate (ECDSA P-256) and writes it and its key, each with mode 0600. Never over others. */
export async function makeCertificate(request: CertificateRequest): Promise<MadeCertificate> {
  const { certificatePath, keyPath, days } = request;
  for (const path of [certificatePath, keyPath]) {
    if (existsSync(path))
      throw new Error(`${path} is there already and is not overwritten; move it away, or name another`);
  }
  const hosts = [...new Set([...(request.hosts.length > 0 ? request.hosts : [hostname()]), ...own])];
  const expires = new Date(Date.now() + days * day);
  const { cert, private: key } = await generate([{ name: 'commonName', value: hosts[0]!.slice(0, 64) }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: expires,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: hosts.map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host })),
      },
    ],
  });
  writePair([keyPath, key], [certificatePath, cert]);
  return { hosts, fingerprint: new X509Certificate(cert).fingerprint256, expires };
}

/** Both files or none: the first goes again when the second cannot be written. */
function writePair(first: readonly [path: string, content: string], second: typeof first): void {
  const write = ([path, content]: typeof first): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' });
  };
  write(first);
  try {
    write(second);
  } catch (reason) {
    rmSync(first[0], { force: true });
    throw reason;
  }
}
