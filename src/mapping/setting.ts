import { association } from '../provider/association.js';
import { type Codec, filled, type Given, labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { dualConfiguration, masked, uriOf, veiled } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { freeBlockSlots, freeInterfaceSlots } from './slot.js';
import { isSystem, system } from './system.js';

type Vm = Records['VM'];

const uriOfSystem = uriOf('Xen_ComputerSystem', { form: 'system' });
const uriOfTemplate = uriOf('Xen_ComputerSystemTemplate', { form: 'setting' });
const uriOfSnapshot = uriOf('Xen_ComputerSystemSnapshot', { form: 'setting' });

/** The instance that a VM record is: a snapshot, a template or a machine. */
const uri = (vm: Vm): string | null =>
  vm.is_a_snapshot ? uriOfSnapshot(vm) : vm.is_a_template ? uriOfTemplate(vm) : uriOfSystem(vm);

const isHvm = ({ domain_type, HVM_boot_params, HVM_boot_policy }: Vm): boolean =>
  domain_type === 'hvm' ||
  ((domain_type === 'unspecified' || domain_type === undefined) &&
    (HVM_boot_policy !== '' || HVM_boot_params['order'] !== undefined));

/** A field that only one kind of virtualization has. */
const only = <F extends keyof Vm & string>(
  hvm: boolean,
  field: F,
  { read }: Codec<Vm[F]>,
): { readonly calc: (vm: Vm) => Given } => ({ calc: (vm) => (isHvm(vm) === hvm ? read(vm[field]) : null) });

const whole = { read: (map: Readonly<Record<string, string>>): Given => map };
const nonZero = { read: (value: number): Given => (value === 0 ? null : value) };

/** What every configuration reads beside its record. */
const lineage = { metrics: ['metrics'], parent: ['parent'], children: ['children'] } as const;

interface Lineage {
  readonly parent: Vm | undefined;
  readonly children: readonly Vm[];
}

const settings = {
  Description: 'name_description',
  ElementName: 'name_label',
  VirtualSystemIdentifier: 'uuid',
  VirtualSystemType: { calc: (vm: Vm) => (isHvm(vm) ? 'DMTF:Xen:HVM' : 'DMTF:Xen:PV') },
  HVM_Boot_Params: only(true, 'HVM_boot_params', whole),
  HVM_Boot_Policy: only(true, 'HVM_boot_policy', filled),
  HVM_ShadowMultiplier: only(true, 'HVM_shadow_multiplier', nonZero),
  PV_Kernel: only(false, 'PV_kernel', filled),
  PV_RAMDisk: only(false, 'PV_ramdisk', filled),
  PV_Args: only(false, 'PV_args', filled),
  PV_Legacy_Args: only(false, 'PV_legacy_args', filled),
  PV_Bootloader: only(false, 'PV_bootloader', filled),
  PV_Bootloader_Args: only(false, 'PV_bootloader_args', filled),
  CreationTime: { from: 'metrics', field: 'install_time' },
  Parent: { calc: (_vm: Vm, { parent }: Lineage) => parent && uri(parent) },
  Children: { calc: (_vm: Vm, { children }: Lineage) => children.map(uri) },
  Other_Config: { field: 'other_config', as: masked },
  Platform: { field: 'platform', as: masked },
  AutomaticStartupAction: {
    field: 'actions_after_reboot',
    as: labels({ destroy: 'None', restart: 'Restart if previously active' }),
  },
  AutomaticShutdownAction: {
    field: 'actions_after_shutdown',
    as: labels({ destroy: 'Turn Off', restart: 'Turn Off' }),
  },
  AutomaticRecoveryAction: {
    field: 'actions_after_crash',
    as: labels({
      destroy: 'None',
      coredump_and_destroy: 'None',
      restart: 'Restart',
      coredump_and_restart: 'Restart',
      preserve: 'None',
      rename_restart: 'Restart',
    }),
  },
} as const;

/** What the tools in the guest say, of machines and of snapshots. */
const guestSettings = {
  PV_Drivers_Version: { from: 'guest', field: 'PV_drivers_version' },
  PV_Drivers_UpToDate: { from: 'guest', field: 'PV_drivers_detected' },
  OS_Version: { from: 'guest', field: 'os_version' },
} as const;

export const systemSetting = element('Xen_ComputerSystemSettingData', 'VM', {
  reads: {
    ...lineage,
    guest: ['guest_metrics'],
    host: ['resident_on'],
    affinity: ['affinity'],
    blocks: ['VBDs'],
    interfaces: ['VIFs'],
  },
  where: isSystem,
  key: { form: 'setting' },
  properties: {
    ...settings,
    ...guestSettings,
    Caption: { value: 'Active Settings of a Xen virtual machine' },
    StartTime: { from: 'metrics', field: 'start_time' },
    Host: { from: 'host', field: 'uuid' },
    HostAffinity: { from: 'affinity', field: 'uuid' },
    Xenstore_Data: {
      calc: ({ xenstore_data }) => (Object.keys(xenstore_data).length === 0 ? null : veiled.read(xenstore_data)),
    },
    AvailableBlockDeviceSlots: { calc: (_vm, { blocks }) => freeBlockSlots(blocks) },
    AvailableNetworkInterfaceSlots: { calc: (_vm, { interfaces }) => freeInterfaceSlots(interfaces) },
    Xen_Tools_AreRunning: { calc: ({ allowed_operations }) => allowed_operations.includes('clean_shutdown') },
  },
});

export const template = element('Xen_ComputerSystemTemplate', 'VM', {
  reads: lineage,
  where: ({ is_a_template, is_a_snapshot }) => is_a_template && !is_a_snapshot,
  key: { form: 'setting' },
  properties: { ...settings, Caption: { value: 'Template for a Xen virtual machine' } },
});

export const snapshot = element('Xen_ComputerSystemSnapshot', 'VM', {
  reads: { ...lineage, guest: ['guest_metrics'], origin: ['snapshot_of'], family: ['snapshot_of', 'snapshots'] },
  where: ({ is_a_snapshot }) => is_a_snapshot,
  key: { form: 'setting' },
  properties: {
    ...settings,
    ...guestSettings,
    Caption: { value: 'Settings for a Snapshot of a Xen virtual machine' },
    SnapshotOf: { calc: (_vm, { origin }) => origin && uriOfSystem(origin) },
    SnapshotTime: 'snapshot_time',
  },
  setters: { ElementName: 'set_name_label', Description: 'set_name_description' },
});

/** Every configuration: what the settings of devices are parts of. */
export const configurations = [systemSetting, template, snapshot];

/** Where the settings of a machine's processors and memory are to be taken from, by the uuid of a host. */
export const poolOf = {
  resident: ['resident_on'],
  affinity: ['affinity'],
  coordinator: ['@pool', 'master'],
} as const;

interface Hosts {
  readonly resident: Records['host'] | undefined;
  readonly affinity: Records['host'] | undefined;
  readonly coordinator: Records['host'] | undefined;
}

export const poolId = (_vm: Records['VM'], { resident, affinity, coordinator }: Hosts): string | undefined =>
  (resident ?? affinity ?? coordinator)?.uuid;

/** `Xen Snapshot …`, `Xen Template …` or `Xen Domain …`; a snapshot's record says that it is a template too. */
export const captionOf =
  (rest: string) =>
  ({ is_a_snapshot, is_a_template }: Records['VM']): string =>
    `Xen ${is_a_snapshot ? 'Snapshot' : is_a_template ? 'Template' : 'Domain'} ${rest}`;

export const settingAssociations = [
  association('Xen_ComputerSystemSettingsDefineState', ['ManagedElement', system], ['SettingData', systemSetting], []),
  dualConfiguration(
    'Xen_ComputerSystemElementSettingData',
    systemSetting,
    ({ record }) => record.power_state !== 'Halted',
  ),
];
