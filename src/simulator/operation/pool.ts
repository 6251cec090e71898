import type { Ref } from '../../xenapi/records.js';
import { refuse, refuseIf } from '../failure.js';
import type { Call, HandlerTable } from '../world.js';
import { during, spend } from './during.js';
import { removeHost } from './host-removal.js';
import { assertJoins, bringInto } from './pool-join.js';
import { poolObstacle } from './pool-rule.js';

type Host = Ref<'host'>;

/** XenAPI pool.eject: a member becomes a pool of its own; the coordinator does not (facts 5.6). */
async function eject(call: Call, host: Host): Promise<void> {
  const { world } = call;
  world.db.need('host', host);
  refuseIf(poolObstacle(world, 'eject'));
  if (host === world.coordinator()) refuse('INTERNAL_ERROR', 'The coordinator cannot be ejected from its pool');
  const resident = (): void => {
    const guests = world.db.need('host', host).resident_VMs.filter((vm) => !world.db.need('VM', vm).is_control_domain);
    if (guests.length > 0) refuse('OPERATION_NOT_ALLOWED', 'VM resident on host');
  };
  resident();
  const obstacle = () => poolObstacle(world, 'eject');
  await during(call, { of: 'pool', ref: world.pool(), operation: 'eject', obstacle }, async () => {
    await spend(call);
    resident();
    await world.site.close(host);
    removeHost(world, host);
  });
}

/** XenAPI pool.designate_new_master: sessions and tasks do not survive it (facts 1.6). */
async function designate(call: Call, host: Host): Promise<void> {
  const { world } = call;
  const { metrics } = world.db.need('host', host);
  refuseIf(poolObstacle(world, 'designate_new_master'));
  if (world.db.get('host_metrics', metrics)?.live !== true) refuse('HOST_NOT_LIVE');
  await spend(call);
  setImmediate(() => {
    world.db.update('pool', world.pool(), { master: host });
    world.sessions.closeAll();
    world.tasks.clear();
  });
}

/** XenAPI pool.join, sent to the host that joins: the coordinator's address, and who may let it in there (facts 5.6). */
const join =
  (force: boolean) =>
  async (call: Call, address: string, user: string, password: string): Promise<void> => {
    const { world } = call;
    const there = assertJoins(world, address, { user, password, force });
    await spend(call);
    bringInto(world, there);
  };

/** The messages of class pool that change who is in it (facts 5.6). */
export const poolHandlers: HandlerTable = {
  'pool.eject': eject,
  'pool.designate_new_master': designate,
  'pool.join': join(false),
  'pool.join_force': join(true),
  'pool.has_extension': () => false,
  'pool.sync_database': () => undefined,
  'pool.recover_slaves': () => [],
};
