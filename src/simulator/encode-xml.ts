import type { EventBatch } from './event-batch.js';
import { type AnyRecord, fieldsOf, type Type, typeOf } from './type.js';

type Encoder = (value: never) => string;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the encoding drops
const special = /[<>&"\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
const escapes: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

/** Text with `< > & "` escaped and control characters dropped, as xapi does it (facts 1.2). */
export const xmlText = (value: string): string => value.replace(special, (c) => escapes[c] ?? '');

/** A float as C's `%.16g` writes it (facts 1.2). */
export function sixteenDigits(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = value.toExponential(15).split('e') as [string, string];
  const power = Number(exponent);
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < 16) return trim(value.toFixed(Math.max(0, 15 - power)));
  return `${trim(digits)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** Member names are not escaped (facts 1.2). */
const member = (name: string, value: string): string => `<member><name>${name}</name>${value}</member>`;

const structure = (members: string): string => `<value><struct>${members}</struct></value>`;

function mapEncoder(encode: (value: unknown) => string) {
  return (map: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>): string => {
    const members: string[] = [];
    if (map instanceof Map) for (const [key, value] of map) members.push(member(String(key), encode(value)));
    else
      for (const key of Object.keys(map))
        members.push(member(key, encode((map as Readonly<Record<string, unknown>>)[key])));
    return structure(members.join(''));
  };
}

/** A set; what is inside stands without whitespace between tags. */
export const xmlArray = (values: readonly string[]): string =>
  `<value><array><data>${values.join('')}</data></array></value>`;

function setEncoder(encode: (value: unknown) => string) {
  return (set: readonly unknown[]): string => xmlArray(set.map((value) => encode(value)));
}

function recordEncoder(of: string) {
  const fields = fieldsOf(of).map(([name, type]) => ({
    name,
    start: `<member><name>${name}</name>`,
    encode: xmlEncoder(typeOf(type)),
  }));
  return (record: AnyRecord): string => {
    const members: string[] = [];
    for (const { name, start, encode } of fields) members.push(start, encode(record[name]), '</member>');
    return structure(members.join(''));
  };
}

/** A string is bare text in its value, without a string element (facts 1.2). */
export const xmlString = (value: string): string => `<value>${xmlText(value)}</value>`;

/** event.from's answer; the counts are the one use of `<i4>` (facts 1.2, 2.1). */
function encodeEvents(batch: EventBatch): string {
  const events = batch.events.map((e) => {
    const fields = [
      member('id', xmlString(e.id)),
      member('timestamp', xmlString(e.timestamp)),
      member('class', xmlString(e.of.toLowerCase())),
      member('operation', xmlString(e.operation)),
      member('ref', xmlString(e.ref)),
    ];
    if (e.snapshot !== undefined) fields.push(member('snapshot', xmlEncoder({ kind: 'record', of: e.of })(e.snapshot)));
    return structure(fields.join(''));
  });
  const counts = Object.entries(batch.counts).map(([of, n]) => member(of, `<value><i4>${n}</i4></value>`));
  return structure(
    member('events', xmlArray(events)) +
      member('valid_ref_counts', structure(counts.join(''))) +
      member('token', xmlString(batch.token)),
  );
}

function make(type: Type): Encoder {
  switch (type.kind) {
    case 'int':
      return (value: bigint) => `<value>${value}</value>`;
    case 'float':
      return (value: number) => `<value><double>${sixteenDigits(value)}</double></value>`;
    case 'bool':
      return (value: boolean) => `<value><boolean>${value ? '1' : '0'}</boolean></value>`;
    case 'datetime':
      return (value: string) => `<value><dateTime.iso8601>${value}</dateTime.iso8601></value>`;
    case 'void':
      return () => '<value></value>';
    case 'set':
      return setEncoder(xmlEncoder(type.item));
    case 'map':
      return mapEncoder(xmlEncoder(type.value));
    case 'record':
      return recordEncoder(type.of);
    case 'option':
      return (value: unknown) => (value === undefined ? '<value><nil/></value>' : xmlEncoder(type.item)(value));
    case 'events':
      return encodeEvents;
    default:
      return xmlString;
  }
}

const made = new Map<string, (value: unknown) => string>();

/** The writer of a type's values in XML-RPC, in xapi's exact encoding (facts 1.2); made once a type. */
export function xmlEncoder(type: Type): (value: unknown) => string {
  const key = JSON.stringify(type);
  const known = made.get(key);
  if (known !== undefined) return known;
  const encoder = make(type) as (value: unknown) => string;
  made.set(key, encoder);
  return encoder;
}
