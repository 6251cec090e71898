import type { RemoteClass } from '../../xenapi/records.js';
import { fieldTables, messages } from '../catalogue.js';
import type { Call, Handler, HandlerTable } from '../world.js';
import { refresh } from './allowed.js';

/** Messages of a class's own that do no more than write the field they name, in the way that their prefix says. */
const names = [
  'VM.set_actions_after_crash',
  'VM.set_suspend_VDI',
  'VM.set_snapshot_schedule',
  'VM.set_ha_always_run',
  'VMSS.set_type',
  'VMSS.set_last_run_time',
  'VMSS.set_schedule',
  'VMSS.add_to_schedule',
  'VMSS.remove_from_schedule',
  'VMSS.set_frequency',
  'VMSS.set_retained_snapshots',
  'pool.set_igmp_snooping_enabled',
  'pool.set_vswitch_controller',
  'pool.add_to_guest_agent_config',
  'pool.remove_from_guest_agent_config',
  'host.set_iscsi_iqn',
  'host.set_multipathing',
  'host.set_ssl_legacy',
  'host.set_numa_affinity_policy',
  'network.set_default_locking_mode',
  'network.add_purpose',
  'network.remove_purpose',
  'VIF.set_locking_mode',
  'VIF.remove_ipv4_allowed',
  'VIF.remove_ipv6_allowed',
  'PIF.set_disallow_unplug',
  'PIF.set_primary_address_type',
  'Bond.set_mode',
  'SR.set_name_label',
  'SR.set_name_description',
  'SR.set_physical_size',
  'VDI.set_name_label',
  'VDI.set_name_description',
  'VDI.set_read_only',
  'VDI.set_sharable',
  'VDI.set_allow_caching',
  'PUSB.set_passthrough_enabled',
] as const;

type Change = (now: never, ...args: never[]) => unknown;

const changes: Readonly<Record<string, Change>> = {
  set: (_now: unknown, value: unknown) => value,
  add_to: (now: Readonly<Record<string, unknown>>, key: string, value: unknown) => ({ ...now, [key]: value }),
  remove_from: (now: Readonly<Record<string, unknown>>, key: string) =>
    Object.fromEntries(Object.entries(now).filter(([each]) => each !== key)),
  add: (now: readonly unknown[], item: unknown) => (now.includes(item) ? now : [...now, item]),
  remove: (now: readonly unknown[], item: unknown) => now.filter((each) => each !== item),
};

function writer(of: RemoteClass, field: string, change: Change): Handler {
  return ({ world }: Call, ref: string, ...args: never[]): void => {
    const now = (world.db.need(of, ref) as unknown as Readonly<Record<string, unknown>>)[field];
    world.db.update(of, ref, { [field]: change(now as never, ...args) });
    refresh(world, of, ref);
  };
}

/** pool.set_vswitch_controller is the one that names no object. */
const onThePool =
  (write: Handler): Handler =>
  (call: Call, ...args: never[]) =>
    (write as (call: Call, ...args: unknown[]) => unknown)(call, call.world.pool(), ...args);

function handlerOf(name: string): Handler {
  const [of, call] = name.split('.') as [RemoteClass, string];
  const at = /^(set|add_to|remove_from|add|remove)_(.+)$/.exec(call) as RegExpExecArray;
  if (!fieldTables.get(of)?.has(at[2] as string)) throw new Error(`${name} names no field of ${of}`);
  const write = writer(of, at[2] as string, changes[at[1] as string] as Change);
  return messages.get(name)?.params[0]?.kind === 'ref' ? write : onThePool(write);
}

/** Messages that write one field as it is said, without rules of their own here. */
export const plainHandlers: HandlerTable = Object.fromEntries(names.map((name) => [name, handlerOf(name)]));
