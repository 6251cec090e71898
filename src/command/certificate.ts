import { resolve } from 'node:path';
import { makeCertificate } from '../certificate.js';
import type { CommandLine } from '../command-line.js';
import { host } from '../setting-kind.js';
import type { Command, Terminal } from './terminal.js';

const defaultDays = 825;

function daysOf(line: CommandLine): number {
  const given = line.flags.get('days') ?? String(defaultDays);
  const days = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (days < 1 || days > 3650) throw new Error(`--days: wanted a number from 1 to 3650; got "${given}"`);
  return days;
}

function hostsOf(line: CommandLine): readonly string[] {
  for (const word of line.words) {
    if (host.parse(word.replace(/^\*\./, ''), '') === undefined) {
      throw new Error(`certificate: wanted host names or addresses that clients will use; got "${word}"`);
    }
  }
  return line.words;
}

async function run(line: CommandLine, terminal: Terminal): Promise<number> {
  const certificatePath = resolve(terminal.folder, line.flags.get('tls-cert') ?? 'tls-cert.pem');
  const keyPath = resolve(terminal.folder, line.flags.get('tls-key') ?? 'tls-key.pem');
  const made = await makeCertificate({ certificatePath, keyPath, hosts: hostsOf(line), days: daysOf(line) });
  terminal.out(
    [
      `certificate: ${certificatePath}`,
      `private key: ${keyPath}`,
      `good for:    ${made.hosts.join(', ')}`,
      `until:       ${made.expires.toISOString().slice(0, 10)}`,
      `SHA-256:     ${made.fingerprint}`,
      '',
      'Start the bridge with it:',
      `  xen-cim-bridge --tls-cert ${certificatePath} --tls-key ${keyPath}`,
      '',
    ].join('\n'),
  );
  return 0;
}

/** Makes the bridge's own TLS certificate and key. */
export const certificate: Command = {
  usage: '[HOST...] [--tls-cert PATH] [--tls-key PATH] [--days NUMBER]',
  description: 'Make a TLS certificate for the bridge, good for the hosts named (default: this machine).',
  words: true,
  run,
};
