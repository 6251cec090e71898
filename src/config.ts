import { homedir } from 'node:os';
import { join } from 'node:path';
import { notKnown } from './command-line.js';
import { type ConfigFile, readConfigFile, type User } from './config-file.js';
import type { Given, SettingName } from './setting.js';
import { environmentPrefix, flagOf, settingNames, settings, variableOf } from './setting.js';

type Camel<S extends string> = S extends `${infer Head}-${infer Rest}` ? `${Head}${Capitalize<Camel<Rest>>}` : S;

type Parsed<N extends SettingName> = NonNullable<ReturnType<(typeof settings)[N]['kind']['parse']>>;

/** Settings without a fallback that follow from others, and so always have a value. */
type Derived = 'https-port';

type Chosen<N extends SettingName> = undefined extends (typeof settings)[Exclude<N, Derived>]['fallback']
  ? Parsed<N> | undefined
  : Parsed<N>;

/** Every setting under its name in camel case, checked; frozen. */
export type Config = { readonly [N in SettingName as Camel<N>]: Chosen<N> } & {
  readonly users: readonly User[];
  /** The file that was read, if one was. */
  readonly file: string | undefined;
};

/** Says all that is wrong with a configuration, a line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface ConfigSources {
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths in flags and variables start from. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
}

export const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The configuration: of each setting the flag, else the variable, else the file's key, else the fallback. */
export function loadConfig(sources: ConfigSources): Config {
  const problems: string[] = [];
  const environment = fromEnvironment(sources, problems);
  const at = sources.flags.get('config') ?? environment.get('config')?.text;
  const file: ConfigFile =
    at === undefined ? { given: new Map(), users: [] } : readConfigFile(at, sources.folder, problems);
  const chosen = new Map<SettingName, Given>();
  for (const name of settingNames) {
    const flag = sources.flags.get(name);
    const given =
      flag === undefined
        ? (environment.get(name) ?? file.given.get(name))
        : { text: flag, origin: flagOf(name), base: sources.folder };
    if (given) chosen.set(name, given);
  }
  const config = Object.freeze({ ...values(chosen, sources, problems), users: file.users, file: file.path }) as Config;
  if (problems.length === 0) contradictions(config, chosen, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Kubernetes puts variables of this form into a container when a service is called xen-cim-bridge. */
const serviceLink = /^XEN_CIM_BRIDGE_(SERVICE_|PORT)/;

/** An empty variable counts as one that is not set. */
function fromEnvironment({ environment, folder }: ConfigSources, problems: string[]): Map<string, Given> {
  const given = new Map<string, Given>();
  const names = [...settingNames, 'config'];
  const byVariable = new Map(names.map((name) => [variableOf(name), name]));
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(environmentPrefix) || !value || serviceLink.test(variable)) continue;
    const name = byVariable.get(variable);
    if (name !== undefined) given.set(name, { text: value, origin: variable, base: folder });
    else problems.push(notKnown(`The environment variable ${variable}`, variable, byVariable.keys(), (meant) => meant));
  }
  return given;
}

/** What was written, for a message: shortened, and without a password that a URL may hold. */
const shown = (written: string): string => {
  const bare = written.replace(/\/\/[^/]*@/, '//***@');
  return bare.length > 80 ? `${bare.slice(0, 77)}...` : bare;
};

function values(chosen: ReadonlyMap<SettingName, Given>, sources: ConfigSources, problems: string[]): object {
  const found: Record<string, unknown> = {};
  for (const name of settingNames) {
    const { kind, fallback } = settings[name];
    const given = chosen.get(name);
    found[camel(name)] = given ? kind.parse(given.text, given.base) : fallback;
    if (given && found[camel(name)] === undefined) {
      problems.push(`${given.origin}: wanted ${kind.wanted}; got "${shown(given.text)}"`);
    }
  }
  found['httpsPort'] ??= found['tlsCert'] === undefined ? 'off' : 5989;
  found['stateDir'] ??= found['pool'] === undefined ? undefined : stateFolder(sources);
  return found;
}

/** Where programs of the platform keep their state; the service manager's own word comes first. */
function stateFolder({ environment, platform }: ConfigSources): string {
  const given = environment['STATE_DIRECTORY']?.split(':')[0];
  if (given) return given;
  const roots: Partial<Record<NodeJS.Platform, string>> = {
    darwin: join(homedir(), 'Library', 'Application Support'),
    win32: environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'),
  };
  const root = roots[platform] ?? (environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'));
  return join(root, 'xen-cim-bridge');
}

/** Settings that are right one by one and wrong together. */
function contradictions(config: Config, chosen: ReadonlyMap<SettingName, Given>, problems: string[]): void {
  const origin = (name: SettingName): string => chosen.get(name)?.origin ?? name;
  const needs = (name: SettingName, other: SettingName, why: string): void => {
    if (chosen.has(name) && !chosen.has(other)) problems.push(`${origin(name)} wants ${other} as well: ${why}`);
  };
  const excludes = (name: SettingName, other: SettingName, why: string): void => {
    if (chosen.has(name) && chosen.has(other)) {
      problems.push(`${origin(name)} and ${origin(other)} exclude each other: ${why}; leave one out`);
    }
  };
  needs('tls-cert', 'tls-key', 'a certificate is of no use without its private key');
  needs('tls-key', 'tls-cert', 'a private key is of no use without its certificate');
  if (config.httpsPort !== 'off') needs('https-port', 'tls-cert', '"xen-cim-bridge certificate" makes one');
  needs('pool', 'pool-user', 'the bridge logs in under an account of its own');
  needs('pool', 'pool-password-file', 'the bridge logs in under an account of its own');
  for (const name of ['pool-user', 'pool-password-file', 'pool-ca', 'pool-fingerprint'] as const) {
    needs(name, 'pool', 'without it the bridge shows the embedded simulator');
  }
  excludes('pool', 'simulator', 'the simulator stands in for a pool');
  excludes('pool', 'simulator-port', 'the simulator stands in for a pool');
  for (const name of ['pool-ca', 'pool-fingerprint'] as const) {
    if (chosen.has(name) && config.pool?.startsWith('http:')) {
      problems.push(
        `${origin(name)} is of no use with ${origin('pool')} "${config.pool}": only https has certificates`,
      );
    }
  }
  if (config.httpPort === 'off' && config.httpsPort === 'off') {
    problems.push(`${origin('http-port')} is off and so is https-port: there is nothing left to listen on`);
  }
  if (config.httpPort === config.httpsPort && config.httpPort !== 0 && config.httpPort !== 'off') {
    problems.push(`http-port and https-port are both ${config.httpPort}: each wants a port of its own`);
  }
}
