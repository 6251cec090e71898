import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The longest that a process of the benchmark may take to be ready, in milliseconds. */
const patience = 120_000;

/** A program of the benchmark in a process of its own. */
export interface Child {
  readonly pid: number;
  /** The first URL that it printed. */
  readonly url: URL;
  /** When it was started and when its URL had been printed (performance.now). */
  readonly started: number;
  readonly ready: number;
  stop(): Promise<void>;
}

const children = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a compiled program, given relative to this folder, with options of Node, and waits for the URL that says it is ready. */
export async function startChild(
  program: string,
  argv: readonly string[],
  options: readonly string[] = [],
): Promise<Child> {
  const started = performance.now();
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [...options, path, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  const url = await readUrl(child, `${program} ${argv.join(' ')}`);
  const ready = performance.now();
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    children.delete(child);
  };
  return { pid: child.pid!, url, started, ready, stop };
}

function readUrl(child: ChildProcess, name: string): Promise<URL> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const timer = setTimeout(() => reject(new Error(`${name} printed no URL in ${patience} ms`)), patience);
    const finish = (conclude: () => void): void => {
      clearTimeout(timer);
      conclude();
    };
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const url = /https?:\/\/[^\s/'"]+(?=[\s/'"])/.exec(printed)?.[0];
      if (url !== undefined) finish(() => resolve(new URL(url)));
    });
    child.once('error', (reason) => finish(() => reject(reason)));
    child.once('exit', (code) => finish(() => reject(new Error(`${name} ended with ${code} before it was ready`))));
  });
}
