import type { Ref } from '../../xenapi/records.js';
import type { PoolBuilder } from './builder.js';

/** What some machines find under vm-data, deep keys and a secret among it; what is not for the guest stands beside it. */
const handed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'web-01': {
    'vm-data/role': 'front end',
    'vm-data/config/site': 'Zürich <1>',
    'vm-data/config/api-token': 'k3yval',
    'vm-data': '',
    'FIST/pod': 'no',
  },
  'win-11': { 'vm-data/hostname': 'win-11' },
};

/** Hands keys and values to machines; before the snapshots, which hold them too. */
export function addKeyValuePairs(builder: PoolBuilder, machines: ReadonlyMap<string, Ref<'VM'>>): void {
  for (const [name, xenstore_data] of Object.entries(handed)) {
    builder.amend('VM', machines.get(name) as Ref<'VM'>, { xenstore_data });
  }
}
