import type { Ref } from '../../xenapi/records.js';
import { GIB, type PoolBuilder } from './builder.js';
import type { Scene } from './scene.js';

type Machines = ReadonlyMap<string, Ref<'VM'>>;
const machine = (machines: Machines, name: string): Ref<'VM'> => machines.get(name) as Ref<'VM'>;

/** A graphics card on the first host, cut into virtual ones, one of which a machine has. */
function addGraphics(builder: PoolBuilder, { hosts }: Scene, machines: Machines): void {
  const host = hosts[0].ref;
  const pci = builder.add('PCI', {
    class_name: '3D controller',
    vendor_name: 'NVIDIA Corporation',
    device_name: 'GP104GL [Tesla P4]',
    host,
    pci_id: '0000:af:00.0',
    driver_name: 'nvidia',
    subsystem_vendor_name: 'NVIDIA Corporation',
    subsystem_device_name: '',
  });
  const type = (model_name: string, framebuffer_size: bigint, max_heads: bigint) =>
    builder.add('VGPU_type', {
      vendor_name: 'NVIDIA Corporation',
      model_name,
      framebuffer_size,
      max_heads,
      max_resolution_x: 4096n,
      max_resolution_y: 2160n,
      implementation: 'nvidia',
      identifier: `0001:nvidia,1bb3,${model_name}`,
    });
  const types = [type('GRID P4-1Q', GIB, 4n), type('GRID P4-2Q', 2n * GIB, 4n)];
  const GPU_group = builder.add('GPU_group', {
    name_label: 'Group of NVIDIA Corporation GP104GL [Tesla P4] GPUs',
    GPU_types: ['10de/1bb3'],
    supported_VGPU_types: types,
    enabled_VGPU_types: types,
  });
  const pgpu = builder.add('PGPU', {
    PCI: pci,
    GPU_group,
    host,
    supported_VGPU_types: types,
    enabled_VGPU_types: types,
    supported_VGPU_max_capacities: { [types[0] as string]: 8n, [types[1] as string]: 4n },
  });
  const VM = machine(machines, 'gpu-01');
  builder.add('VGPU', {
    VM,
    GPU_group,
    device: '0',
    currently_attached: true,
    type: types[0] as Ref<'VGPU_type'>,
    resident_on: pgpu,
  });
}

function addUsb(builder: PoolBuilder, { hosts }: Scene, machines: Machines): void {
  const USB_group = builder.add('USB_group', { name_label: 'Group of 0529 0001 USBs', name_description: '' });
  builder.add('PUSB', {
    USB_group,
    host: hosts[2].ref,
    path: '1-2',
    vendor_id: '0529',
    vendor_desc: 'Aladdin Knowledge Systems',
    product_id: '0001',
    product_desc: 'HASP copy protection dongle',
    serial: '',
    version: '2.00',
    description: 'Aladdin Knowledge Systems_HASP copy protection dongle',
    passthrough_enabled: true,
    speed: 12,
  });
  builder.add('VUSB', { VM: machine(machines, 'usb-dongle'), USB_group, other_config: {} });
}

function addUpdate(builder: PoolBuilder, { hosts }: Scene): void {
  const update = builder.add('pool_update', {
    name_label: 'XS83E001',
    name_description: 'Public availability: security update',
    version: '1.0',
    installation_size: 9_437_184n,
    key: '',
    after_apply_guidance: ['restartHost'],
  });
  for (const { ref } of hosts.slice(0, 2)) builder.amend('host', ref, { updates: [update] });
}

const alert = (used: string): string =>
  `value: ${used}\nconfig:\n<variable>\n\t<name value="physical_utilisation"/>\n\t<alarm_trigger_level value="0.8"/>\n</variable>`;

function addMessages(builder: PoolBuilder, scene: Scene, machines: Machines, pool: string): void {
  const vm = (name: string) => builder.get('VM', machine(machines, name));
  const started = ['web-01', 'web-02', 'db-01'] as const;
  started.forEach((name, i) => {
    const { uuid, name_label } = vm(name);
    const body = `VM '${name_label}' has started on host: ${scene.hosts[0].name} (uuid: ${builder.get('host', scene.hosts[0].ref).uuid})`;
    builder.message({
      name: 'VM_STARTED',
      priority: 5n,
      cls: 'VM',
      obj_uuid: uuid,
      timestamp: builder.hoursAgo(90 - i),
      body,
    });
  });
  const crashed = {
    name: 'VM_CRASHED',
    priority: 2n,
    cls: 'VM',
    obj_uuid: vm('no-tools').uuid,
    timestamp: builder.hoursAgo(50),
  } as const;
  builder.message({ ...crashed, body: '<message><name>VM_CRASHED</name></message>' });
  const sr = builder.get('SR', scene.storage.iscsi).uuid;
  builder.message({
    name: 'ALARM',
    priority: 3n,
    cls: 'SR',
    obj_uuid: sr,
    timestamp: builder.hoursAgo(20),
    body: alert('0.91'),
  });
  const expiry = {
    name: 'LICENSE_EXPIRES_SOON',
    priority: 2n,
    cls: 'Pool',
    obj_uuid: pool,
    timestamp: builder.hoursAgo(10),
  } as const;
  builder.message({ ...expiry, body: 'The license of this pool expires soon.' });
  const bond = builder.get('host', scene.hosts[2].ref).uuid;
  builder.message({
    name: 'BOND_STATUS_CHANGED',
    priority: 3n,
    cls: 'Host',
    obj_uuid: bond,
    timestamp: builder.hoursAgo(5),
    body: 'eth3 of bond0 went down',
  });
}

/** Adds what there is one or two of: graphics, USB, TPM, an appliance, an update, alerts, a repository of updates. */
export function addExtras(builder: PoolBuilder, scene: Scene, machines: Machines, pool: string): void {
  addGraphics(builder, scene, machines);
  addUsb(builder, scene, machines);
  builder.add('VTPM', {
    VM: machine(machines, 'win-11'),
    persistence_backend: 'xapi',
    is_unique: false,
    is_protected: false,
  });
  const appliance = builder.add('VM_appliance', {
    name_label: 'Shop',
    name_description: 'Data base first, then the front end',
  });
  ['db-02', 'web-02'].forEach((name, i) => {
    builder.amend('VM', machine(machines, name), { appliance, order: BigInt(i), start_delay: 5n });
  });
  addUpdate(builder, scene);
  addMessages(builder, scene, machines, pool);
  builder.add('VMSS', {
    name_label: 'Nightly',
    name_description: 'Snapshots in the night',
    enabled: true,
    type: 'snapshot',
    retained_snapshots: 7n,
    frequency: 'daily',
    schedule: { hour: '2', min: '30' },
  });
}
