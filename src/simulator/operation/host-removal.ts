import type { Records, Ref, RemoteClass } from '../../xenapi/records.js';
import { NULL_REF } from '../../xenapi/records.js';
import type { World } from '../world.js';
import { refreshAll } from './allowed.js';
import { dissolve } from './vm-destroy.js';

type Host = Ref<'host'>;
const none = NULL_REF as Host;

/** Classes whose records belong to one host, by their field `host`. */
const hostClasses = [
  'host_cpu',
  'host_crashdump',
  'host_patch',
  'Certificate',
  'Feature',
  'PCI',
  'PGPU',
  'PUSB',
  'PVS_cache_storage',
] as const satisfies readonly RemoteClass[];

type OfHost = Records[(typeof hostClasses)[number]] & { readonly host: Host };

/** Repositories that only this host has plugs of, and that are not shared: they are wiped (facts 5.6). */
function wipeLocal({ db }: World, host: Host): void {
  for (const pbd of db.need('host', host).PBDs) {
    const { SR } = db.need('PBD', pbd);
    db.remove('PBD', pbd);
    const sr = db.get('SR', SR);
    if (sr === undefined || sr.shared || sr.PBDs.length > 0) continue;
    for (const vdi of sr.VDIs) {
      for (const vbd of db.need('VDI', vdi).VBDs) db.remove('VBD', vbd);
      db.remove('VDI', vdi);
    }
    db.remove('SR', SR);
  }
}

/** Bonds, VLANs and interfaces, and what shows their state. */
function removeInterfaces({ db }: World, host: Host): void {
  const pifs = new Set<string>(db.need('host', host).PIFs);
  for (const [ref, { master }] of [...db.entries('Bond')]) if (pifs.has(master)) db.remove('Bond', ref);
  for (const [ref, { tagged_PIF }] of [...db.entries('VLAN')]) if (pifs.has(tagged_PIF)) db.remove('VLAN', ref);
  for (const pif of pifs) {
    const { metrics } = db.need('PIF', pif);
    db.remove('PIF', pif);
    db.remove('PIF_metrics', metrics);
  }
}

/** Machines would rather run there no more. */
function forgetAffinity({ db }: World, host: Host): void {
  for (const [vm, { affinity, resident_on }] of db.entries('VM')) {
    if (affinity === host) db.update('VM', vm, { affinity: none });
    if (resident_on === host) db.update('VM', vm, { resident_on: none });
  }
}

/** Takes a host out of the pool with all that is only there (facts 5.6). */
export function removeHost(world: World, ref: Host): void {
  const { db } = world;
  const { control_domain, metrics } = db.need('host', ref);
  if (db.get('VM', control_domain) !== undefined) dissolve(world, control_domain);
  wipeLocal(world, ref);
  removeInterfaces(world, ref);
  for (const of of hostClasses)
    for (const [each, record] of [...db.entries(of)]) if ((record as OfHost).host === ref) db.remove(of, each);
  forgetAffinity(world, ref);
  db.remove('host', ref);
  db.remove('host_metrics', metrics);
  refreshAll(world);
}
