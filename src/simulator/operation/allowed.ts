import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import { freeMemory } from '../placement.js';
import { vmAllowed } from '../vm-lifecycle.js';
import type { World } from '../world.js';

type Refresh<C extends RemoteClass> = (world: World, ref: Ref<C>, record: Records[C]) => Partial<Records[C]>;

const idle = (record: { readonly current_operations: object }): boolean =>
  Object.keys(record.current_operations).length === 0;

/** What may be done to a block device: attached ones leave a running machine, drives change their medium at any time. */
const vbd: Refresh<'VBD'> = (world, _ref, record) => {
  const vm = world.db.get('VM', record.VM);
  if (vm === undefined || !idle(record) || vm.power_state === 'Suspended') return { allowed_operations: [] };
  const medium = record.type === 'CD' ? [record.empty ? ('insert' as const) : ('eject' as const)] : [];
  if (vm.power_state === 'Halted') return { allowed_operations: ['attach', ...medium] };
  if (vm.power_state === 'Paused') return { allowed_operations: medium };
  if (record.currently_attached) {
    const leaving = record.unpluggable && record.type !== 'CD' ? (['unplug', 'unplug_force'] as const) : [];
    return { allowed_operations: ['attach', ...medium, ...leaving, 'pause', 'unpause'] };
  }
  return { allowed_operations: ['attach', ...medium, ...(record.empty ? [] : (['plug'] as const))] };
};

const vif: Refresh<'VIF'> = (world, _ref, record) => {
  const state = world.db.get('VM', record.VM)?.power_state;
  if (!idle(record) || state === 'Suspended' || state === 'Paused') return { allowed_operations: [] };
  if (state === 'Halted') return { allowed_operations: ['attach'] };
  return { allowed_operations: ['attach', record.currently_attached ? 'unplug' : 'plug'] };
};

/** The operation on an image and the feature that its kind of storage needs for it (facts 5.4). */
const imageFeatures = [
  ['snapshot', 'VDI_SNAPSHOT', true],
  ['clone', 'VDI_CLONE', true],
  ['copy', '', false],
  ['resize', 'VDI_RESIZE', false],
  ['destroy', 'VDI_DELETE', false],
  ['update', 'VDI_UPDATE', true],
  ['generate_config', 'VDI_GENERATE_CONFIG', true],
  ['enable_cbt', 'VDI_CONFIG_CBT', true],
  ['set_on_boot', 'VDI_RESET_ON_BOOT', false],
  ['forget', '', false],
] as const;

/** The features of a repository's kind of storage. */
export function featuresOf(world: World, sr: Ref<'SR'>): ReadonlySet<string> {
  const type = world.db.get('SR', sr)?.type;
  return new Set(world.db.find('SM', (kind) => kind.type === type)?.[1].capabilities);
}

/** Whether a block device of a machine holds the image now. */
export const imageInUse = (world: World, { VBDs }: Records['VDI']): boolean =>
  VBDs.some((ref) => world.db.get('VBD', ref)?.currently_attached === true);

/** Whether any host has the repository plugged. */
export const isPlugged = (world: World, sr: Ref<'SR'>): boolean =>
  (world.db.get('SR', sr)?.PBDs ?? []).some((ref) => world.db.get('PBD', ref)?.currently_attached === true);

const vdi: Refresh<'VDI'> = (world, _ref, record) => {
  const sr = world.db.get('SR', record.SR);
  if (sr === undefined || !idle(record) || !isPlugged(world, record.SR)) return { allowed_operations: [] };
  const features = featuresOf(world, record.SR);
  const iso = sr.content_type === 'iso';
  const used = imageInUse(world, record);
  const allowed = imageFeatures.filter(
    ([operation, feature, whileUsed]) =>
      (feature === '' || features.has(feature)) &&
      (whileUsed || !used) &&
      !(iso && operation !== 'copy' && operation !== 'forget'),
  );
  return { allowed_operations: allowed.map(([operation]) => operation) };
};

const sr: Refresh<'SR'> = (world, ref, record) => {
  if (!idle(record)) return { allowed_operations: [] };
  if (!isPlugged(world, ref)) return { allowed_operations: ['destroy', 'forget', 'plug', 'pbd_create', 'pbd_destroy'] };
  const features = featuresOf(world, ref);
  const images = [
    ['vdi_create', 'VDI_CREATE'],
    ['vdi_destroy', 'VDI_DELETE'],
    ['vdi_resize', 'VDI_RESIZE'],
    ['vdi_clone', 'VDI_CLONE'],
    ['vdi_snapshot', 'VDI_SNAPSHOT'],
    ['vdi_mirror', 'VDI_MIRROR'],
    ['vdi_enable_cbt', 'VDI_CONFIG_CBT'],
    ['vdi_set_on_boot', 'VDI_RESET_ON_BOOT'],
    ['vdi_introduce', 'VDI_INTRODUCE'],
  ] as const;
  const allowed = images.filter(([, feature]) => features.has(feature)).map(([operation]) => operation);
  return { allowed_operations: ['scan', 'update', 'plug', 'unplug', 'pbd_create', ...allowed] };
};

/** A live, enabled host takes machines; a disabled one can be emptied and stopped; a dead one can be switched on. */
const host: Refresh<'host'> = (world, _ref, record) => {
  if (!idle(record)) return { allowed_operations: [] };
  if (world.db.get('host_metrics', record.metrics)?.live !== true)
    return { allowed_operations: record.power_on_mode === '' ? [] : ['power_on'] };
  if (record.enabled) return { allowed_operations: ['provision', 'evacuate', 'vm_start', 'vm_resume', 'vm_migrate'] };
  return { allowed_operations: ['evacuate', 'shutdown', 'reboot', 'vm_migrate', 'apply_updates', 'enable'] };
};

const appliance: Refresh<'VM_appliance'> = (world, _ref, record) => {
  if (!idle(record)) return { allowed_operations: [] };
  const states = record.VMs.map((vm) => world.db.get('VM', vm)?.power_state);
  const start = states.some((state) => state !== 'Running') ? (['start'] as const) : [];
  const stop = states.some((state) => state !== 'Halted')
    ? (['clean_shutdown', 'hard_shutdown', 'shutdown'] as const)
    : [];
  return { allowed_operations: [...start, ...stop] };
};

type Refreshed = 'VM' | 'VBD' | 'VIF' | 'VDI' | 'SR' | 'host' | 'network' | 'pool' | 'VM_appliance' | 'VTPM' | 'VUSB';

const rules: { readonly [C in Refreshed]: Refresh<C> } = {
  VM: (world, ref) => ({ allowed_operations: vmAllowed(world, ref) }),
  VBD: vbd,
  VIF: vif,
  VDI: vdi,
  SR: sr,
  host,
  network: (_world, _ref, record) => ({ allowed_operations: idle(record) ? ['attaching'] : [] }),
  pool: (_world, _ref, record) => ({
    allowed_operations: [record.ha_enabled ? 'ha_disable' : 'ha_enable', 'designate_new_master', 'cert_refresh'],
  }),
  VM_appliance: appliance,
  VTPM: () => ({ allowed_operations: ['destroy'] }),
  VUSB: (world, _ref, record) => ({
    allowed_operations: world.db.get('VM', record.VM)?.power_state === 'Running' ? ['unplug'] : ['attach'],
  }),
};

/** Works out again what may be done to an object, and to what goes with it. */
export function refresh(world: World, of: string, ref: string): void {
  if (!Object.hasOwn(rules, of)) return;
  const record = world.db.get(of as Refreshed, ref);
  if (record === undefined) return;
  const rule = rules[of as Refreshed] as Refresh<RemoteClass>;
  world.db.update(of as RemoteClass, ref, rule(world, ref as Ref<RemoteClass>, record as Records[RemoteClass]));
}

/** A machine, its devices and their images. */
export function refreshMachine(world: World, ref: Ref<'VM'>): void {
  refresh(world, 'VM', ref);
  const vm = world.db.get('VM', ref);
  for (const vbd of vm?.VBDs ?? []) {
    refresh(world, 'VBD', vbd);
    const image = world.db.get('VBD', vbd)?.VDI;
    if (image !== undefined && image !== NULL_REF) refresh(world, 'VDI', image);
  }
  for (const vif of vm?.VIFs ?? []) refresh(world, 'VIF', vif);
  for (const vusb of vm?.VUSBs ?? []) refresh(world, 'VUSB', vusb);
  if (vm !== undefined) refresh(world, 'VM_appliance', vm.appliance);
}

/** A host's free memory, as host_metrics has it, and what may be done to the host. */
export function refreshHost(world: World, ref: Ref<'host'>): void {
  const record = world.db.get('host', ref);
  if (record === undefined) return;
  const live = world.db.get('host_metrics', record.metrics)?.live === true;
  const memory_free = live ? freeMemory(world, ref) : 0n;
  if (world.db.get('host_metrics', record.metrics)?.memory_free !== memory_free)
    world.db.update('host_metrics', record.metrics, { memory_free, last_updated: world.clock.text() });
  refresh(world, 'host', ref);
}

/** Everything, once at the start and after faults. */
export function refreshAll(world: World): void {
  for (const of of Object.keys(rules)) for (const ref of world.db.refs(of as Refreshed)) refresh(world, of, ref);
  for (const ref of world.db.refs('host')) refreshHost(world, ref);
}
