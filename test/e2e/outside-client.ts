import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Whether a program that nobody here wrote is installed. Where OUTSIDE_CLIENTS=required, one that is not is an error. */
export function installed(program: string, debianPackage: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  if (folders.some((folder) => executable(join(folder, program)))) return true;
  const reason = `${program} is not installed (Debian: apt-get install ${debianPackage})`;
  if (process.env['OUTSIDE_CLIENTS'] === 'required') throw new Error(`OUTSIDE_CLIENTS=required, but ${reason}`);
  console.log(`left out: ${reason}`);
  return false;
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Printed {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs a program to its end, at most half a minute. */
export async function call(program: string, ...argv: readonly string[]): Promise<Printed> {
  try {
    const { stdout, stderr } = await execute(program, argv, { timeout: 30_000, maxBuffer: 64 * 1024 ** 2 });
    return { code: 0, out: stdout, error: stderr };
  } catch (reason) {
    const { code, stdout = '', stderr = '' } = reason as { code?: number | string; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw reason;
    return { code, out: stdout, error: stderr };
  }
}
