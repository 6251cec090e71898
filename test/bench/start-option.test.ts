import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageFolder } from '../../src/package.js';
import { optionsIn, startOptions } from './start-option.js';

/** The one line of a file that begins so. */
function line(path: string, beginning: string): string {
  const lines = readFileSync(join(packageFolder, path), 'utf8').split('\n');
  const [found = '', ...more] = lines.filter((text) => text.startsWith(beginning));
  expect(more).toEqual([]);
  return found;
}

describe('every way to start the bridge', () => {
  it.each([
    ['src/main.ts', '#!'],
    ['deploy/Containerfile', 'ENTRYPOINT'],
  ])('has Node take the options of `npm start`: %s', (path, beginning) => {
    expect(startOptions.length).toBeGreaterThan(0);
    expect(optionsIn(line(path, beginning))).toEqual(startOptions);
  });
});
