import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { packageFolder } from '../../src/package.js';
import { usage } from './argument.js';
import { rowNames, rowOf } from './row.js';

const program = join(packageFolder, 'out', 'test', 'bench', 'main.js');

async function bench(
  ...argv: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  expect(existsSync(program), `${program} is there: npm test compiles it first`).toBe(true);
  const child = spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? -1)));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, out, error };
}

describe('npm run bench', () => {
  it('measures every row of the table, with processes of their own', { timeout: 600_000 }, async () => {
    const { code, out, error } = await bench('smoke');
    expect(error).toBe('');
    expect(code).toBe(0);
    const table = out.slice(out.indexOf('median (least to most)'));
    for (const name of rowNames) expect(table).toContain(rowOf(name).what);
    // Memory and processor time are known where there is /proc.
    if (process.platform === 'linux') expect(table).not.toContain('NaN');
    expect(table).toMatch(new RegExp(`of ${rowNames.length} targets are missed|Every target is met`));
  });

  it('says what it can do', async () => {
    const { code, error } = await bench('slow');
    expect(code).toBe(1);
    expect(error).toBe(`bench: wanted one of the lines below, got "slow"\n${usage}\n`);
  });
});
