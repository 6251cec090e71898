import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** How a setting's text becomes its value. `wanted` completes the sentence "wanted …, got …". */
export interface Kind<T> {
  readonly wanted: string;
  /** The word that stands for the value in the help. */
  readonly placeholder: string;
  /** The value, or undefined where the text is not one. `base` is the folder that relative paths start from. */
  readonly parse: (text: string, base: string) => T | undefined;
  /** Whether the flag may stand alone. */
  readonly alone?: true;
}

export type Off = 'off';

const wholeNumber = (text: string, min: number, max: number): number | undefined => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};

export const choice = <const W extends readonly string[]>(...words: W): Kind<W[number]> => ({
  wanted: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
  placeholder: words.join('|'),
  parse: (text) => words.find((word) => word === text.toLowerCase()),
});

const truth: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

export const yesNo: Kind<boolean> = {
  wanted: 'yes or no',
  placeholder: 'yes|no',
  parse: (text) => truth[text.toLowerCase()],
  alone: true,
};

export const text = (wanted: string, placeholder: string): Kind<string> => ({
  wanted,
  placeholder,
  parse: (given) => (given === '' ? undefined : given),
});

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9_])?)*\.?$/i;

export const host: Kind<string> = {
  wanted: 'a host name or an address to listen on, such as 127.0.0.1, 0.0.0.0 or ::',
  placeholder: 'ADDRESS',
  parse: (given) => {
    const bare = /^\[.*\]$/.test(given) ? given.slice(1, -1) : given;
    if (isIP(bare)) return bare;
    return hostName.test(bare) && !/^[\d.]+$/.test(bare) ? bare : undefined;
  },
};

/** A TCP port; 0 takes any that is free. */
export const port: Kind<number> = {
  wanted: 'a port from 0 to 65535 (0 takes a free one)',
  placeholder: 'PORT',
  parse: (given) => wholeNumber(given, 0, 65_535),
};

const orOff = <T>(kind: Kind<T>): Kind<T | Off> => ({
  ...kind,
  wanted: `${kind.wanted}, or off`,
  placeholder: `${kind.placeholder}|off`,
  parse: (given, base) => (given.toLowerCase() === 'off' ? 'off' : kind.parse(given, base)),
});

export const portOrOff = orOff(port);

const secondsIn: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** A time in whole seconds, up to a year. */
export const seconds: Kind<number> = {
  wanted: 'a number of seconds from 1 up, or minutes, hours or days such as 5m, 2h or 1d',
  placeholder: 'SECONDS',
  parse: (given) => {
    const [, count, unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(given) ?? [];
    const value = Number(count) * (secondsIn[unit] ?? Number.NaN);
    return value >= 1 && value <= 366 * 86_400 ? value : undefined;
  },
};

export const secondsOrOff = orOff(seconds);

/** How many of something, from one up to what XenAPI takes at most. */
export const count: Kind<number> = {
  wanted: 'a whole number from 1 to 100',
  placeholder: 'COUNT',
  parse: (given) => wholeNumber(given, 1, 100),
};

const bytesIn: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size in bytes, from one kilobyte to a gigabyte. */
export const bytes: Kind<number> = {
  wanted: 'a size from 1k to 1g, in bytes or with k, m or g after it',
  placeholder: 'SIZE',
  parse: (given) => {
    const [, count, unit = ''] = /^(\d{1,10})([kmg]?)b?$/i.exec(given) ?? [];
    const value = Number(count) * (bytesIn[unit.toLowerCase()] ?? Number.NaN);
    return value >= 1024 && value <= 1024 ** 3 ? value : undefined;
  },
};

/** An absolute path; one that is relative in a file starts from that file's folder. */
export const path: Kind<string> = {
  wanted: 'a path',
  placeholder: 'PATH',
  parse: (given, base) => (given === '' || given.includes('\0') ? undefined : resolve(base, given)),
};

/** The origin (`https://host:port`) of a pool's host. Nothing else belongs into the URL, a password least of all. */
export const poolUrl: Kind<string> = {
  wanted: 'the URL of a host of the pool, such as https://xen1.example.com, without user, password and path',
  placeholder: 'URL',
  parse: (given) => {
    const url = /^https?:\/\//i.test(given) && URL.canParse(given) ? new URL(given) : undefined;
    const bare = url && !url.username && !url.password && url.pathname === '/' && !url.search && !url.hash;
    return bare ? url.origin : undefined;
  },
};

/** A certificate's SHA-256, as Node's `fingerprint256` writes it: 32 upper-case bytes joined by colons. */
export const fingerprint: Kind<string> = {
  wanted: 'the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, with or without colons',
  placeholder: 'SHA256',
  parse: (given) => {
    const digits = given.replace(/^sha-?256[:=]/i, '').replaceAll(':', '');
    return /^[0-9a-f]{64}$/i.test(digits) ? digits.toUpperCase().match(/../g)!.join(':') : undefined;
  },
};

/** What the embedded simulator holds: the demonstration pool, or so many hosts and virtual machines. */
export type PoolSize = 'demo' | { readonly hosts: number; readonly vms: number };

export const poolSize: Kind<PoolSize> = {
  wanted: 'demo, or HOSTSxVMS with 1 to 250 hosts and up to 100000 virtual machines, such as 64x5000',
  placeholder: 'demo|HOSTSxVMS',
  parse: (given) => {
    if (given.toLowerCase() === 'demo') return 'demo';
    const [, first = '', second = ''] = /^(\d+)x(\d+)$/i.exec(given) ?? [];
    const [hosts, vms] = [wholeNumber(first, 1, 250), wholeNumber(second, 0, 100_000)];
    return hosts === undefined || vms === undefined ? undefined : { hosts, vms };
  },
};
