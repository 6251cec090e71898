import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from './child.js';
import { startOptions } from './start-option.js';

/** The simulator of a size and the bridge in front of it, each in a process of its own. */
export interface Pair {
  readonly simulator: Child;
  readonly bridge: Child;
  /** For files of the measurements; gone when the pair is stopped. */
  readonly folder: string;
  stop(): Promise<void>;
}

export const startSimulator = (size: string): Promise<Child> =>
  startChild('../../src/simulator/main.js', ['--size', size, '--port', '0', '--control']);

/** A bridge for the pool at a URL, with whatever it keeps in the folder. */
export function startBridge(pool: URL, folder: string): Promise<Child> {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'xenroot\n', { mode: 0o600 });
  const login = ['--pool', pool.origin, '--pool-user', 'root', '--pool-password-file', passwordFile];
  const own = ['--http-port', '0', '--state-dir', join(folder, 'state'), '--log-level', 'fatal'];
  return startChild('../../src/main.js', [...login, ...own], startOptions);
}

export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'bench-'));

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export async function startPair(size: string): Promise<Pair> {
  const folder = newFolder();
  const simulator = await startSimulator(size);
  const bridge = await startBridge(simulator.url, folder);
  const stop = async (): Promise<void> => {
    await bridge.stop();
    await simulator.stop();
    removeFolder(folder);
  };
  return { simulator, bridge, folder, stop };
}

/** A bare server in a process of its own; the URLs at which it sends each of the bodies. */
export interface Bare {
  readonly child: Child;
  readonly urls: readonly URL[];
}

let bares = 0;

/** A bare server that sends each content at a URL of its own. */
export async function startBare(folder: string, ...contents: readonly (Buffer | readonly Buffer[])[]): Promise<Bare> {
  const bodies = contents.map((content) => (Buffer.isBuffer(content) ? content : Buffer.concat(content)));
  const path = join(folder, `bare-${++bares}`);
  writeFileSync(`${path}.xml`, Buffer.concat(bodies));
  writeFileSync(`${path}.json`, JSON.stringify(bodies.map(({ length }) => length)));
  const child = await startChild('bare.js', [`${path}.xml`, `${path}.json`]);
  return { child, urls: bodies.map((_, i) => new URL(`/${i}`, child.url)) };
}
