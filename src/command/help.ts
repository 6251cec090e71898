import { settingHelp, wrapped } from '../setting-text.js';
import type { Command } from './terminal.js';

/** What `--help` prints: the commands, and every setting. */
export function helpText(commands: Readonly<Record<string, Command>>, width: number): string {
  const columns = Math.min(Math.max(width, 60), 120);
  const listed = Object.entries(commands).map(([name, { usage, description }]) => {
    const head = `  ${name}${usage === '' ? '' : ` ${usage}`}`;
    return [head, ...wrapped(description, columns - 6).map((line) => `      ${line}`)].join('\n');
  });
  return `xen-cim-bridge: a CIM-XML (WBEM) server that shows a Xen pool

Usage: xen-cim-bridge [COMMAND] [SETTINGS]

Commands:
${listed.join('\n')}

Settings, each also an environment variable (--http-port: XEN_CIM_HTTP_PORT) and a key of a YAML file (http-port):
  --config, -c PATH
      The YAML file. A flag wins over a variable, a variable over the file. Users of the bridge stand in the file alone.
${settingHelp(columns)}
  --help, -h
  --version, -V
`;
}
