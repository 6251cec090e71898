import { execFile, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** What a program of somebody else's printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: 60_000, maxBuffer: 64 << 20 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err });
    });
  });
}

/**
 * Whether a program is there to be used. When it is not, says so; with OUTSIDE_CLIENTS=required a test fails in place
 * of those that are left out.
 */
export function present(command: string, args: readonly string[], where: string): boolean {
  const { status, error } = spawnSync(command, [...args]);
  if (error === undefined && status === 0) return true;
  const reason = `${command} is not here (${where}); the tests that use it are left out`;
  if (process.env['OUTSIDE_CLIENTS'] === 'required') it(`${command} is here`, () => expect.fail(reason));
  else console.log(`skipped: ${reason}`);
  return false;
}
