import type { Ref, RemoteClass } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { MessageRecord } from '../message-log.js';
import { filterRecords } from '../record-filter.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable } from '../world.js';

type Message = Ref<'message'>;

/** The class whose uuid a message names (facts 5.6). */
const classes: Readonly<Record<MessageRecord['cls'], RemoteClass>> = {
  VM: 'VM',
  Host: 'host',
  SR: 'SR',
  Pool: 'pool',
  VMPP: 'VMPP',
  VMSS: 'VMSS',
  PVS_proxy: 'PVS_proxy',
  VDI: 'VDI',
  Certificate: 'Certificate',
};

function need({ world }: Call, ref: Message): MessageRecord {
  const record = world.messages.get(ref);
  if (record === undefined) throw new XenApiFailure('HANDLE_INVALID', 'message', ref);
  return record;
}

function create(
  { world }: Call,
  name: string,
  priority: bigint,
  cls: MessageRecord['cls'],
  obj_uuid: string,
  body: string,
): Message {
  if (world.db.byUuid(classes[cls], obj_uuid) === undefined) throw new XenApiFailure('UUID_INVALID', cls, obj_uuid);
  const ref = world.ids.ref() as Message;
  world.messages.add(ref, {
    uuid: world.ids.uuid(),
    name,
    priority,
    cls,
    obj_uuid,
    timestamp: world.clock.text(),
    body,
  });
  return ref;
}

function destroy(call: Call, ref: Message): void {
  need(call, ref);
  call.world.messages.remove(ref);
}

const select = ({ world }: Call, test: (record: MessageRecord) => boolean): Map<string, MessageRecord> =>
  new Map([...world.messages.entries].filter(([, record]) => test(record)));

function byUuid({ world }: Call, uuid: string): string {
  for (const [ref, record] of world.messages.entries) if (record.uuid === uuid) return ref;
  throw new XenApiFailure('UUID_INVALID', 'message', uuid);
}

/** The messages of class message: they are in no table, so that none of them is generated (facts 5.6). */
export const messageHandlers: HandlerTable = {
  'message.create': create,
  'message.destroy': destroy,
  'message.destroy_many': (call: Call, refs: readonly Message[]) => {
    for (const ref of refs) need(call, ref);
    for (const ref of refs) call.world.messages.remove(ref);
  },
  'message.get': (call: Call, cls: string, uuid: string, since: string) =>
    select(call, (record) => record.cls === cls && record.obj_uuid === uuid && record.timestamp > since),
  'message.get_since': (call: Call, since: string) => select(call, (record) => record.timestamp > since),
  'message.get_all': ({ world }: Call) => [...world.messages.entries.keys()],
  'message.get_all_records': ({ world }: Call) => world.messages.entries,
  'message.get_all_records_where': ({ world }: Call, condition: string) =>
    filterRecords(world.messages.entries as unknown as ReadonlyMap<string, AnyRecord>, condition),
  'message.get_record': need,
  'message.get_by_uuid': byUuid,
};
