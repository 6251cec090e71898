import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json, mof and README.md, wherever the code itself was compiled to. */
export const packageFolder: string = find(dirname(fileURLToPath(import.meta.url)));

function find(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('xen-cim-bridge wants its package.json in a folder above its code; found none');
  return find(above);
}

export const version: string = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')).version;
