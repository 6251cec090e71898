import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../src/certificate.js';
import { startServer } from '../server-stage.js';
import { startWitness } from './witness.js';

/**
 * A bridge on its demonstration pool, with HTTP and HTTPS on free ports of the loopback address. What it answers by HTTP is
 * held against the DTD; an answer that is not valid shows at the end.
 */
export interface Stage {
  /** The certificate in PEM that clients are to trust. */
  readonly certificate: string;
  readonly port: Readonly<Record<'http' | 'https', number>>;
  end(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'stage-'));
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await makeCertificate({ certificatePath: certificate, keyPath: key, hosts: ['localhost'], days: 2 });
  const secure = ['--https-host', '127.0.0.1', '--https-port', '0', '--tls-cert', certificate, '--tls-key', key];
  const { bridge, end } = await startServer(secure);
  const portOf = (wanted: 'http' | 'https'): number => bridge.listeners.find(({ scheme }) => scheme === wanted)!.port;
  const witness = await startWitness(portOf('http'));
  return {
    certificate,
    port: { http: witness.port, https: portOf('https') },
    end: async () => {
      await witness.end().finally(end);
      rmSync(folder, { recursive: true });
    },
  };
}
