import type { CimInstance } from '../cim/instance.js';
import type { View } from '../xenapi/view.js';
import { invalid, missing } from './input.js';
import { textIn, textsIn } from './instance.js';
import { Refusal } from './return-code.js';
import { mapOf } from './setter.js';

type Config = Readonly<Record<string, string>>;

/** What settings say of a repository that is to be made or found. */
export interface StorageKind {
  /** SR.type: `nfs`, `lvmoiscsi`, `ext`. */
  readonly type: string;
  /** SR.content_type. */
  readonly content: 'iso' | 'user';
  /** Whether every host of the pool is to be connected. */
  readonly shared: boolean;
}

/** Storage that one host alone can reach. */
const localTypes: ReadonlySet<string> = new Set(['ext', 'lvm', 'xfs', 'zfs', 'file', 'largeblock', 'udev']);

/** A library of media in a folder of the host itself. */
const isFolder = (config: Config): boolean =>
  config['legacy_mode'] === 'true' || /^\/(?!\/)/.test(config['location'] ?? '');

const mediaTypes: ReadonlySet<number> = new Set([15, 16]);
const diskTypes: ReadonlySet<number> = new Set([17, 19, 31]);

/** Return value of methods on pools: the pool cannot hold resources of that type. */
export const wrongResourceType = 7;

/** Refuses a ResourceType that storage of that kind does not hold: 7 (CIM_ResourcePoolConfigurationService). */
function assertHolds(content: 'iso' | 'user', resourceType: number | undefined): void {
  if (resourceType === undefined || (content === 'iso' ? mediaTypes : diskTypes).has(resourceType)) return;
  const held = content === 'iso' ? 'media (15 or 16)' : 'disks (19)';
  throw new Refusal(wrongResourceType, `such a repository holds ${held}, and none of ResourceType ${resourceType}`);
}

/** The kind of storage that settings name; the pool tells which there are (XenAPI class SM). */
export function kindIn(view: View, settings: CimInstance, config: Config, resourceType?: number): StorageKind {
  const type = textIn(settings, 'ResourceSubType') ?? '';
  const kinds = [...view.refs('SM')].map((ref) => view.get('SM', ref)!.type);
  const known = kinds.length === 0 ? 'a type of storage such as nfs' : `one of ${kinds.sort().join(', ')}`;
  if (type === '') missing('Settings.ResourceSubType', known);
  if (kinds.length > 0 && !kinds.includes(type))
    invalid(`Settings.ResourceSubType wants ${known}; got "${type.slice(0, 40)}"`);
  const content = type === 'iso' ? 'iso' : 'user';
  assertHolds(content, resourceType);
  return { type, content, shared: !localTypes.has(type) && !(type === 'iso' && isFolder(config)) };
}

/** How storage is reached, by `Connection`; undefined where settings do not say. */
export function configIn(settings: CimInstance): Config | undefined {
  const pairs = textsIn(settings, 'Connection');
  return pairs === undefined || pairs.length === 0 ? undefined : mapOf('Settings.Connection', pairs);
}

/** INVALID_PARAMETER where the storage manager says that it needs more to reach storage of a type. */
export function assertComplete(view: View, { type }: StorageKind, config: Config): void {
  const manager = [...view.refs('SM')].map((ref) => view.get('SM', ref)!).find((each) => each.type === type);
  for (const [key, what] of Object.entries(manager?.configuration ?? {})) {
    if (/\(required\)/.test(what) && !config[key]) missing(`${key}= in Settings.Connection`, what);
  }
}
