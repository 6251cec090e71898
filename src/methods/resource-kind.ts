import type { CimInstance } from '../cim/instance.js';
import type { InstancePath } from '../cim/path.js';
import type { View } from '../xenapi/view.js';
import { consoleResource } from './console-resource.js';
import { diskResource } from './disk-resource.js';
import { invalid } from './input.js';
import { integerIn, textIn } from './instance.js';
import { memoryResource } from './memory-resource.js';
import { networkResource } from './network-resource.js';
import { pairResource } from './pair-resource.js';
import { processorResource } from './processor-resource.js';
import { shownPath } from './reference.js';
import type { Existing, ResourceKind } from './resource.js';

/** Every kind of resources, under the class of its settings; the name of the kind of a class is that of its row. */
const kinds = {
  Xen_ProcessorSettingData: processorResource,
  Xen_MemorySettingData: memoryResource,
  Xen_DiskSettingData: diskResource,
  Xen_NetworkPortSettingData: networkResource,
  Xen_ConsoleSettingData: consoleResource,
  Xen_KVPSettingData: pairResource,
} as const satisfies Record<string, ResourceKind>;

export type ResourceClass = keyof typeof kinds;

/** Classes of settings by any name that clients use for them. */
const byClass: Readonly<Record<string, ResourceClass>> = {
  ...Object.fromEntries(Object.keys(kinds).map((name) => [name, name as ResourceClass])),
  Xen_KVP: 'Xen_KVPSettingData',
};

/** CIM_ResourceAllocationSettingData.ResourceType. */
const byType: ReadonlyMap<bigint, ResourceClass> = new Map([
  [3n, 'Xen_ProcessorSettingData'],
  [4n, 'Xen_MemorySettingData'],
  [10n, 'Xen_NetworkPortSettingData'],
  [14n, 'Xen_DiskSettingData'],
  [15n, 'Xen_DiskSettingData'],
  [16n, 'Xen_DiskSettingData'],
  [17n, 'Xen_DiskSettingData'],
  [19n, 'Xen_DiskSettingData'],
  [24n, 'Xen_ConsoleSettingData'],
  [31n, 'Xen_DiskSettingData'],
  [33n, 'Xen_NetworkPortSettingData'],
]);

export interface Kinded {
  readonly className: ResourceClass;
  readonly kind: ResourceKind;
}

const kinded = (className: ResourceClass): Kinded => ({ className, kind: kinds[className] });

/**
 * What kind of resource settings are for: by their class where that is one of ours, by ResourceType where it is a
 * standard one (client-compatibility 2). INVALID_PARAMETER where they say nothing of use, or contradict themselves.
 */
export function kindOf(settings: CimInstance): Kinded {
  const { className } = settings.shape;
  const type = integerIn(settings, 'ResourceType');
  const typed = type === undefined ? undefined : byType.get(type);
  const named = Object.hasOwn(byClass, className) ? byClass[className] : undefined;
  if (named && typed && named !== typed) invalid(`ResourceType ${type} is none of ${className}`);
  const found = named ?? typed;
  if (found) return kinded(found);
  const told = type === undefined ? 'no ResourceType' : `ResourceType ${type}`;
  return invalid(`an instance of ${className} with ${told} is no resource that machines have here`);
}

export interface Found extends Kinded {
  readonly existing: Existing;
}

/** The resource that a path means: by the kind of its class where that says it, else by what its key leads to. */
export function findResource(view: View, path: InstancePath): Found {
  const order = Object.keys(kinds) as ResourceClass[];
  const hinted = Object.hasOwn(byClass, path.className) ? [byClass[path.className]!] : [];
  for (const className of [...hinted, ...order]) {
    const existing = kinds[className].find(view, path);
    if (existing) return { ...kinded(className), existing };
  }
  return invalid(`the pool has no resource of a machine for ${shownPath(path)}`);
}

/** The resource that settings with an InstanceID are of. */
export function foundResource(view: View, settings: CimInstance): Found {
  const id = textIn(settings, 'InstanceID') ?? textIn(settings, 'DeviceID');
  if (id === undefined || id === '')
    invalid(`the settings of ${settings.shape.className} want the InstanceID of what is to be changed`);
  const path: InstancePath = {
    kind: 'path',
    className: settings.shape.className,
    keys: [{ name: '', type: 'string', value: id! }],
  };
  return findResource(view, path);
}
