import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.js';
import type { Machine } from './machine.js';

/** What a run found, as it is kept. */
export interface Result {
  /** When it began, in ISO 8601. */
  readonly at: string;
  readonly mode: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
}

/** Writes a result into the folder; gives the path of its file. */
export function keepResult<R extends { readonly at: string }>(folder: string, kind: string, result: R): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${kind}-${result.at.replace(/[:.]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

function parsed(path: string): Partial<Result> | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Partial<Result>;
  } catch {
    return undefined;
  }
}

/** Reads a result of the table; an error names a file that is none. */
export function readResult(path: string): Result {
  const result = parsed(path);
  if (Array.isArray(result?.figures)) return result as Result;
  throw new Error(`${path}: wanted a kept result of the table, got ${result ? 'something else' : 'no readable JSON'}`);
}

/** The last two results of the table in the folder, the older one first. */
export function lastResults(folder: string): readonly [string, string] {
  const names = readdirSync(folder).filter((name) => /^table-.*\.json$/.test(name));
  const [older, newer] = names.sort().slice(-2);
  if (newer === undefined) throw new Error(`${folder}: wanted two kept results to compare, got ${names.length}`);
  return [join(folder, older!), join(folder, newer)];
}
