import type { EventBatch } from './event-batch.js';
import { type AnyRecord, fieldsOf, type Type, typeOf } from './type.js';

type Encoder = (value: never) => string;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the encoding has to escape
const special = /[\u0000-\u001f"\\\u007f]/;

/** A string in JSON; control characters and DEL are escaped (facts 1.3). */
export const jsonText = (value: string): string =>
  special.test(value) ? JSON.stringify(value).replaceAll('\u007f', '\\u007f') : `"${value}"`;

/** A float with a forced `.0`; NaN and infinities bare, as the older writer does (facts 0.4, 1.3). */
function jsonFloat(value: number): string {
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function mapEncoder(encode: (value: unknown) => string) {
  return (map: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>): string => {
    const members: string[] = [];
    const add = (key: string, value: unknown): void => {
      members.push(`${jsonText(key)}:${encode(value)}`);
    };
    if (map instanceof Map) for (const [key, value] of map) add(String(key), value);
    else for (const key of Object.keys(map)) add(key, (map as Readonly<Record<string, unknown>>)[key]);
    return `{${members.join(',')}}`;
  };
}

function setEncoder(encode: (value: unknown) => string) {
  return (set: readonly unknown[]): string => `[${set.map((value) => encode(value)).join(',')}]`;
}

/** Parts are joined once a record: long chains of concatenations cost more than half of the time. */
function recordEncoder(of: string) {
  const fields = fieldsOf(of).map(([name, type], i) => ({
    name,
    start: `${i === 0 ? '{' : ','}"${name}":`,
    encode: jsonEncoder(typeOf(type)),
  }));
  return (record: AnyRecord): string => {
    const parts: string[] = [];
    for (const { name, start, encode } of fields) parts.push(start, encode(record[name]));
    return fields.length === 0 ? '{}' : `${parts.join('')}}`;
  };
}

/** event.from's answer: `{events, valid_ref_counts, token}` (facts 2.1); counts are 32-bit numbers. */
function encodeEvents(batch: EventBatch): string {
  const events = batch.events.map((e) => {
    const snapshot =
      e.snapshot === undefined ? '' : `,"snapshot":${jsonEncoder({ kind: 'record', of: e.of })(e.snapshot)}`;
    return (
      `{"id":${jsonText(e.id)},"timestamp":${jsonText(e.timestamp)},"class":${jsonText(e.of.toLowerCase())},` +
      `"operation":"${e.operation}","ref":${jsonText(e.ref)}${snapshot}}`
    );
  });
  const counts = JSON.stringify(batch.counts);
  return `{"events":[${events.join(',')}],"valid_ref_counts":${counts},"token":${jsonText(batch.token)}}`;
}

function make(type: Type): Encoder {
  switch (type.kind) {
    case 'int':
      return (value: bigint) => String(value);
    case 'float':
      return jsonFloat;
    case 'bool':
      return (value: boolean) => (value ? 'true' : 'false');
    case 'void':
      return () => '""';
    case 'set':
      return setEncoder(jsonEncoder(type.item));
    case 'map':
      return mapEncoder(jsonEncoder(type.value));
    case 'record':
      return recordEncoder(type.of);
    case 'option':
      return (value: unknown) => (value === undefined ? 'null' : jsonEncoder(type.item)(value));
    case 'events':
      return encodeEvents;
    default:
      return jsonText;
  }
}

const made = new Map<string, (value: unknown) => string>();

/** The writer of a type's values in JSON, in xapi's exact encoding (facts 1.3); made once a type. */
export function jsonEncoder(type: Type): (value: unknown) => string {
  const key = JSON.stringify(type);
  const known = made.get(key);
  if (known !== undefined) return known;
  const encoder = make(type) as (value: unknown) => string;
  made.set(key, encoder);
  return encoder;
}
