import type { Mode } from './effort.js';

/** What `npm run bench --` is asked to do. */
export type Task =
  | { readonly kind: 'table'; readonly mode: Mode }
  | { readonly kind: 'soak'; readonly minutes: number }
  | { readonly kind: 'compare'; readonly files: readonly [string, string] | undefined }
  | { readonly kind: 'classes' }
  | { readonly kind: 'jobs' }
  | { readonly kind: 'hostile' };

export const usage = `npm run bench                        the table in full: some ten minutes
npm run bench -- quick               the same with fewer rounds, in about a minute
npm run bench -- smoke               the same in small, which shows only that it works
npm run bench -- compare [OLD NEW]   what a change has brought: two kept results, the last two unless named
npm run bench -- soak [MINUTES]      mixed polling with constant changes, 30 minutes unless told
npm run bench -- classes             what the largest classes cost at two sizes of a pool
npm run bench -- jobs                what readers notice of 200 jobs at once
npm run bench -- hostile             what becomes of requests that no client should send`;

type Read = (rest: readonly string[]) => Task | undefined;

const alone =
  (task: Task): Read =>
  (rest) =>
    rest.length === 0 ? task : undefined;

const readSoak: Read = ([text = '30', ...rest]) => {
  const minutes = Number(text);
  return rest.length === 0 && minutes > 0 && minutes <= 24 * 60 ? { kind: 'soak', minutes } : undefined;
};

const readCompare: Read = (files) => {
  const [older, newer] = files;
  if (files.length === 0) return { kind: 'compare', files: undefined };
  return files.length === 2 ? { kind: 'compare', files: [older!, newer!] } : undefined;
};

const readers: ReadonlyMap<string, Read> = new Map([
  ['full', alone({ kind: 'table', mode: 'full' })],
  ['quick', alone({ kind: 'table', mode: 'quick' })],
  ['smoke', alone({ kind: 'table', mode: 'smoke' })],
  ['compare', readCompare],
  ['soak', readSoak],
  ['classes', alone({ kind: 'classes' })],
  ['jobs', alone({ kind: 'jobs' })],
  ['hostile', alone({ kind: 'hostile' })],
]);

/** Reads the arguments; throws an error that tells what is possible. */
export function readArguments([name = 'full', ...rest]: readonly string[]): Task {
  const task = readers.get(name)?.(rest);
  if (task) return task;
  throw new Error(`wanted one of the lines below, got "${[name, ...rest].join(' ')}"\n${usage}`);
}
