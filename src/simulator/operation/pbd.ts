import type { Records, Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { construct } from '../record.js';
import type { AnyRecord } from '../type.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh } from './allowed.js';
import { spend } from './during.js';
import { storageFails } from './image.js';
import { attachRepository } from './shelving.js';

type Pbd = Ref<'PBD'>;
type Sr = Ref<'SR'>;

/** A repository and its images after its plugs have changed. */
export function refreshRepository(world: World, ref: Sr): void {
  refresh(world, 'SR', ref);
  for (const vdi of world.db.get('SR', ref)?.VDIs ?? []) refresh(world, 'VDI', vdi);
}

/** The images that machines of a host use through a plug. */
function imagesInUse({ db }: World, { SR, host }: Records['PBD']): Ref<'VDI'>[] {
  return (db.get('SR', SR)?.VDIs ?? []).filter((vdi) =>
    db.need('VDI', vdi).VBDs.some((ref) => {
      const vbd = db.need('VBD', ref);
      return vbd.currently_attached && db.get('VM', vbd.VM)?.resident_on === host;
    }),
  );
}

const pluggedElsewhere = ({ db }: World, ref: Pbd, { SR }: Records['PBD']): boolean =>
  db.need('SR', SR).PBDs.some((other) => other !== ref && db.need('PBD', other).currently_attached);

/** Plugs a repository on a host; once more is nothing (facts 5.4). */
async function plug(call: Call, ref: Pbd): Promise<void> {
  const { world } = call;
  const pbd = world.db.need('PBD', ref);
  if (pbd.currently_attached) return;
  if (world.db.get('host_metrics', world.db.need('host', pbd.host).metrics)?.live !== true)
    refuse('HOST_OFFLINE', pbd.host);
  const sr = world.db.need('SR', pbd.SR);
  if (!sr.shared && pluggedElsewhere(world, ref, pbd)) refuse('SR_NOT_SHARABLE', pbd.SR, pbd.host);
  await spend(call);
  attachRepository(world, pbd.SR, pbd);
  world.db.update('PBD', ref, { currently_attached: true });
  refreshRepository(world, pbd.SR);
}

/** Unplugs a repository from a host, when no machine there uses it: VDI_IN_USE [vdi...] (facts 5.4). */
async function unplug(call: Call, ref: Pbd): Promise<void> {
  const { world } = call;
  const pbd = world.db.need('PBD', ref);
  if (!pbd.currently_attached) return;
  const pool = world.db.need('pool', world.pool());
  const statefiles = pool.ha_statefiles.map((vdi) => world.db.get('VDI', vdi as string)?.SR);
  if (pool.ha_enabled && statefiles.includes(pbd.SR)) refuse('HA_IS_ENABLED');
  const used = imagesInUse(world, pbd);
  if (used.length > 0) refuse('VDI_IN_USE', ...used);
  await spend(call);
  world.db.update('PBD', ref, { currently_attached: false });
  refreshRepository(world, pbd.SR);
}

/** XenAPI PBD.create: one for a repository and a host, not plugged; PBD_EXISTS [sr, host, pbd] (facts 5.4). */
function create({ world }: Call, given: AnyRecord): Pbd {
  const made = construct('PBD', given) as unknown as Records['PBD'];
  world.db.need('host', made.host);
  const known = world.db.need('SR', made.SR).PBDs.find((pbd) => world.db.need('PBD', pbd).host === made.host);
  if (known !== undefined) refuse('PBD_EXISTS', made.SR, made.host, known);
  const ref = world.ids.ref() as Pbd;
  world.db.insert('PBD', ref, { ...made, uuid: world.ids.uuid(), currently_attached: false });
  refresh(world, 'SR', made.SR);
  return ref;
}

function destroy({ world }: Call, ref: Pbd): void {
  const { currently_attached, SR } = world.db.need('PBD', ref);
  if (currently_attached) refuse('OPERATION_NOT_ALLOWED', 'PBD is currently attached');
  world.db.remove('PBD', ref);
  refresh(world, 'SR', SR);
}

function setConfig({ world }: Call, ref: Pbd, device_config: Readonly<Record<string, string>>): void {
  if (world.db.need('PBD', ref).currently_attached) storageFails(16, 'The SR device is currently in use');
  world.db.update('PBD', ref, { device_config });
}

/** The messages of class PBD (facts 5.4). */
export const pbdHandlers: HandlerTable = {
  'PBD.plug': plug,
  'PBD.unplug': unplug,
  'PBD.create': create,
  'PBD.destroy': destroy,
  'PBD.set_device_config': setConfig,
};
