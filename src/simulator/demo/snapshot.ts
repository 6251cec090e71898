import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { GIB, MIB, type PoolBuilder } from './builder.js';
import { addImage } from './storage.js';

/** A snapshot of a made-up machine: when, and of what it is the child. */
export interface SnapshotSpec {
  readonly name: string;
  readonly hoursAgo: number;
  readonly parent?: Ref<'VM'>;
  /** Holds the memory as well, on this repository. */
  readonly memoryOn?: Ref<'SR'>;
}

const devicesOf = (builder: PoolBuilder, of: 'VBD' | 'VIF', vm: Ref<'VM'>) =>
  builder.entries.filter((entry) => entry.of === of && entry.record['VM'] === vm);

/** The image of a machine's memory: 1.2 * 1.05 * static_max + 100 MiB (facts 5.1). */
export function addSuspendImage(builder: PoolBuilder, sr: Ref<'SR'>, memory: bigint): Ref<'VDI'> {
  const virtual_size = (memory * 126n) / 100n + 100n * MIB;
  return addImage(builder, sr, {
    name_label: 'Suspend image',
    name_description: 'Suspend image',
    type: 'suspend',
    virtual_size,
  });
}

function addDiskSnapshot(builder: PoolBuilder, vdi: Ref<'VDI'>, time: string): Ref<'VDI'> {
  const { SR, name_label, name_description, type, virtual_size } = builder.get('VDI', vdi);
  return addImage(builder, SR, {
    name_label,
    name_description,
    type,
    virtual_size,
    physical_utilisation: GIB,
    is_a_snapshot: true,
    snapshot_of: vdi,
    snapshot_time: time,
  });
}

function addDevices(builder: PoolBuilder, snapshot: Ref<'VM'>, vm: Ref<'VM'>, time: string): void {
  for (const { record } of devicesOf(builder, 'VBD', vm)) {
    const vbd = record as unknown as Records['VBD'];
    const VDI = vbd.type === 'Disk' && vbd.VDI !== NULL_REF ? addDiskSnapshot(builder, vbd.VDI, time) : vbd.VDI;
    builder.add('VBD', {
      ...vbd,
      uuid: builder.ids.uuid(),
      VM: snapshot,
      VDI,
      device: '',
      currently_attached: false,
      metrics: builder.add('VBD_metrics', {}),
    });
  }
  for (const { record } of devicesOf(builder, 'VIF', vm)) {
    const vif = record as unknown as Records['VIF'];
    builder.add('VIF', {
      ...vif,
      uuid: builder.ids.uuid(),
      VM: snapshot,
      currently_attached: false,
      metrics: builder.add('VIF_metrics', {}),
    });
  }
}

/** Adds a snapshot with those of the machine's disks; the machine's parent becomes the newest (facts 5.3). */
export function addSnapshot(builder: PoolBuilder, vm: Ref<'VM'>, spec: SnapshotSpec): Ref<'VM'> {
  const of = builder.get('VM', vm);
  const time = builder.hoursAgo(spec.hoursAgo);
  const { memoryOn } = spec;
  const metrics = builder.add('VM_metrics', { install_time: time, last_updated: time });
  const snapshot = builder.add('VM', {
    ...of,
    uuid: builder.ids.uuid(),
    name_label: spec.name,
    name_description: `Snapshot of ${of.name_label}`,
    power_state: memoryOn === undefined ? 'Halted' : 'Suspended',
    is_a_template: true,
    is_a_snapshot: true,
    snapshot_of: vm,
    snapshot_time: time,
    snapshot_info: { 'power-state-at-snapshot': of.power_state, 'disk-snapshot-type': 'crash_consistent' },
    snapshot_metadata: `(('uuid' '${of.uuid}')('name_label' '${of.name_label}')('power_state' '${of.power_state}'))`,
    transportable_snapshot_id: '',
    suspend_VDI:
      memoryOn === undefined ? (NULL_REF as Ref<'VDI'>) : addSuspendImage(builder, memoryOn, of.memory_static_max),
    parent: spec.parent ?? (NULL_REF as Ref<'VM'>),
    resident_on: NULL_REF as Ref<'host'>,
    guest_metrics: NULL_REF as Ref<'VM_guest_metrics'>,
    appliance: NULL_REF as Ref<'VM_appliance'>,
    metrics,
    domid: -1n,
  });
  addDevices(builder, snapshot, vm, time);
  builder.amend('VM', vm, { parent: snapshot });
  return snapshot;
}
