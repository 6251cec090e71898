import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { readCommandLine } from '../src/command-line.js';
import { loadConfig } from '../src/config.js';
import { type Bridge, startBridge } from '../src/server.js';
import { assertAnswer } from './dtd.js';

/** A bridge started from a command line, with HTTP on a free port of the loopback address. */
export interface ServerStage {
  readonly bridge: Bridge;
  readonly folder: string;
  readonly port: number;
  end(): Promise<void>;
}

/** `file` is the text of its configuration file; the file `password` beside it holds that of the simulator's root. */
export async function startServer(argv: readonly string[] = [], file = ''): Promise<ServerStage> {
  const folder = mkdtempSync(join(tmpdir(), 'server-'));
  const config = join(folder, 'config.yaml');
  writeFileSync(config, file, { mode: 0o600 });
  writeFileSync(join(folder, 'password'), 'xenroot\n', { mode: 0o600 });
  const { flags } = readCommandLine(['--config', config, '--http-port', '0', '--log-level', 'fatal', ...argv]);
  const bridge = await startBridge(loadConfig({ flags, environment: {}, folder, platform: process.platform }));
  await bridge.settled;
  const end = async (): Promise<void> => {
    await bridge.close();
    rmSync(folder, { recursive: true });
  };
  return { bridge, folder, port: bridge.listeners[0]!.port, end };
}

export interface Page {
  readonly status: number;
  readonly body: string;
}

/** One HTTP request on a connection of its own. An answer in CIM-XML is held against the DTD. */
export function visit(port: number, path: string, body?: string, user = 'root:xenroot'): Promise<Page> {
  return new Promise((resolve, reject) => {
    const headers = {
      Authorization: `Basic ${Buffer.from(user).toString('base64')}`,
      'Content-Type': 'application/xml; charset="utf-8"',
    };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      buffer(response)
        .then((body) => {
          const status = response.statusCode ?? 0;
          const type = response.headers['content-type'];
          assertAnswer({ status, headers: { 'content-type': type }, body });
          resolve({ status, body: body.toString('utf8') });
        })
        .catch(reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Waits until something holds, at most so many seconds. */
export async function eventually(holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const until = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`it did not come about within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
