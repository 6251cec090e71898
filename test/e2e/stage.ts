import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '../../src/certificate.js';
import { readCommandLine } from '../../src/command-line.js';
import { loadConfig } from '../../src/config.js';
import { type Bridge, startBridge } from '../../src/server.js';

/** A bridge on its demonstration pool, with HTTP and HTTPS on free ports of the loopback address. */
export interface Stage {
  readonly bridge: Bridge;
  readonly folder: string;
  /** The certificate in PEM that clients are to trust. */
  readonly certificate: string;
  readonly port: Readonly<Record<'http' | 'https', number>>;
  end(): Promise<void>;
}

export async function startStage(...argv: readonly string[]): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'stage-'));
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await makeCertificate({ certificatePath: certificate, keyPath: key, hosts: ['localhost'], days: 2 });
  const listen = ['--http-port', '0', '--https-host', '127.0.0.1', '--https-port', '0', '--log-level', 'error'];
  const { flags } = readCommandLine([...listen, '--tls-cert', certificate, '--tls-key', key, ...argv]);
  const bridge = await startBridge(loadConfig({ flags, environment: {}, folder, platform: process.platform }));
  await bridge.settled;
  const portOf = (wanted: 'http' | 'https'): number => bridge.listeners.find(({ scheme }) => scheme === wanted)!.port;
  const end = async (): Promise<void> => {
    await bridge.close();
    rmSync(folder, { recursive: true });
  };
  return { bridge, folder, certificate, port: { http: portOf('http'), https: portOf('https') }, end };
}
