import { notKnown, readCommandLine } from '../command-line.js';
import { ConfigError } from '../config.js';
import { version } from '../package.js';
import { SecretFileError } from '../secret-file.js';
import { isSetting } from '../setting.js';
import { certificate } from './certificate.js';
import { check } from './check.js';
import { hashPassword } from './hash-password.js';
import { health } from './health.js';
import { helpText } from './help.js';
import { start } from './start.js';
import type { Command, Terminal } from './terminal.js';

const commands: Readonly<Record<string, Command>> = {
  start,
  check,
  certificate,
  'hash-password': hashPassword,
  health,
};

/** The exit code of a command line that cannot be carried out as it stands. */
const misuse = 2;

/** Carries out one command line and gives the exit code: 0, 1 when the command failed, 2 when it was not understood. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const line = readCommandLine(argv);
  if (line.flags.has('help') || line.words[0] === 'help') {
    terminal.out(helpText(commands, terminal.width));
    return 0;
  }
  if (line.flags.has('version')) {
    terminal.out(`${version}\n`);
    return 0;
  }
  const [name = 'start', ...words] = line.words;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  const problems = [...line.problems, ...misplaced(name, command, words, line.flags)];
  if (!command || problems.length > 0) return complain(problems, terminal, misuse);
  try {
    return await command.run({ ...line, words }, terminal);
  } catch (reason) {
    if (reason instanceof ConfigError) return complain(reason.problems, terminal, misuse);
    if (reason instanceof SecretFileError) return complain([reason.message], terminal, misuse);
    return complain([reason instanceof Error ? reason.message : String(reason)], terminal, 1);
  }
}

function complain(problems: readonly string[], terminal: Terminal, code: number): number {
  for (const problem of problems) terminal.error(`xen-cim-bridge: ${problem}\n`);
  return code;
}

function misplaced(
  name: string,
  command: Command | undefined,
  words: readonly string[],
  flags: ReadonlyMap<string, string>,
): string[] {
  if (!command) return [notKnown(`the command ${name}`, name, Object.keys(commands), (meant) => meant)];
  const found: string[] = [];
  if (!command.words && words[0] !== undefined) found.push(`${name} takes no words after it; got "${words[0]}"`);
  for (const flag of flags.keys()) {
    if (!isSetting(flag) && flag !== 'config' && command !== certificate)
      found.push(`--${flag} goes with certificate only`);
  }
  return found;
}
