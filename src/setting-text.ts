import { flagOf, settingNames, settings, variableOf } from './setting.js';

/** Breaks a text into lines of at most `width` characters, at its spaces. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** The settings for the help: a flag a paragraph. */
export function settingHelp(width: number): string {
  const entries = settingNames.map((name) => {
    const { kind, standing, description } = settings[name];
    const flag = `  ${flagOf(name)} ${kind.placeholder}`;
    const body = wrapped(`${description} Default: ${standing}.`, width - 6).map((line) => `      ${line}`);
    return [flag, ...body].join('\n');
  });
  return entries.join('\n');
}

/** The settings as a table of README. */
export function settingTable(): string {
  const rows = settingNames.map((name) => {
    const { kind, standing, description } = settings[name];
    const accepts = kind.placeholder.replaceAll('|', '\\|');
    return `| \`${name}\` | \`${accepts}\` | ${standing} | ${description} |`;
  });
  return ['| setting | takes | default | |', '|---|---|---|---|', ...rows].join('\n');
}

/** A configuration file that explains every key and sets none. */
export function sampleConfiguration(): string {
  const entries = settingNames.map((name) => {
    const { kind, standing, description } = settings[name];
    const comment = wrapped(`${description} Takes ${kind.wanted}. Default: ${standing}.`, 98);
    return [...comment.map((line) => `# ${line}`), `#${name}:`].join('\n');
  });
  return `${[sampleHead, ...entries, sampleUsers].join('\n\n')}\n`;
}

const sampleHead = `# xen-cim-bridge: every setting, explained. Take away the # before the ones to set.
#
# Each is also a flag (${flagOf('http-port')}) and an environment variable (${variableOf('http-port')}); the flag wins over the variable, the
# variable over this file. Paths that are relative start from the folder of this file.`;

const sampleUsers = `# Users of the bridge that the pool does not know: they may read, and nothing else reaches the pool in their name.
# "xen-cim-bridge hash-password" prints the hash. Roles: pool-admin, pool-operator, vm-power-admin, vm-admin,
# vm-operator, read-only.
#users:
#  - name: monitoring
#    hash: ...
#    role: read-only`;
