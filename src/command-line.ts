import { nearest } from './nearest.js';
import { flagOf, isSetting, settingNames, settings } from './setting.js';

/** A command line taken apart: the words in their order, and the flags by name without their dashes. */
export interface CommandLine {
  readonly words: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

/** Flags that are no settings, with whether they take a value. */
const otherFlags: Readonly<Record<string, boolean>> = { config: true, days: true, help: false, version: false };

const shortFlags: ReadonlyMap<string, string> = new Map([
  ['-h', '--help'],
  ['-V', '--version'],
  ['-c', '--config'],
]);

const isFlag = (name: string): boolean => isSetting(name) || Object.hasOwn(otherFlags, name);

const takesValue = (name: string): boolean =>
  isSetting(name) ? !('alone' in settings[name].kind) : otherFlags[name] === true;

const known = (): string[] => [...settingNames, ...Object.keys(otherFlags)];

/** What to say of a name that is none of ours: with the one that was most likely meant. */
export function notKnown(
  written: string,
  name: string,
  names: Iterable<string>,
  write: (name: string) => string,
): string {
  const meant = nearest(name, names);
  return `${written} is not known; ${meant === undefined ? 'see xen-cim-bridge --help' : `did you mean ${write(meant)}?`}`;
}

/** Takes a command line apart, as far as it goes: every problem found is listed, and the rest is still read. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const words: string[] = [];
  const flags = new Map<string, string>();
  const problems: string[] = [];
  const rest = argv.map((word) => shortFlags.get(word) ?? word);
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') words.push(...rest.splice(0));
    else if (word.startsWith('-')) readFlag(word, rest, flags, problems);
    else words.push(word);
  }
  return { words, flags, problems };
}

/** The yes or no behind a flag that can also stand alone. */
const told = (name: string, rest: string[]): string | undefined =>
  isSetting(name) && rest[0] !== undefined && settings[name].kind.parse(rest[0], '') !== undefined
    ? rest.shift()
    : undefined;

function readFlag(word: string, rest: string[], flags: Map<string, string>, problems: string[]): void {
  const [, written = word, , value] = /^--([^=]*)(=(.*))?$/s.exec(word) ?? [];
  const negated = written.startsWith('no-') && !isFlag(written) && isFlag(written.slice(3));
  const name = negated ? written.slice(3) : written;
  if (!isFlag(name)) {
    problems.push(notKnown(word.replace(/=.*/s, ''), written.replace(/^-+/, ''), known(), flagOf));
  } else if (!takesValue(name)) {
    if (value !== undefined && (negated || !isSetting(name)))
      problems.push(`--${written} takes no value, got "${value}"`);
    flags.set(name, value ?? (negated ? 'no' : (told(name, rest) ?? 'yes')));
  } else if (negated) {
    problems.push(`--${written} is not known; --${name} takes a value`);
  } else if (value !== undefined) {
    flags.set(name, value);
  } else if (rest[0] === undefined || rest[0].startsWith('--')) {
    problems.push(`--${name} wants a value after it, got ${rest[0] === undefined ? 'nothing' : `"${rest[0]}"`}`);
  } else {
    flags.set(name, rest.shift()!);
  }
}
