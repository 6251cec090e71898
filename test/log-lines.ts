import { createLogger, type Logger } from '../src/log.js';

/** A line of the log, read back. */
export type Logged = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** A logger of the bridge that writes into an array. */
export function createLog(level: 'debug' | 'info' = 'debug'): { log: Logger; lines: Logged[]; text: () => string } {
  const lines: Logged[] = [];
  let text = '';
  const write = (line: string): void => {
    text += line;
    lines.push(JSON.parse(line) as Logged);
  };
  return { log: createLogger({ level, destination: { write } }), lines, text: () => text };
}
