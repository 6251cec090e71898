import { readFileSync } from 'node:fs';
import type { Config } from './config.js';
import { readPasswordFile } from './secret-file.js';
import type { ConnectionOptions } from './xenapi/connection.js';

/** Where the pool is and how it is entered: read from the settings and the files that they name. */
export type PoolAccess = Pick<ConnectionOptions, 'url' | 'user' | 'password' | 'trust'>;

/** The access to the pool of the configuration; undefined where the simulator stands in. Throws what is wrong with a file. */
export function readPoolAccess(config: Config): PoolAccess | undefined {
  const { pool, poolUser, poolPasswordFile, poolCa, poolFingerprint } = config;
  if (pool === undefined || poolUser === undefined || poolPasswordFile === undefined) return undefined;
  return {
    url: pool,
    user: poolUser,
    password: readPasswordFile('pool-password-file', poolPasswordFile),
    trust: {
      ...(poolCa === undefined ? {} : { ca: readAuthorities(poolCa) }),
      ...(poolFingerprint === undefined ? {} : { fingerprints: [poolFingerprint] }),
    },
  };
}

function readAuthorities(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (reason) {
    throw new Error(`pool-ca: ${path} cannot be read: ${(reason as Error).message}`, { cause: reason });
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Error(`pool-ca: wanted certificates in PEM; ${path} holds none`);
  }
  return text;
}
