import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../src/package.js';

/** The options of Node in a command that starts the bridge, as one line or as words. */
export const optionsIn = (command: string): readonly string[] =>
  command.match(/(?<=[\s"])--[\w-]+(?:=\w+)?(?=[\s"]|$)/g) ?? [];

/** What `npm start` tells Node besides the program. */
export const startOptions: readonly string[] = optionsIn(
  JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).scripts.start,
);
