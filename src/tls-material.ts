import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from './config.js';
import { readSecretFile } from './secret-file.js';

/** A certificate and its private key, both in PEM, that were found to belong together. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of the certificate, upper-case bytes joined by colons. */
  readonly fingerprint: string;
  readonly expires: Date;
}

/** Reads the bridge's own certificate and key; undefined where none is configured. Throws what is wrong with them. */
export function readTlsMaterial({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): TlsMaterial | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const cert = attempt(`tls-cert: ${tlsCert} cannot be read`, () => readFileSync(tlsCert, 'utf8'));
  const key = readSecretFile('tls-key', tlsKey);
  const certificate = attempt(
    `tls-cert: wanted a certificate in PEM; ${tlsCert} is none`,
    () => new X509Certificate(cert),
  );
  const privateKey = attempt(`tls-key: wanted a private key in PEM without a passphrase; ${tlsKey} is none`, () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(
      `tls-key: ${tlsKey} is not the key of the certificate ${tlsCert}; give the two that were made together`,
    );
  }
  attempt('tls-cert and tls-key cannot be used', () => createSecureContext({ cert, key }));
  return { cert, key, fingerprint: certificate.fingerprint256, expires: new Date(certificate.validTo) };
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (reason) {
    throw new Error(`${what}: ${(reason as Error).message}`, { cause: reason });
  }
}
