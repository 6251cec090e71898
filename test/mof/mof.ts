import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileSchema } from '../../src/mof/compile.js';
import { MofError } from '../../src/mof/error.js';
import type { Schema } from '../../src/mof/schema.js';
import { textSource } from '../../src/mof/source.js';

/** The project's root and what stands beside it, wherever the tests are run from. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const reference = fileURLToPath(new URL('../../../shared/reference', import.meta.url));

/** The qualifier declarations of the DMTF, as served. */
export const qualifiers = readFileSync(`${root}/mof/dmtf/qualifiers.mof`, 'utf8');

/** Compiles one text as `a.mof`, with the DMTF's qualifiers before it. */
export const compile = (text: string): Schema => compileSchema(textSource({ 'q.mof': qualifiers, 'a.mof': text }));

/** The error that compiling gives. */
export function refusal(text: string): MofError {
  try {
    compile(text);
  } catch (error) {
    if (error instanceof MofError) return error;
    throw error;
  }
  throw new Error('it compiled');
}
