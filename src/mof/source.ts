import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { unzipSync } from 'fflate';
import type { SourceText } from './error.js';

/** A place that holds MOF files: a folder, a zip archive, or one file and what it includes. Paths are written with `/`. */
export interface MofSource {
  /** The files to compile; they include the others. */
  readonly roots: readonly string[];
  /** The file at that path, or undefined where there is none. An Error says that it cannot be read, or is not UTF-8. */
  read(path: string): SourceText | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(file: string, bytes: Uint8Array): SourceText {
  try {
    return { file, text: utf8.decode(bytes) };
  } catch {
    throw new Error(`${file} is not UTF-8 text: save it as UTF-8, which MOF files must be (DSP0004 annex A)`);
  }
}

/** The file that includes a whole DMTF schema; without one, every file, for MOF allows any order here. */
function rootsAmong(paths: readonly string[], where: string): readonly string[] {
  const mof = paths.filter((path) => /\.mof$/i.test(path)).sort();
  if (mof.length === 0) throw new Error(`${where} holds no .mof file`);
  const depth = (path: string): number => path.split('/').length;
  const [top] = mof
    .filter((path) => /^cim_schema_[\d.]+\w*\.mof$/i.test(posix.basename(path)))
    .sort((a, b) => depth(a) - depth(b));
  return top === undefined ? mof : [top];
}

function readFile(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (reason) {
    if (['ENOENT', 'ENOTDIR'].includes((reason as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw reason;
  }
}

function below(folder: string, roots: readonly string[]): MofSource {
  return {
    roots,
    read(path) {
      const file = join(folder, path);
      const bytes = readFile(file);
      return bytes && decode(file, bytes);
    },
  };
}

/** More MOF text than any schema has; what says so is no schema. */
const mostBytes = 256 * 1024 * 1024;

function unzip(archive: string): Readonly<Record<string, Uint8Array>> {
  let total = 0;
  try {
    return unzipSync(readFileSync(archive), {
      filter({ name, originalSize }) {
        if (!/\.mof$/i.test(name)) return false;
        total += originalSize;
        if (total > mostBytes) throw new Error(`more than ${mostBytes} bytes of MOF`);
        return true;
      },
    });
  } catch (reason) {
    throw new Error(`${archive} cannot be read as a zip archive: ${(reason as Error).message}`, { cause: reason });
  }
}

function zipSource(archive: string): MofSource {
  const entries = unzip(archive);
  return {
    roots: rootsAmong(Object.keys(entries), archive),
    read(path) {
      const bytes = Object.hasOwn(entries, path) ? entries[path] : undefined;
      return bytes && decode(`${archive}/${path}`, bytes);
    },
  };
}

/** The MOF at a path: a folder, a `.zip` archive, or a single file. An Error says what is missing or cannot be read. */
export function openSource(path: string): MofSource {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat)
    throw new Error(`there is no file or folder ${path}; a folder of MOF files, a .zip or a .mof was expected`);
  if (!stat.isDirectory()) return /\.zip$/i.test(path) ? zipSource(path) : below(dirname(path), [basename(path)]);
  const paths = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  return below(path, rootsAmong(paths, path));
}

/** MOF texts by path, as a source whose roots are all of them or those named. */
export const textSource = (files: Readonly<Record<string, string>>, roots = Object.keys(files)): MofSource => ({
  roots,
  read: (path) => (Object.hasOwn(files, path) ? { file: path, text: files[path]! } : undefined),
});
