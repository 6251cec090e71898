import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { rows } from '../../src/mapping/index.js';
import { compileNamespace } from '../../src/mof/compile.js';
import { disagreements } from '../../src/provider/check.js';

const mof = (name: string): string => fileURLToPath(new URL(`../../mof/${name}`, import.meta.url));

test('rows and MOF agree', () => {
  const schemas = new Map([
    ['root/cimv2', compileNamespace({ root: mof('root-cimv2.mof') })],
    ['root/interop', compileNamespace({ root: mof('root-interop.mof') })],
  ]);
  expect([...disagreements(schemas, rows)]).toEqual([]);
});
