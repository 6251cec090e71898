import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CommandLine } from '../command-line.js';
import { type Config, loadConfig } from '../config.js';
import { type Command, configSources, type Terminal } from './terminal.js';

const patience = 4000;

/** The address to ask where all are listened on. */
const own: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

/** Where the bridge of this configuration answers on this machine. */
function address(config: Config): { readonly scheme: 'http' | 'https'; readonly host: string; readonly port: number } {
  const [scheme, host, port] =
    config.httpPort === 'off'
      ? (['https', config.httpsHost, config.httpsPort] as const)
      : (['http', config.httpHost, config.httpPort] as const);
  if (port === 'off' || port === 0) throw new Error('health: wanted a port that is known beforehand; got 0');
  return { scheme, host: own.get(host) ?? host, port };
}

/** The HTTP status of a page of the bridge. Its certificate is not looked at: nothing but a word is read. */
function status(config: Config, path: string): Promise<number> {
  const { scheme, host, port } = address(config);
  return new Promise((resolve, reject) => {
    const options = { host, port, path, timeout: patience, rejectUnauthorized: false };
    const asked = (scheme === 'http' ? httpRequest : httpsRequest)(options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patience / 1000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}

async function run(line: CommandLine, terminal: Terminal): Promise<number> {
  const config = loadConfig(configSources(line, terminal));
  const answer = await status(config, '/healthz').catch((reason: Error) => {
    throw new Error(`health: the bridge does not answer: ${reason.message}`);
  });
  if (answer !== 200) throw new Error(`health: wanted status 200 from /healthz; got ${answer}`);
  return 0;
}

/** Asks a running bridge of the same configuration whether it is alive. */
export const health: Command = {
  usage: '',
  description: 'Ask the bridge that runs with the same settings on this machine whether it answers.',
  words: false,
  run,
};
