import { Readable } from 'node:stream';
import { run } from '../src/command/run.js';
import type { Terminal } from '../src/command/terminal.js';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export interface World {
  readonly folder: string;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with all that was printed so far whenever something is; resolves `stopped` when it gives true. */
  readonly stopWhen?: (out: string) => boolean;
}

/** Carries out one command line in a world made for it. */
export async function runIn(world: World, ...argv: readonly string[]): Promise<Outcome> {
  const printed = { out: '', error: '' };
  let stop: (signal: string) => void = () => undefined;
  const stopped = new Promise<string>((resolve) => {
    stop = resolve;
  });
  const terminal: Terminal = {
    environment: world.environment ?? {},
    folder: world.folder,
    platform: process.platform,
    width: 100,
    input: Readable.from([world.input ?? '']),
    out: (text) => {
      printed.out += text;
      if (world.stopWhen?.(printed.out)) stop('SIGTERM');
    },
    error: (text) => {
      printed.error += text;
    },
    stopped: () => stopped,
    reload: () => undefined,
  };
  const code = await run(argv, terminal);
  return { code, ...printed };
}
