import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../src/package.js';

/** A compiled program of the project in a process of its own. */
export interface Program {
  /** The first URL that it printed. */
  readonly url: URL;
  /** Ends it by a signal, and waits until it is gone. */
  end(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

const patienceMs = 60_000;

function printedUrl(child: ChildProcess, name: string): Promise<URL> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const give = (reason: string) => reject(new Error(`${name} ${reason} before it printed a URL: ${printed}`));
    const timer = setTimeout(() => give(`took ${patienceMs} ms`), patienceMs);
    const take = (text: string): void => {
      printed += text;
      const found = /https?:\/\/[^\s/'"]+(?=[\s/'"])/.exec(printed)?.[0];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(new URL(found));
    };
    child.stdout!.setEncoding('utf8').on('data', take);
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      give(`ended with ${code ?? signal}`);
    });
  });
}

/** Starts a program, `main.js` or `simulator/main.js`, as a user does; npm test compiles it first. */
export async function startProgram(name: string, argv: readonly string[]): Promise<Program> {
  const path = join(packageFolder, 'out', 'src', name);
  if (!existsSync(path)) throw new Error(`${path} is not there: npm run build makes it`);
  const child = spawn(process.execPath, [path, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  const end = async (signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  try {
    return { url: await printedUrl(child, name), end };
  } catch (reason) {
    child.kill('SIGKILL');
    throw reason;
  }
}

/** Works a fault of a simulator that was started with `--control`. */
export async function workFault({ url }: Program, fault: string, ...args: readonly unknown[]): Promise<void> {
  const answer = await fetch(`${url.origin}/simulator/fault`, {
    method: 'POST',
    body: JSON.stringify({ fault, arguments: args }),
  });
  if (!answer.ok) throw new Error(`${fault}: ${answer.status} ${await answer.text()}`);
}
