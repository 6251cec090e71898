import { CimError } from './error.js';

/*
 * The CIM datetime (DSP0004 5.2.4): 25 characters, a timestamp `yyyymmddhhmmss.mmmmmm+ooo` (`ooo` minutes east of UTC)
 * or an interval `ddddddddhhmmss.mmmmmm:000`. Asterisks stand for what is not known: whole fields from the right, and
 * single digits of the microseconds.
 */

/** A datetime taken apart. An absent field was written in asterisks, and so were all to its right. */
export interface Timestamp {
  readonly kind: 'timestamp';
  readonly year?: number;
  readonly month?: number;
  readonly day?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  /** The digits of the microseconds that are known, `''` to six of them. */
  readonly fraction: string;
  /** Minutes east of UTC. */
  readonly offset: number;
}

export interface Interval {
  readonly kind: 'interval';
  readonly days?: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly fraction: string;
}

export type Datetime = Timestamp | Interval;

const shape = /^[\d*]{14}\.[\d*]{6}(?:[+-]\d{3}|:000)$/;

interface Field {
  readonly name: string;
  readonly width: number;
  readonly min: number;
  readonly max: number;
}

const clock: readonly Field[] = [
  { name: 'hour', width: 2, min: 0, max: 23 },
  { name: 'minute', width: 2, min: 0, max: 59 },
  { name: 'second', width: 2, min: 0, max: 59 },
];

const timestampFields: readonly Field[] = [
  { name: 'year', width: 4, min: 0, max: 9999 },
  { name: 'month', width: 2, min: 1, max: 12 },
  { name: 'day', width: 2, min: 1, max: 31 },
  ...clock,
];

const intervalFields: readonly Field[] = [{ name: 'days', width: 8, min: 0, max: 99_999_999 }, ...clock];

function refusal(text: string, wanted: string): CimError {
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return new CimError(
    'INVALID_PARAMETER',
    `"${shown}" is no CIM datetime: ${wanted} (yyyymmddhhmmss.mmmmmm+ooo or ddddddddhhmmss.mmmmmm:000)`,
  );
}

/** The fields from left to right; once one is in asterisks, the rest must be. */
function readFields(text: string, fields: readonly Field[]): Record<string, number> {
  const found: Record<string, number> = {};
  let at = 0;
  let unknown = false;
  for (const { name, width, min, max } of fields) {
    const digits = text.slice(at, at + width);
    at += width;
    if (digits === '*'.repeat(width)) {
      unknown = true;
      continue;
    }
    if (digits.includes('*')) throw refusal(text, `asterisks must fill the whole ${name}`);
    if (unknown) throw refusal(text, `asterisks must run on to the right, but ${name} is given`);
    const value = Number(digits);
    if (value < min || value > max) throw refusal(text, `${name} must be ${min} to ${max}, not ${digits}`);
    found[name] = value;
  }
  return found;
}

function readFraction(text: string, known: boolean): string {
  const digits = text.slice(15, 21).replace(/\*+$/, '');
  if (digits.includes('*')) throw refusal(text, 'asterisks among the microseconds must be the last ones');
  if (digits !== '' && !known) throw refusal(text, 'microseconds are given where seconds are not');
  return digits;
}

const daysOfMonth = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

/** Takes a datetime apart; INVALID_PARAMETER says which part is wrong. DSP0004 5.2.4. */
export function parseDatetime(text: string): Datetime {
  if (text.length !== 25) throw refusal(text, `it has ${text.length} characters instead of 25`);
  if (!shape.test(text)) throw refusal(text, 'its digits, "." and "+", "-" or ":" are not in their places');
  const interval = text[21] === ':';
  const fields = readFields(text, interval ? intervalFields : timestampFields);
  const fraction = readFraction(text, fields['second'] !== undefined);
  if (interval) return { kind: 'interval', ...fields, fraction };
  const { year, month, day } = fields;
  if (year !== undefined && month !== undefined && day !== undefined && day > daysOfMonth(year, month))
    throw refusal(text, `the month has ${daysOfMonth(year, month)} days`);
  return { kind: 'timestamp', ...fields, fraction, offset: Number(text.slice(21)) };
}

export function isDatetime(text: string): boolean {
  try {
    parseDatetime(text);
    return true;
  } catch {
    return false;
  }
}

const pad = (value: number | undefined, width: number): string =>
  value === undefined ? '*'.repeat(width) : String(value).padStart(width, '0');

/** The 25 characters of it. */
export function formatDatetime(value: Datetime): string {
  const time = pad(value.hour, 2) + pad(value.minute, 2) + pad(value.second, 2);
  const rest = `${time}.${value.fraction.padEnd(6, '*')}`;
  if (value.kind === 'interval') return `${pad(value.days, 8)}${rest}:000`;
  const sign = value.offset < 0 ? '-' : '+';
  const date = pad(value.year, 4) + pad(value.month, 2) + pad(value.day, 2);
  return `${date}${rest}${sign}${pad(Math.abs(value.offset), 3)}`;
}

const dayLength = 86_400_000;
const earliest = -62_167_219_200_000;
const latest = 253_402_300_799_999;

/** The timestamp in UTC of milliseconds since 1970, `+000`. Years 0000 to 9999. */
export function datetimeOfEpoch(milliseconds: number): string {
  if (!(milliseconds >= earliest && milliseconds <= latest))
    throw new CimError('INVALID_PARAMETER', `${milliseconds} ms since 1970 is outside the years 0000 to 9999`);
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 19).replace(/[-:T]/g, '')}.${iso.slice(20, 23)}000+000`;
}

/** The interval of a number of milliseconds, to the microsecond. */
export function intervalOfMilliseconds(milliseconds: number): string {
  if (!(milliseconds >= 0 && milliseconds < 1e8 * dayLength))
    throw new CimError('INVALID_PARAMETER', `${milliseconds} ms is no interval of 0 to 99999999 days`);
  const whole = Math.floor(milliseconds);
  const micros = BigInt(whole) * 1000n + BigInt(Math.round((milliseconds - whole) * 1000));
  const seconds = Number(micros / 1_000_000n);
  return formatDatetime({
    kind: 'interval',
    days: Math.floor(seconds / 86_400),
    hour: Math.floor(seconds / 3600) % 24,
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    fraction: String(micros % 1_000_000n).padStart(6, '0'),
  });
}

const isoShape = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,6})\d*)?(?:Z|([+-]\d\d):?(\d\d)?)?$/;

/**
 * The timestamp of an ISO 8601 text, basic or extended, as XenAPI writes dates (`20261122T14:00:00Z`). Without a zone it
 * is UTC. What 1970 means there ("never") is the caller's to know.
 */
export function datetimeOfIso(text: string): string {
  const found = isoShape.exec(text);
  if (!found) throw new CimError('INVALID_PARAMETER', `"${text.slice(0, 40)}" is no ISO 8601 date and time`);
  const [, year, month, day, hour, minute, second, fraction = '', zoneHour, zoneMinute = '0'] = found;
  const sign = zoneHour?.startsWith('-') ? '-' : '+';
  const offset = Math.abs(Number(zoneHour ?? 0)) * 60 + Number(zoneMinute);
  const result = `${year}${month}${day}${hour}${minute}${second}.${fraction.padEnd(6, '0')}${sign}${pad(offset, 3)}`;
  parseDatetime(result);
  return result;
}

/** Microseconds since 1970 of the first moment that the timestamp may mean, or of an interval its shortest length. */
function lowest(value: Datetime): bigint {
  const { hour = 0, minute = 0, second = 0 } = value;
  const micros = BigInt(value.fraction.padEnd(6, '0'));
  if (value.kind === 'interval')
    return BigInt((value.days ?? 0) * 86_400 + hour * 3600 + minute * 60 + second) * 1_000_000n + micros;
  const moment = new Date(0);
  moment.setUTCFullYear(value.year ?? 0, (value.month ?? 1) - 1, value.day ?? 1);
  moment.setUTCHours(hour, minute, second, 0);
  return BigInt(moment.getTime() - value.offset * 60_000) * 1000n + micros;
}

/** The same of the last moment, or the greatest length. */
function highest(value: Datetime): bigint {
  const full = { hour: 23, minute: 59, second: 59, ...value, fraction: value.fraction.padEnd(6, '9') };
  if (full.kind === 'interval') return lowest({ days: 99_999_999, ...full });
  const { year = 9999, month = 12 } = full;
  return lowest({ day: daysOfMonth(year, month), ...full, year, month });
}

/** Whole milliseconds stay exact, where a division of all the microseconds would round them. */
const millisecondsOf = (micros: bigint): number => Number(micros / 1000n) + Number(micros % 1000n) / 1000;

/** Milliseconds since 1970 of a timestamp (its first moment, where asterisks leave it open); not for intervals. */
export function epochOfDatetime(text: string): number {
  const value = parseDatetime(text);
  if (value.kind === 'interval') throw refusal(text, 'a timestamp was wanted, this is an interval');
  return millisecondsOf(lowest(value));
}

/** The length of an interval in milliseconds (the shortest, where asterisks leave it open); not for timestamps. */
export function millisecondsOfInterval(text: string): number {
  const value = parseDatetime(text);
  if (value.kind === 'timestamp') throw refusal(text, 'an interval was wanted, this is a timestamp');
  return millisecondsOf(lowest(value));
}

/**
 * Which of two timestamps is earlier, or of two intervals shorter: below, at or above zero. Offsets are reckoned with.
 * Undefined where it cannot be told: a timestamp against an interval, or asterisks that let the two overlap.
 */
export function compareDatetime(a: string, b: string): number | undefined {
  const [x, y] = [parseDatetime(a), parseDatetime(b)];
  if (x.kind !== y.kind) return undefined;
  if (highest(x) < lowest(y)) return -1;
  if (lowest(x) > highest(y)) return 1;
  return lowest(x) === lowest(y) && highest(x) === highest(y) ? 0 : undefined;
}
