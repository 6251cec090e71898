import type { CommandLine } from '../command-line.js';
import { loadConfig } from '../config.js';
import { startBridge } from '../server.js';
import { readyText } from './ready-text.js';
import { type Command, configSources, type Terminal } from './terminal.js';

async function run(line: CommandLine, terminal: Terminal): Promise<number> {
  const config = loadConfig(configSources(line, terminal));
  const stopped = terminal.stopped();
  const bridge = await startBridge(config);
  terminal.reload(() => bridge.reload());
  await Promise.race([bridge.settled, stopped]);
  terminal.out(readyText(bridge));
  await stopped;
  await bridge.close();
  return 0;
}

/** Runs the bridge until it is asked to stop. */
export const start: Command = {
  usage: '',
  description: 'Run the bridge; this is what happens without a command, too.',
  words: false,
  run,
};
