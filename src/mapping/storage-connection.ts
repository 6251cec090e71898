import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { masked, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { degraded, enabledColumns, stopped, unreachable, working } from './condition.js';
import { host } from './host.js';
import { storagePool } from './storage.js';

type Pbd = Records['PBD'];
interface Ends {
  readonly host: Records['host'] | undefined;
  readonly metrics: Records['host_metrics'] | undefined;
  readonly sr: Records['SR'] | undefined;
}

/** Paths to the disks of a repository: how many work, of how many. */
interface Paths {
  readonly active: number;
  readonly total: number;
}

/**
 * The paths of all disks together, as the storage manager counts them in other_config: `mpath-<disk>` is
 * `[<active>, <most seen>]`. Undefined where it does not count, since the host has multipathing off.
 */
export function pathsOf({ other_config }: Pbd): Paths | undefined {
  if (other_config['multipathed'] !== 'true') return undefined;
  let paths: Paths | undefined;
  for (const key in other_config) {
    const found = key.startsWith('mpath-') ? /^\[\s*(\d+)\s*,\s*(\d+)\s*\]$/.exec(other_config[key]!) : null;
    if (!found) continue;
    paths = { active: (paths?.active ?? 0) + Number(found[1]), total: (paths?.total ?? 0) + Number(found[2]) };
  }
  return paths;
}

const missing = (pbd: Pbd): boolean => {
  const paths = pathsOf(pbd);
  return paths !== undefined && paths.active < paths.total;
};

type State = 'away' | 'unplugged' | 'narrowed' | 'plugged';

function stateOf(pbd: Pbd, { metrics }: Ends): State {
  if (metrics?.live === false) return 'away';
  if (!pbd.currently_attached) return 'unplugged';
  return missing(pbd) ? 'narrowed' : 'plugged';
}

const connectionState = states(stateOf, {
  plugged: { ...working, StatusDescriptions: null },
  narrowed: { ...degraded, StatusDescriptions: ['Some of the paths to the storage do not work'] },
  unplugged: {
    ...stopped,
    HealthState: label('Major failure'),
    StatusDescriptions: ['The host is not connected to the storage'],
  },
  away: { ...unreachable, StatusDescriptions: ['The host does not answer'] },
});

export const storageConnection = element('Xen_StorageConnection', 'PBD', {
  reads: { host: ['host'], metrics: ['host', 'metrics'], sr: ['SR'] },
  key: { form: 'endpoint', systemClass: 'Xen_HostComputerSystem', owner: 'host' },
  properties: {
    Caption: { value: 'Connection of a Xen host to a storage repository' },
    ElementName: { calc: ({ uuid }, { host, sr }) => (host && sr ? `${host.name_label}: ${sr.name_label}` : uuid) },
    DeviceConfig: { field: 'device_config', as: masked },
    Multipath: { calc: (pbd) => pathsOf(pbd) !== undefined },
    ActivePaths: { calc: (pbd) => pathsOf(pbd)?.active },
    TotalPaths: { calc: (pbd) => pathsOf(pbd)?.total },
    ...enabledColumns(connectionState),
    StatusDescriptions: connectionState('StatusDescriptions'),
  },
});

export const storageConnectionAssociations = [
  association('Xen_HostedStorageConnection', ['Dependent', storageConnection], ['Antecedent', host], ['host']),
  association(
    'Xen_StorageConnectionAvailableForElement',
    ['AvailableSAP', storageConnection],
    ['ManagedElement', storagePool],
    ['SR'],
  ),
];
