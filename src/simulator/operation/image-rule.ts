import { enumValues } from '../../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, runningOn } from './clash.js';
import { featuresOf, isPlugged } from './repository-rule.js';

export type ImageOperation = (typeof enumValues.vdi_operations)[number];
type Image = Records['VDI'];

interface Rule {
  /** The feature that the kind of storage needs. */
  readonly feature?: string;
  /** Can be done while a machine uses the image. */
  readonly live?: boolean;
  /** What speaks against it for this image. */
  readonly check?: (world: World, vdi: Image, ref: Ref<'VDI'>) => XenApiFailure | undefined;
}

const haTypes: ReadonlySet<string> = new Set(['ha_statefile', 'redo_log']);

const notForHa = (world: World, { type }: Image): XenApiFailure | undefined =>
  world.db.need('pool', world.pool()).ha_enabled && haTypes.has(type) ? new XenApiFailure('HA_IS_ENABLED') : undefined;

/** A drive's medium and the tools stay; an ISO library can delete, but not through here (facts 5.4). */
function destructible(world: World, vdi: Image, ref: Ref<'VDI'>): XenApiFailure | undefined {
  const sr = world.db.get('SR', vdi.SR);
  if (sr?.type === 'udev') return new XenApiFailure('VDI_IS_A_PHYSICAL_DEVICE', ref);
  if (sr?.is_tools_sr === true || sr?.content_type === 'iso')
    return new XenApiFailure('SR_OPERATION_NOT_SUPPORTED', vdi.SR);
  return notForHa(world, vdi);
}

const resetOnBoot = (_world: World, { on_boot }: Image): XenApiFailure | undefined =>
  on_boot === 'reset' ? new XenApiFailure('VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION') : undefined;

const tracked = (_world: World, { cbt_enabled }: Image, ref: Ref<'VDI'>): XenApiFailure | undefined =>
  cbt_enabled ? undefined : new XenApiFailure('VDI_NO_CBT_METADATA', ref);

const copyable = (_world: World, { type }: Image, ref: Ref<'VDI'>): XenApiFailure | undefined => {
  if (type === 'cbt_metadata') return new XenApiFailure('VDI_INCOMPATIBLE_TYPE', ref, type);
  return haTypes.has(type) ? new XenApiFailure('OPERATION_NOT_ALLOWED', 'VDIs of HA cannot be copied') : undefined;
};

const rules: Partial<Record<ImageOperation, Rule>> = {
  snapshot: { feature: 'VDI_SNAPSHOT', live: true, check: resetOnBoot },
  clone: { live: true, check: copyable },
  copy: { check: copyable },
  resize: { feature: 'VDI_RESIZE', check: notForHa },
  resize_online: { feature: 'VDI_RESIZE_ONLINE', live: true, check: notForHa },
  mirror: { feature: 'VDI_MIRROR', live: true },
  destroy: { feature: 'VDI_DELETE', check: destructible },
  forget: { check: notForHa },
  update: { feature: 'VDI_UPDATE', live: true },
  generate_config: { feature: 'VDI_GENERATE_CONFIG', live: true },
  enable_cbt: { feature: 'VDI_CONFIG_CBT', live: true },
  disable_cbt: { feature: 'VDI_CONFIG_CBT', live: true },
  data_destroy: { feature: 'VDI_CONFIG_CBT', check: tracked },
  list_changed_blocks: { feature: 'VDI_CONFIG_CBT', live: true, check: tracked },
  set_on_boot: { feature: 'VDI_RESET_ON_BOOT' },
};

/** Whether a block device of a machine holds the image now; a copy needs it to be for reading only. */
export const imageInUse = ({ db }: World, { VBDs }: Image, forWriting = false): boolean =>
  VBDs.map((ref) => db.get('VBD', ref)).some(
    (vbd) => vbd?.currently_attached === true && (!forWriting || vbd.mode === 'RW'),
  );

/** Block devices on their way make others wait (facts 5.4). */
function devicesBusy({ db }: World, ref: string, { VBDs }: Image): XenApiFailure | undefined {
  const running = VBDs.flatMap((vbd) => {
    const device = db.get('VBD', vbd);
    return device === undefined ? [] : runningOn(device);
  });
  return clashOf('VDI', ref, running.slice(0, 1));
}

/** What stands against an operation on an image now; undefined when nothing does (facts 5.4). */
export function imageObstacle(world: World, ref: Ref<'VDI'>, operation: ImageOperation): XenApiFailure | undefined {
  const vdi = world.db.need('VDI', ref);
  const rule = rules[operation];
  const running = runningOn(vdi).filter(([, current]) => !(current === 'copy' && operation === 'copy'));
  const clash = clashOf('VDI', ref, running);
  if (clash !== undefined) return clash;
  if (rule === undefined) return new XenApiFailure('OPERATION_NOT_ALLOWED', `VDI operation ${operation}`);
  if (operation !== 'forget' && !isPlugged(world, vdi.SR)) return new XenApiFailure('SR_HAS_NO_PBDS', vdi.SR);
  if (rule.live !== true && imageInUse(world, vdi, operation === 'copy'))
    return new XenApiFailure('VDI_IN_USE', ref, operation);
  const busy = devicesBusy(world, ref, vdi);
  if (busy !== undefined) return busy;
  const failure = rule.check?.(world, vdi, ref);
  if (failure !== undefined) return failure;
  if (rule.feature !== undefined && !featuresOf(world, vdi.SR).has(rule.feature))
    return new XenApiFailure('SR_OPERATION_NOT_SUPPORTED', vdi.SR);
  return undefined;
}

/** VDI.allowed_operations: what nothing stands against. */
export const imageAllowed = (world: World, ref: Ref<'VDI'>): ImageOperation[] =>
  isPlugged(world, world.db.need('VDI', ref).SR)
    ? enumValues.vdi_operations.filter((operation) => imageObstacle(world, ref, operation) === undefined)
    : [];
