import type { Records, Ref } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { memoryOverhead } from '../memory.js';
import { GIB, MIB, type PoolBuilder } from './builder.js';
import { agentReport, type GuestSystem } from './guest-system.js';
import type { HostPart } from './site.js';
import { addImage } from './storage.js';

/** A new disk: its size, where it is, or an image that is there already. */
export interface DiskSpec {
  readonly sr?: Ref<'SR'>;
  readonly gib?: number;
  readonly image?: Ref<'VDI'>;
  readonly name?: string;
}

/** A machine of a made-up pool. */
export interface GuestSpec {
  readonly name: string;
  readonly description?: string;
  readonly state: Records['VM']['power_state'];
  /** Where it runs, or, when it does not, where it would rather. */
  readonly host?: HostPart;
  readonly system: GuestSystem;
  readonly vcpus: number;
  readonly memoryGib: number;
  readonly disks: readonly DiskSpec[];
  /** A medium; NULL_REF is an empty drive, undefined none. */
  readonly cd?: Ref<'VDI'>;
  readonly networks: readonly Ref<'network'>[];
  readonly fields?: Partial<Records['VM']>;
}

const platform = {
  acpi: '1',
  apic: 'true',
  pae: 'true',
  nx: 'true',
  vga: 'std',
  videoram: '8',
  usb: 'true',
  usb_tablet: 'true',
  hpet: 'true',
  timeoffset: '0',
  'device-model': 'qemu-upstream-compat',
};

const recommendations =
  '<restrictions><restriction field="memory-static-max" max="137438953472"/>' +
  '<restriction field="vcpus-max" max="32"/><restriction field="has-vendor-device" value="false"/>' +
  '<restriction max="255" property="number-of-vbds"/><restriction max="7" property="number-of-vifs"/></restrictions>';

const memoryOf = (gib: number): bigint => BigInt(Math.round(gib * 1024)) * MIB;
const isLive = (state: string): boolean => state === 'Running' || state === 'Paused';
const hasDevices = (state: string): boolean => isLive(state) || state === 'Suspended';

function bootFields({ domain, firmware }: GuestSystem, template: boolean): Partial<Records['VM']> {
  if (domain === 'pv')
    return { domain_type: 'pv', PV_bootloader: 'pygrub', PV_args: 'console=hvc0', HVM_boot_policy: '' };
  return {
    domain_type: domain,
    HVM_boot_policy: 'BIOS order',
    HVM_boot_params: { order: template ? 'dc' : 'cdn', firmware: firmware ?? 'bios' },
  };
}

function addMetrics(builder: PoolBuilder, { state, system, vcpus, memoryGib }: GuestSpec): Ref<'VM_metrics'> {
  const live = isLive(state);
  const flags = Object.fromEntries(Array.from({ length: vcpus }, (_, i) => [String(i), ['online']]));
  return builder.add('VM_metrics', {
    memory_actual: live ? memoryOf(memoryGib) : 0n,
    VCPUs_number: live ? BigInt(vcpus) : 0n,
    VCPUs_flags: live ? flags : {},
    start_time: live ? builder.hoursAgo(24 * (1 + builder.ids.below(30))) : builder.hoursAgo(24 * 60),
    install_time: builder.hoursAgo(24 * (90 + builder.ids.below(300))),
    last_updated: builder.hoursAgo(1),
    hvm: live && system.domain === 'hvm',
    current_domain_type: live ? system.domain : 'unspecified',
  });
}

/** A machine with an agent reports whenever it runs; this is what it has reported by now. */
function addGuestMetrics(
  builder: PoolBuilder,
  vm: Ref<'VM'>,
  spec: GuestSpec,
  number: number,
): Ref<'VM_guest_metrics'> {
  if (spec.system.system === undefined) return NULL_REF as Ref<'VM_guest_metrics'>;
  const report = agentReport(spec.system, spec.networks.length, number);
  builder.agents.set(vm, report);
  if (!isLive(spec.state)) return NULL_REF as Ref<'VM_guest_metrics'>;
  return builder.add('VM_guest_metrics', { ...report, live: true, last_updated: builder.hoursAgo(0) });
}

const blockName = (domain: string, number: number): string =>
  `${domain === 'hvm' && number < 4 ? 'hd' : 'xvd'}${'abcdefghijklmnopqrstuvwxyz'[number]}`;

/** Adds a block device and, for a new disk, its image; `number` is its place, three is the drive's. */
function addBlockDevice(
  builder: PoolBuilder,
  vm: Ref<'VM'>,
  spec: GuestSpec,
  number: number,
  fields: Partial<Records['VBD']>,
): void {
  const attached = hasDevices(spec.state);
  const metrics = builder.add('VBD_metrics', { last_updated: builder.hoursAgo(1) });
  builder.add('VBD', {
    VM: vm,
    userdevice: String(number),
    device: attached ? blockName(fields.type === 'CD' ? spec.system.domain : 'pv', number) : '',
    currently_attached: attached,
    unpluggable: true,
    metrics,
    other_config: fields.type === 'CD' ? {} : { owner: '' },
    ...fields,
  });
}

function addDisks(builder: PoolBuilder, vm: Ref<'VM'>, spec: GuestSpec): void {
  spec.disks.forEach((disk, i) => {
    const image =
      disk.image ??
      addImage(builder, disk.sr as Ref<'SR'>, {
        name_label: disk.name ?? `${spec.name} ${i}`,
        name_description: 'Created by template provisioner',
        virtual_size: BigInt(disk.gib ?? 10) * GIB,
        type: i === 0 ? 'system' : 'user',
      });
    addBlockDevice(builder, vm, spec, i < 3 ? i : i + 1, { VDI: image, type: 'Disk', mode: 'RW', bootable: i === 0 });
  });
  if (spec.cd === undefined) return;
  const empty = spec.cd === NULL_REF;
  addBlockDevice(builder, vm, spec, 3, { VDI: spec.cd, type: 'CD', mode: 'RO', bootable: false, empty });
}

function addInterfaces(builder: PoolBuilder, vm: Ref<'VM'>, spec: GuestSpec): void {
  spec.networks.forEach((network, i) => {
    builder.add('VIF', {
      VM: vm,
      network,
      device: String(i),
      MAC: builder.ids.mac(),
      MAC_autogenerated: true,
      MTU: 1500n,
      currently_attached: hasDevices(spec.state),
      metrics: builder.add('VIF_metrics', { last_updated: builder.hoursAgo(1) }),
      locking_mode: 'network_default',
    });
  });
}

/** The consoles of a live machine: its screen, and for a paravirtual one its terminal too. */
function addConsoles(builder: PoolBuilder, vm: Ref<'VM'>, spec: GuestSpec): void {
  if (!isLive(spec.state) || spec.host === undefined) return;
  for (const protocol of spec.system.domain === 'hvm' ? (['rfb'] as const) : (['vt100', 'rfb'] as const)) {
    const uuid = builder.ids.uuid();
    builder.add('console', {
      uuid,
      VM: vm,
      protocol,
      location: `https://${spec.host.address}/console?uuid=${uuid}`,
      other_config: {},
    });
  }
}

/** Adds a machine with its devices, images, metrics and consoles. */
export function addGuest(
  builder: PoolBuilder,
  spec: GuestSpec,
  number: number,
  ref: Ref<'VM'> = builder.ref('VM'),
): Ref<'VM'> {
  const { state, system, host } = spec;
  const memory = memoryOf(spec.memoryGib);
  const live = isLive(state);
  const sizes = {
    memory_static_max: memory,
    VCPUs_max: BigInt(spec.vcpus),
    domain_type: system.domain,
    HVM_shadow_multiplier: 1,
  };
  const template = spec.fields?.is_a_template === true;
  builder.add(
    'VM',
    {
      name_label: spec.name,
      name_description: spec.description ?? '',
      power_state: state,
      ...sizes,
      memory_overhead: memoryOverhead(sizes),
      memory_target: live ? memory : 0n,
      memory_dynamic_max: memory,
      memory_dynamic_min: memory,
      memory_static_min: memory / 4n,
      VCPUs_at_startup: BigInt(spec.vcpus),
      VCPUs_params: {},
      actions_after_shutdown: 'destroy',
      actions_after_reboot: 'restart',
      actions_after_crash: 'restart',
      ...bootFields(system, template),
      platform: { ...platform, ...system.platform },
      resident_on: live && host !== undefined ? host.ref : (NULL_REF as Ref<'host'>),
      affinity: host?.ref ?? (NULL_REF as Ref<'host'>),
      domid: live ? BigInt(number + 1) : -1n,
      domarch: live ? 'x64' : '',
      metrics: addMetrics(builder, spec),
      guest_metrics: addGuestMetrics(builder, ref, spec, number),
      last_boot_CPU_flags:
        live && host !== undefined ? { vendor: 'GenuineIntel', features: host.model.processor.stepping } : {},
      recommendations,
      generation_id: `${builder.ids.next()}:${builder.ids.next()}`,
      bios_strings: template
        ? {}
        : { 'bios-vendor': 'Xen', 'bios-version': '', 'system-manufacturer': 'Xen', 'system-product-name': 'HVM domU' },
      hardware_platform_version: 0n,
      reference_label: system.system?.['distro'] ?? '',
      user_version: 1n,
      version: 0n,
      other_config: {
        mac_seed: builder.ids.uuid(),
        base_template_name: 'Debian Bookworm 12',
        'install-methods': 'cdrom,nfs,http,ftp',
      },
      ...spec.fields,
    },
    ref,
  );
  addDisks(builder, ref, spec);
  addInterfaces(builder, ref, spec);
  addConsoles(builder, ref, spec);
  return ref;
}
