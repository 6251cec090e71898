import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { version } from '../src/package.js';
import { settingNames } from '../src/setting.js';
import { runIn, type World } from './main-terminal.js';

const world: World = { folder: tmpdir() };

describe('the command line', () => {
  it('helps', async () => {
    for (const argv of [['--help'], ['-h'], ['help'], ['check', '--help']]) {
      const { code, out } = await runIn(world, ...argv);
      expect(code).toBe(0);
      for (const word of ['start', 'check', 'certificate', 'hash-password', 'health'])
        expect(out).toContain(`\n  ${word}`);
      for (const name of settingNames) expect(out).toContain(`--${name} `);
    }
  });

  it('tells its version', async () => {
    expect(await runIn(world, '--version')).toEqual({ code: 0, out: `${version}\n`, error: '' });
  });

  it('refuses what it does not know, with code 2 and every problem a line', async () => {
    const { code, out, error } = await runIn(world, 'chek', '--http-prot', '1');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error.split('\n')).toEqual([
      'xen-cim-bridge: --http-prot is not known; did you mean --http-port?',
      'xen-cim-bridge: the command chek is not known; did you mean check?',
      '',
    ]);
  });

  it('refuses words and flags where they say nothing', async () => {
    expect((await runIn(world, 'check', 'all')).error).toMatch(/check takes no words after it; got "all"/);
    expect((await runIn(world, 'check', '--days', '3')).error).toMatch(/--days goes with certificate only/);
  });

  it('lists every problem of the configuration, with code 2', async () => {
    const { code, error } = await runIn(world, '--http-port', 'x', '--gzip', 'y');
    expect(code).toBe(2);
    expect(error.trim().split('\n')).toHaveLength(2);
  });
});
