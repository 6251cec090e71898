import type { Ref } from '../xenapi/records.js';
import type { Field, Message, MessageKind } from './catalogue.js';
import { XenApiFailure } from './failure.js';
import { construct } from './record.js';
import { filterRecords } from './record-filter.js';
import type { AnyRecord } from './type.js';
import type { Call } from './world.js';

type Run = (call: Call, message: Message, args: readonly unknown[]) => unknown;

const fieldOf = (message: Message): Field => message.field as Field;

/** The record of the first argument; HANDLE_INVALID [class, ref] if there is none. */
const self = (call: Call, { of }: Message, args: readonly unknown[]): AnyRecord =>
  call.world.db.need(of, args[0] as string) as unknown as AnyRecord;

/** Writes one field of the first argument's record. */
function write(call: Call, message: Message, args: readonly unknown[], change: (now: unknown) => unknown): void {
  const { name } = fieldOf(message);
  const now = self(call, message, args)[name];
  call.world.db.update(message.of, args[0] as string, { [name]: change(now) });
}

/** MAP_DUPLICATE_KEY [class, field, ref, key] for a key that is there (facts 1.5). */
function addKey(call: Call, message: Message, args: readonly unknown[]): void {
  const [ref, key, value] = args as [string, string, unknown];
  write(call, message, args, (now) => {
    const map = now as Readonly<Record<string, unknown>>;
    if (Object.hasOwn(map, key))
      throw new XenApiFailure('MAP_DUPLICATE_KEY', message.of, fieldOf(message).name, ref, key);
    return { ...map, [key]: value };
  });
}

function removeKey(call: Call, message: Message, args: readonly unknown[]): void {
  write(call, message, args, (now) => {
    const { [args[1] as string]: _gone, ...rest } = now as Record<string, unknown>;
    return rest;
  });
}

const records = (call: Call, { of }: Message): Map<string, AnyRecord> =>
  new Map(call.world.db.entries(of)) as unknown as Map<string, AnyRecord>;

function byUuid(call: Call, { of }: Message, [uuid]: readonly unknown[]): string {
  const ref = call.world.db.byUuid(of, uuid as string);
  if (ref === undefined) throw new XenApiFailure('UUID_INVALID', of, uuid as string);
  return ref;
}

function byName(call: Call, message: Message, [name]: readonly unknown[]): string[] {
  const found: string[] = [];
  for (const [ref, record] of records(call, message)) if (record['name_label'] === name) found.push(ref);
  return found;
}

/** The general constructor; classes with rules of their own have a handler instead. */
function create(call: Call, { of }: Message, [given]: readonly unknown[]): string {
  const ref = call.world.ids.ref() as Ref;
  call.world.db.insert(of, ref, { ...construct(of, given as AnyRecord), uuid: call.world.ids.uuid() });
  return ref;
}

function destroy(call: Call, message: Message, args: readonly unknown[]): void {
  self(call, message, args);
  call.world.db.remove(message.of, args[0] as string);
}

const without = (item: unknown) => (now: unknown) => (now as readonly unknown[]).filter((each) => each !== item);
const withItem = (item: unknown) => (now: unknown) =>
  (now as unknown[]).includes(item) ? now : [...(now as unknown[]), item];

/** What the generated messages do (facts 5.6, last paragraph). */
export const accessors: Readonly<Record<Exclude<MessageKind, 'own'>, Run>> = {
  get: (call, message, args) => self(call, message, args)[fieldOf(message).name],
  set: (call, message, args) => write(call, message, args, () => args[1]),
  add_to: addKey,
  remove_from: removeKey,
  add: (call, message, args) => write(call, message, args, withItem(args[1])),
  remove: (call, message, args) => write(call, message, args, without(args[1])),
  get_by_uuid: byUuid,
  get_record: self,
  get_all: (call, { of }) => call.world.db.refs(of),
  get_all_records: records,
  get_all_records_where: (call, message, [condition]) => filterRecords(records(call, message), condition as string),
  get_by_name_label: byName,
  create,
  destroy,
};
