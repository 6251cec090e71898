import type { RemoteClass } from '../xenapi/records.js';
import { defaultArguments } from './default-argument.js';
import { emptyValue, parseDefault } from './default-value.js';
import { type ClassMessages, classMessages } from './messages.generated.js';
import type { Required } from './role.js';
import { fieldsOf, type Type, typeOf } from './type.js';

/** A field of a class: who may write it, and what it holds when a constructor leaves it out. */
export interface Field {
  readonly name: string;
  readonly type: Type;
  /** Has generated setters. */
  readonly writable: boolean;
  /** Is taken from a constructor's record. */
  readonly constructed: boolean;
  /** Whether a constructor's record may leave it out. */
  readonly optional: boolean;
  readonly initial: unknown;
}

/** How a generated message treats its field or its class; `own` is what the class says for itself. */
export type MessageKind =
  | 'own'
  | 'get'
  | 'set'
  | 'add_to'
  | 'remove_from'
  | 'add'
  | 'remove'
  | 'get_by_uuid'
  | 'get_record'
  | 'get_all'
  | 'get_all_records'
  | 'get_all_records_where'
  | 'get_by_name_label'
  | 'create'
  | 'destroy';

/** A message of the XenAPI: parameter types exclude the session. */
export interface Message {
  /** As on the wire: `VM.start`. */
  readonly name: string;
  readonly of: RemoteClass;
  readonly kind: MessageKind;
  readonly field?: Field;
  readonly params: readonly Type[];
  /** Values of the last parameters where they may be left out. */
  readonly defaults: readonly unknown[];
  readonly result: Type;
  readonly role: Required;
  readonly session: boolean;
  readonly async: boolean;
  readonly removed: boolean;
}

function fieldTable(of: string, model: ClassMessages): ReadonlyMap<string, Field> {
  const rows = fieldsOf(of).map(([name, text]): [string, Field] => {
    const [qualifier, ...rest] = (model.fields?.[name] ?? 'RO').split(' ');
    const type = typeOf(text);
    const initial = rest.length === 0 ? emptyValue(type) : parseDefault(type, rest.join(' '));
    return [
      name,
      { name, type, writable: qualifier === 'RW', constructed: qualifier !== 'RO', optional: rest.length > 0, initial },
    ];
  });
  return new Map(rows);
}

const writers: ReadonlySet<MessageKind> = new Set([
  'set',
  'add_to',
  'remove_from',
  'add',
  'remove',
  'create',
  'destroy',
]);
const string = typeOf('string');
const nothing = typeOf('void');

/** Constructors and destructors can run as tasks, the other generated messages cannot. */
const generatedAsync: ReadonlySet<MessageKind> = new Set(['create', 'destroy']);

/** Classes whose own messages have no asynchronous mode. */
const synchronous: ReadonlySet<string> = new Set(['session', 'auth', 'event', 'role', 'message']);
const synchronousTasks = /^task\.(create|destroy|set_\w+)$/;

type Shape = Pick<Message, 'kind' | 'params' | 'result'> & { readonly call: string; readonly field?: Field };

function objectShape(of: RemoteClass, call: MessageKind): Shape {
  const ref: Type = { kind: 'ref', of };
  const record: Type = { kind: 'record', of };
  const shapes: Partial<Record<MessageKind, readonly [readonly Type[], Type]>> = {
    get_by_uuid: [[string], ref],
    get_record: [[ref], record],
    get_all: [[], { kind: 'set', item: ref }],
    get_all_records: [[], { kind: 'map', key: ref, value: record }],
    get_all_records_where: [[string], { kind: 'map', key: ref, value: record }],
    get_by_name_label: [[string], { kind: 'set', item: ref }],
    create: [[record], ref],
    destroy: [[ref], nothing],
  };
  const [params, result] = shapes[call] as readonly [readonly Type[], Type];
  return { kind: call, call, params, result };
}

function fieldShapes(of: RemoteClass, field: Field): Shape[] {
  const ref: Type = { kind: 'ref', of };
  const { name, type } = field;
  const shape = (kind: MessageKind, params: readonly Type[], result = nothing): Shape => ({
    kind,
    call: `${kind}_${name}`,
    field,
    params: [ref, ...params],
    result,
  });
  const shapes = [shape('get', [], type)];
  if (!field.writable) return shapes;
  shapes.push(shape('set', [type]));
  if (type.kind === 'map') shapes.push(shape('add_to', [type.key, type.value]), shape('remove_from', [type.key]));
  if (type.kind === 'set') shapes.push(shape('add', [type.item]), shape('remove', [type.item]));
  return shapes;
}

function generated(of: RemoteClass, model: ClassMessages, fields: ReadonlyMap<string, Field>): Message[] {
  const objects = model.objects ?? [];
  const shapes = objects.map((call) => objectShape(of, call as MessageKind));
  if (objects.includes('get_all_records')) shapes.push(objectShape(of, 'get_all_records_where'));
  if (objects.includes('get_record')) for (const field of fields.values()) shapes.push(...fieldShapes(of, field));
  return shapes.map(({ call, ...shape }) => ({
    ...shape,
    name: `${of}.${call}`,
    of,
    defaults: [],
    role: (model.roles?.[call] ?? (writers.has(shape.kind) ? model.writer : 'read-only')) as Required,
    session: true,
    async: generatedAsync.has(shape.kind),
    removed: model.removed?.includes(call) === true,
  }));
}

function own(of: RemoteClass, model: ClassMessages): Message[] {
  return Object.entries(model.messages ?? {}).map(([call, [role, result, ...params]]) => {
    const name = `${of}.${call}`;
    return {
      name,
      of,
      kind: 'own',
      params: params.map(typeOf),
      defaults: defaultArguments[name] ?? [],
      result: typeOf(result as string),
      role: role as Required,
      session: model.sessionless?.includes(call) !== true,
      async: !synchronous.has(of) && !synchronousTasks.test(name),
      removed: model.removed?.includes(call) === true,
    };
  });
}

function build(): { messages: Map<string, Message>; fields: Map<string, ReadonlyMap<string, Field>> } {
  const messages = new Map<string, Message>();
  const fields = new Map<string, ReadonlyMap<string, Field>>();
  for (const [of, model] of Object.entries(classMessages)) {
    const table = fieldTable(of, model);
    fields.set(of, table);
    for (const message of [...generated(of as RemoteClass, model, table), ...own(of as RemoteClass, model)])
      messages.set(message.name, message);
  }
  return { messages, fields };
}

const built = build();

/** Every message by its name on the wire. */
export const messages: ReadonlyMap<string, Message> = built.messages;

/** The fields of a class by name, in the data model's order. */
export const fieldTables: ReadonlyMap<string, ReadonlyMap<string, Field>> = built.fields;

/** The message that a name means; `VM_start` is accepted for `VM.start` (facts 1.2). */
export function findMessage(name: string): Message | undefined {
  const exact = messages.get(name);
  if (exact !== undefined || name.includes('.')) return exact;
  for (const of of fieldTables.keys())
    if (name.startsWith(`${of}_`)) {
      const message = messages.get(`${of}.${name.slice(of.length + 1)}`);
      if (message !== undefined) return message;
    }
  return undefined;
}
