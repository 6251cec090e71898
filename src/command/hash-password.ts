import type { CommandLine } from '../command-line.js';
import { hashPassword as hash } from '../http/password-hash.js';
import type { Command, Terminal } from './terminal.js';

const longest = 4096;

/** The first line of what is typed or piped in. */
async function firstLine(input: Terminal['input']): Promise<string> {
  let text = '';
  input.setEncoding('utf8');
  for await (const chunk of input) {
    text += chunk;
    if (text.includes('\n') || text.length > longest) break;
  }
  return text.split(/\r?\n/, 1)[0]!;
}

async function run(_line: CommandLine, terminal: Terminal): Promise<number> {
  if (terminal.input.isTTY) terminal.error('Password (it shows while it is typed), then Enter: ');
  const password = await firstLine(terminal.input);
  if (password === '')
    throw new Error('hash-password: wanted a password in the first line of standard input; got none');
  if (password.length > longest) throw new Error(`hash-password: wanted at most ${longest} characters; got more`);
  terminal.out(`${await hash(password)}\n`);
  return 0;
}

/** Prints the hash of a password for an entry of `users`. */
export const hashPassword: Command = {
  usage: '',
  description: 'Read a password from standard input and print its hash, for a user in the configuration file.',
  words: false,
  run,
};
