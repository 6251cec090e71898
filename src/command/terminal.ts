import type { CommandLine } from '../command-line.js';
import type { ConfigSources } from '../config.js';

/** What a command meets of the world: kept apart so that tests may be the world. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly platform: NodeJS.Platform;
  readonly width: number;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Resolves when the process is asked to stop, with the signal's name; the next one ends it at once. */
  readonly stopped: () => Promise<string>;
  /** Calls the listener whenever the process is asked to read its certificates again. */
  readonly reload: (listener: () => void) => void;
}

/** A command of the command line. It gives the exit code. */
export interface Command {
  /** What may stand after its name, for the help. */
  readonly usage: string;
  readonly description: string;
  readonly words: boolean;
  readonly run: (line: CommandLine, terminal: Terminal) => Promise<number>;
}

export const configSources = (line: CommandLine, terminal: Terminal): ConfigSources => ({
  flags: line.flags,
  environment: terminal.environment,
  folder: terminal.folder,
  platform: terminal.platform,
});
