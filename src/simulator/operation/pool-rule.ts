import type { enumValues } from '../../xenapi/datamodel.generated.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, runningOn } from './clash.js';

export type PoolOperation = (typeof enumValues.pool_allowed_operations)[number];

/** The operations that a pool lists. */
const listable: readonly PoolOperation[] = [
  'ha_enable',
  'ha_disable',
  'cluster_create',
  'designate_new_master',
  'tls_verification_enable',
  'cert_refresh',
  'eject',
];

/** What high availability has to be, on or off, for an operation. */
const wantsHa: Partial<Record<PoolOperation, boolean>> = {
  ha_enable: false,
  ha_disable: true,
  cluster_create: false,
  eject: false,
};

/** What stands against an operation on the pool now; while HA changes that has a name of its own (facts 5.6). */
export function poolObstacle(world: World, operation: PoolOperation): XenApiFailure | undefined {
  const ref = world.pool();
  const pool = world.db.need('pool', ref);
  const running = runningOn(pool);
  if (running.some(([, current]) => current === 'ha_enable')) return new XenApiFailure('HA_ENABLE_IN_PROGRESS');
  if (running.some(([, current]) => current === 'ha_disable')) return new XenApiFailure('HA_DISABLE_IN_PROGRESS');
  const clash = clashOf('pool', ref, running);
  if (clash !== undefined) return clash;
  const wanted = wantsHa[operation];
  if (wanted === undefined || wanted === pool.ha_enabled) return undefined;
  return new XenApiFailure(wanted ? 'HA_NOT_ENABLED' : 'HA_IS_ENABLED');
}

/** pool.allowed_operations: what nothing stands against. */
export const poolAllowed = (world: World): PoolOperation[] =>
  listable.filter((operation) => poolObstacle(world, operation) === undefined);
