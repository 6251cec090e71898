import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** The work of a new hash: 64 MiB of memory and a tenth of a second, or so. */
const cost = { N: 65_536, r: 8, p: 1 };

/** More than any hash that was made to be checked while a client waits; bounds what a line of a file can cost. */
const mostMemory = 256 * 1024 ** 2;
const saltLength = 16;
const hashLength = 32;

interface Parsed {
  readonly options: ScryptOptions;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** Makes the text that stands for a password in the configuration: `scrypt$N$r$p$salt$hash`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltLength);
  const hash = await derive(password, salt, hashLength, { ...cost, maxmem: mostMemory });
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Whether the password is the one that the text was made of. False for a text that is none of ours. */
export async function verifyPassword(password: string, text: string): Promise<boolean> {
  const parsed = parse(text);
  if (parsed === undefined) return false;
  const hash = await derive(password, parsed.salt, parsed.hash.length, parsed.options);
  return timingSafeEqual(hash, parsed.hash);
}

/** Whether the text can be checked against at all, for those who read a configuration. */
export const isPasswordHash = (text: string): boolean => parse(text) !== undefined;

function parse(text: string): Parsed | undefined {
  const match = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{11,})\$([\w-]{21,})$/.exec(text);
  if (match === null) return undefined;
  const [N = 0, r = 0, p = 0] = match.slice(1, 4).map(Number);
  const sound = N >= 2 && (N & (N - 1)) === 0 && r >= 1 && p >= 1 && p <= 16 && 128 * N * r * p <= mostMemory;
  if (!sound) return undefined;
  const [salt, hash] = [Buffer.from(match[4] ?? '', 'base64url'), Buffer.from(match[5] ?? '', 'base64url')];
  return { options: { N, r, p, maxmem: mostMemory + 1024 ** 2 }, salt, hash };
}

/** The password in Unicode's composed form, since keyboards differ in how they send an accented letter. */
const derive = (password: string, salt: Buffer, length: number, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
