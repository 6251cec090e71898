import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from './config.js';
import { checkTls, type TlsMaterial } from './http/tls.js';
import { readSecretFile } from './secret-file.js';

/** Reads the bridge's own certificate and key; undefined where none is configured. Throws what is wrong with them. */
export function readTlsMaterial({ tlsCert, tlsKey }: Pick<Config, 'tlsCert' | 'tlsKey'>): TlsMaterial | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const cert = attempt(`tls-cert: ${tlsCert} cannot be read`, () => readFileSync(tlsCert));
  const key = Buffer.from(readSecretFile('tls-key', tlsKey));
  const certificate = attempt(`tls-cert: wanted a certificate in PEM, which ${tlsCert} is not`, () => {
    return new X509Certificate(cert);
  });
  const privateKey = attempt(
    `tls-key: wanted a private key in PEM without a passphrase, which ${tlsKey} is not`,
    () => {
      return createPrivateKey(key);
    },
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(
      `tls-key: ${tlsKey} is not the key of the certificate ${tlsCert}; give two that were made together`,
    );
  }
  attempt('tls-cert and tls-key cannot be used', () => checkTls({ cert, key }));
  return { cert, key };
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (reason) {
    throw new Error(`${what}: ${(reason as Error).message}`, { cause: reason });
  }
}
