import type { CommandLine } from '../command-line.js';
import { type Config, ConfigError, loadConfig } from '../config.js';
import { rows } from '../mapping/index.js';
import { compileSchemas } from '../namespace.js';
import { version } from '../package.js';
import { readPoolAccess } from '../pool-access.js';
import { disagreements } from '../provider/check.js';
import { SecretFileError } from '../secret-file.js';
import { prepareStateFolder } from '../state-folder.js';
import { readTlsMaterial } from '../tls-material.js';
import { Connection } from '../xenapi/connection.js';
import { XenApiError } from '../xenapi/error.js';
import { type Command, configSources, type Terminal } from './terminal.js';

/** What a step of the check finds wrong, a sentence each. */
type Step = (config: Config) => Iterable<string> | Promise<Iterable<string>>;

const messageOf = (reason: unknown): string => (reason instanceof Error ? reason.message : String(reason));

/** A step that finds out by failing. */
const attempt =
  (act: (config: Config) => unknown): Step =>
  async (config) => {
    try {
      await act(config);
      return [];
    } catch (reason) {
      return [messageOf(reason)];
    }
  };

/** Why the pool cannot be entered, with the settings that say how. */
function poolProblem(reason: unknown, { pool, poolUser, poolPasswordFile }: Config): string {
  if (!(reason instanceof XenApiError)) return `pool: ${messageOf(reason)}`;
  if (reason.code !== 'SESSION_AUTHENTICATION_FAILED') return `pool: ${pool} answers: ${reason.text()}`;
  return (
    `pool-user, pool-password-file: ${pool} does not let the user "${poolUser}" in with the password in the first line of ` +
    `${poolPasswordFile}; try both with "xe -s HOST -u ${poolUser} pool-list", and put right the one that is wrong`
  );
}

async function tryPool(config: Config): Promise<void> {
  const access = readPoolAccess(config);
  if (!access) return;
  const patience = config.poolTimeout * 1000;
  const connection = new Connection({ ...access, version, timeoutMs: patience, loginTimeoutMs: patience });
  try {
    await connection.connect();
  } catch (reason) {
    if (reason instanceof SecretFileError) throw reason;
    throw new Error(poolProblem(reason, config), { cause: reason });
  } finally {
    await connection.stop();
  }
}

const steps: readonly Step[] = [
  attempt(readTlsMaterial),
  attempt(({ stateDir }) => stateDir !== undefined && prepareStateFolder(stateDir)),
  (config) => {
    try {
      return disagreements(compileSchemas(config), rows);
    } catch (reason) {
      return [messageOf(reason)];
    }
  },
  attempt(tryPool),
];

async function run(line: CommandLine, terminal: Terminal): Promise<number> {
  let config: Config;
  try {
    config = loadConfig(configSources(line, terminal));
  } catch (reason) {
    if (!(reason instanceof ConfigError)) throw reason;
    for (const problem of reason.problems) terminal.error(`${problem}\n`);
    return 1;
  }
  const found: string[] = [];
  for (const step of steps) found.push(...(await step(config)));
  for (const problem of found) terminal.error(`${problem}\n`);
  if (found.length === 0) terminal.out('OK\n');
  return found.length === 0 ? 0 : 1;
}

/** Says whether the bridge would run with these settings, and what is wrong otherwise. */
export const check: Command = {
  usage: '',
  description: 'Check the settings, the files they name, MOF and rows, and try the pool; print what is wrong.',
  words: false,
  run,
};
