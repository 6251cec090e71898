import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

/** What is wrong with a file that a setting names; `setting` is where the name of it was given. */
export class SecretFileError extends Error {
  constructor(setting: string, path: string, wrong: string, options?: { readonly cause?: unknown }) {
    super(`${setting}: ${path} ${wrong}`, options);
    this.name = 'SecretFileError';
  }
}

/** The text of a file that only its owner, and perhaps a group, may read. Others' leave to read it is refused. */
export function readSecretFile(setting: string, path: string, platform: NodeJS.Platform = process.platform): string {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const mode = fstatSync(file).mode & 0o777;
    if (platform !== 'win32' && (mode & 0o007) !== 0) {
      const octal = mode.toString(8).padStart(4, '0');
      throw new SecretFileError(setting, path, `is open to everybody (mode ${octal}); run: chmod 600 ${path}`);
    }
    return readFileSync(file, 'utf8');
  } catch (reason) {
    if (reason instanceof SecretFileError) throw reason;
    throw new SecretFileError(setting, path, `cannot be read: ${(reason as Error).message}`, { cause: reason });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The password in the first line of a secret file. */
export function readPasswordFile(setting: string, path: string, platform: NodeJS.Platform = process.platform): string {
  const password = readSecretFile(setting, path, platform).split(/\r?\n/, 1)[0]!;
  if (password === '')
    throw new SecretFileError(setting, path, 'wants a password in its first line, and that is empty');
  return password;
}
