import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Logger } from '../log.js';

/** A certificate with those above it, and its private key, both in PEM. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What a server of ours asks of TLS: nothing older than 1.2, and HTTP/1.1 alone. */
export const tlsOptions = ({ cert, key }: TlsMaterial) =>
  ({
    cert,
    key,
    minVersion: 'TLSv1.2',
    honorCipherOrder: true,
    handshakeTimeout: 10_000,
  }) as const satisfies SecureContextOptions & {
    handshakeTimeout: number;
  };

/** Throws where the certificate cannot be used, or the key is not its own. */
export function checkTls(material: TlsMaterial): void {
  createSecureContext(tlsOptions(material));
}

export const readTls = ({ cert, key }: TlsFiles): TlsMaterial => ({ cert: readFileSync(cert), key: readFileSync(key) });

/** The SHA-256 fingerprint of a certificate, in pairs with colons, as clients and `openssl x509` show it. */
export const fingerprintOf = ({ cert }: TlsMaterial): string => new X509Certificate(cert).fingerprint256;

export interface TlsWatch {
  /** Looks now, as on a signal. */
  reload(): void;
  stop(): void;
}

/**
 * Looks after the files of a certificate, which whoever renews it replaces, and hands over what they hold when it changed.
 * What cannot be used is logged, and the certificate in use stays.
 */
export function watchTls(files: TlsFiles, use: (material: TlsMaterial) => void, log: Logger, every = 5_000): TlsWatch {
  let current = stateOf(files);
  let refused = '';
  const reload = (): void => {
    const now = stateOf(files);
    if (now === current || now === refused) return;
    try {
      const material = readTls(files);
      use(material);
      current = now;
      log.info({ fingerprint: fingerprintOf(material) }, 'the certificate was renewed');
    } catch (reason) {
      refused = now;
      log.error({ err: reason, ...files }, 'the new certificate cannot be used; the one in use stays');
    }
  };
  const timer = setInterval(reload, every).unref();
  return { reload, stop: () => clearInterval(timer) };
}

/** What the files hold, as a digest; empty where they cannot be read. */
function stateOf(files: TlsFiles): string {
  try {
    const { cert, key } = readTls(files);
    return createHash('sha256').update(cert).update('\0').update(key).digest('hex');
  } catch {
    return '';
  }
}
