import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fdatasyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs';

/** Makes the folder for state if need be, closed to others. Throws, naming the setting, where it cannot be used. */
export function prepareStateFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    chmodSync(folder, 0o700);
  } catch (reason) {
    throw new Error(`state-dir: ${folder} cannot be used: ${(reason as Error).message}`, { cause: reason });
  }
}

/** Writes a file of the state folder as a whole or not at all; only its owner can read it. */
export function writeStateFile(path: string, text: string): void {
  const part = `${path}.part`;
  const file = openSync(part, 'w', 0o600);
  try {
    writeFileSync(file, text);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(part, path);
}
