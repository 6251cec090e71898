import { enumValues } from '../../xenapi/datamodel.generated.js';
import type { Records, Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, type Running, runningOn } from './clash.js';

export type RepositoryOperation = (typeof enumValues.storage_operations)[number];
type Sr = Ref<'SR'>;

/** The feature that a repository's kind of storage needs for an operation; clones are made up where it has none. */
const needed: Partial<Record<RepositoryOperation, string>> = {
  vdi_create: 'VDI_CREATE',
  vdi_destroy: 'VDI_DELETE',
  vdi_resize: 'VDI_RESIZE',
  vdi_introduce: 'VDI_INTRODUCE',
  vdi_snapshot: 'VDI_SNAPSHOT',
  vdi_mirror: 'VDI_MIRROR',
  vdi_enable_cbt: 'VDI_CONFIG_CBT',
  vdi_disable_cbt: 'VDI_CONFIG_CBT',
  vdi_data_destroy: 'VDI_CONFIG_CBT',
  vdi_list_changed_blocks: 'VDI_CONFIG_CBT',
  vdi_set_on_boot: 'VDI_RESET_ON_BOOT',
  update: 'SR_UPDATE',
};

/** What the tools' repository is spared, whatever its kind can do. */
const sparedTools: ReadonlySet<string> = new Set(['VDI_CREATE', 'VDI_DELETE']);

const noFeatures: ReadonlySet<string> = new Set();
const featureSets = new WeakMap<readonly string[], ReadonlySet<string>>();
const toolFeatureSets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(features: readonly string[], tools: boolean): ReadonlySet<string> {
  const sets = tools ? toolFeatureSets : featureSets;
  const known = sets.get(features);
  if (known !== undefined) return known;
  const made = new Set(tools ? features.filter((feature) => !sparedTools.has(feature)) : features);
  sets.set(features, made);
  return made;
}

/** The features of a repository's kind of storage (SM.capabilities). */
export function featuresOf(world: World, ref: Sr): ReadonlySet<string> {
  const sr = world.db.get('SR', ref);
  const kind = world.db.find('SM', ({ type }) => type === sr?.type)?.[1].capabilities;
  return kind === undefined ? noFeatures : setOf(kind, sr?.is_tools_sr === true);
}

/** Whether a repository is plugged on any host. */
export const isPlugged = (world: World, ref: Sr): boolean =>
  (world.db.get('SR', ref)?.PBDs ?? []).some((pbd) => world.db.get('PBD', pbd)?.currently_attached === true);

const isOn = (text: string | undefined): boolean => text === 'true';

/** SR_INDESTRUCTIBLE [sr], SR_HAS_PBD [sr], SR_HAS_NO_PBDS [sr], SR_NOT_EMPTY [], in this order (facts 5.4). */
function obstacleToDestroy(world: World, ref: Sr, sr: Records['SR']): XenApiFailure | undefined {
  if (isOn(sr.other_config['indestructible'])) return new XenApiFailure('SR_INDESTRUCTIBLE', ref);
  if (isPlugged(world, ref)) return new XenApiFailure('SR_HAS_PBD', ref);
  if (sr.PBDs.length === 0) return new XenApiFailure('SR_HAS_NO_PBDS', ref);
  const managed = sr.VDIs.some((vdi) => world.db.get('VDI', vdi)?.managed === true);
  return managed ? new XenApiFailure('SR_NOT_EMPTY') : undefined;
}

/** One at a time; plugs may go one beside the other. */
const clashing = (sr: Records['SR'], operation: RepositoryOperation): Running[] =>
  runningOn(sr).filter(([, current]) => !(current === 'unplug' && operation === 'unplug'));

/** What stands against an operation on a repository now; undefined when nothing does (facts 5.4). */
export function repositoryObstacle(world: World, ref: Sr, operation: RepositoryOperation): XenApiFailure | undefined {
  const sr = world.db.need('SR', ref);
  const feature = needed[operation];
  if (feature !== undefined && !featuresOf(world, ref).has(feature))
    return new XenApiFailure('SR_OPERATION_NOT_SUPPORTED', ref);
  if (operation === 'destroy') {
    const obstacle = obstacleToDestroy(world, ref, sr);
    if (obstacle !== undefined) return obstacle;
  }
  if (operation === 'forget' && isPlugged(world, ref)) return new XenApiFailure('SR_HAS_PBD', ref);
  return clashOf('SR', ref, clashing(sr, operation));
}

/** Operations that an unplugged repository does not list, though the question alone would not refuse them. */
const live: ReadonlySet<string> = new Set(['scan', 'update', 'unplug', ...Object.keys(needed), 'vdi_clone']);

/** SR.allowed_operations: what nothing stands against, of an unplugged one only what needs no plug. */
export function repositoryAllowed(world: World, ref: Sr): RepositoryOperation[] {
  const plugged = isPlugged(world, ref);
  return enumValues.storage_operations.filter(
    (operation) => (plugged || !live.has(operation)) && repositoryObstacle(world, ref, operation) === undefined,
  );
}
