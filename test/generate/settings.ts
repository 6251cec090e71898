import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from '../../src/package.js';
import { sampleConfiguration, settingTable } from '../../src/setting-text.js';

/*
 * node out/test/generate/settings.js: writes the settings into README and the sample configuration anew. A test proves
 * both fresh.
 */

export const readmePath = join(packageFolder, 'README.md');
export const samplePath = join(packageFolder, 'deploy', 'xen-cim-bridge.yaml');

/** README with the table of settings between its marks. */
export function readmeWithSettings(readme: string): string {
  const marks = /(<!-- settings: begin -->\n)[\s\S]*?(<!-- settings: end -->)/;
  return readme.replace(marks, (_, begin: string, end: string) => `${begin}\n${settingTable()}\n\n${end}`);
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(readmePath, readmeWithSettings(readFileSync(readmePath, 'utf8')));
  writeFileSync(samplePath, sampleConfiguration());
}
