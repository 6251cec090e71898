import type { Ref } from '../../xenapi/records.js';
import { refuse } from '../failure.js';
import { blank } from '../record.js';
import type { Call, HandlerTable, World } from '../world.js';
import { refresh, refreshAll } from './allowed.js';
import { during, spend } from './during.js';
import { addImage, removeImage } from './image.js';
import { poolObstacle } from './pool-rule.js';
import { isPlugged } from './repository-rule.js';

type Sr = Ref<'SR'>;

/** Bytes of a statefile and of a log of changes. */
const sizes = { statefile: 4n << 20n, log: 256n << 20n };
const stateTypes: ReadonlySet<string> = new Set(['lvmoiscsi', 'lvmohba', 'nfs', 'gfs2']);

/** Whether a repository can hold the statefile: shared, plugged on all hosts, of a kind that HA knows (facts 5.6). */
export function assertHoldsState(world: World, ref: Sr): void {
  const sr = world.db.need('SR', ref);
  if (!isPlugged(world, ref)) refuse('SR_HAS_NO_PBDS', ref);
  if (!stateTypes.has(sr.type)) refuse('INCOMPATIBLE_STATEFILE_SR', sr.type);
  const plugged = sr.PBDs.filter((pbd) => world.db.need('PBD', pbd).currently_attached);
  if (!sr.shared || plugged.length < world.db.count('host')) refuse('HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED', ref);
}

function assertReady(world: World, repositories: readonly Sr[]): void {
  if (world.db.count('host') < 2) refuse('HA_TOO_FEW_HOSTS');
  for (const [host, { metrics, enabled }] of world.db.entries('host')) {
    if (world.db.get('host_metrics', metrics)?.live !== true) refuse('HOST_OFFLINE', host);
    if (!enabled) refuse('HA_POOL_IS_ENABLED_BUT_HOST_IS_DISABLED');
  }
  if (repositories.length === 0) refuse('CANNOT_CREATE_STATE_FILE');
  for (const sr of repositories) assertHoldsState(world, sr);
}

/** Failures of hosts that the pool can bear: all but one. */
const bearable = (world: World): bigint => BigInt(Math.max(0, world.db.count('host') - 1));

const stateImage = (world: World, SR: Sr, type: 'ha_statefile' | 'redo_log', size: bigint): Ref<'VDI'> => {
  const names =
    type === 'redo_log'
      ? { name_label: 'Metadata for HA', name_description: 'Used for master failover' }
      : { name_label: 'Statefile for HA', name_description: 'Used for storage heartbeating' };
  const record = blank('VDI', {
    SR,
    type,
    managed: true,
    sharable: true,
    virtual_size: size,
    physical_utilisation: size,
    ...names,
  });
  return addImage(world, record as never);
};

/** XenAPI pool.enable_ha: statefiles on the repositories that were named, and a log of the data base's changes (facts 5.6). */
function enable(call: Call, named: readonly Sr[], ha_configuration: Readonly<Record<string, string>>): Promise<void> {
  const { world } = call;
  const { default_SR } = world.db.need('pool', world.pool());
  const repositories = named.length > 0 ? named : [default_SR].filter((sr) => world.db.get('SR', sr) !== undefined);
  const obstacle = () => poolObstacle(world, 'ha_enable');
  return during(call, { of: 'pool', ref: world.pool(), operation: 'ha_enable', obstacle }, async () => {
    assertReady(world, repositories);
    await spend(call);
    const ha_statefiles = repositories.map((sr) => stateImage(world, sr, 'ha_statefile', sizes.statefile));
    stateImage(world, repositories[0] as Sr, 'redo_log', sizes.log);
    for (const host of world.db.refs('host'))
      world.db.update('host', host, { ha_statefiles, ha_network_peers: world.db.refs('host') });
    world.db.update('pool', world.pool(), {
      ha_enabled: true,
      ha_configuration,
      ha_statefiles,
      ha_plan_exists_for: bearable(world),
      ha_overcommitted: false,
    });
    refreshAll(world);
  });
}

/** XenAPI pool.disable_ha: what HA made is taken away. */
const disable = (call: Call): Promise<void> => {
  const { world } = call;
  const obstacle = () => poolObstacle(world, 'ha_disable');
  return during(call, { of: 'pool', ref: world.pool(), operation: 'ha_disable', obstacle }, async () => {
    await spend(call);
    for (const [vdi, { type }] of [...world.db.entries('VDI')])
      if (type === 'ha_statefile' || type === 'redo_log') removeImage(world, vdi);
    for (const host of world.db.refs('host'))
      world.db.update('host', host, { ha_statefiles: [], ha_network_peers: [] });
    const off = { ha_enabled: false, ha_statefiles: [], ha_configuration: {}, ha_plan_exists_for: 0n };
    world.db.update('pool', world.pool(), off);
    refreshAll(world);
  });
};

/** XenAPI pool.set_ha_host_failures_to_tolerate: no more than there is a plan for. */
function setTolerance({ world }: Call, pool: Ref<'pool'>, value: bigint): void {
  const { ha_enabled, ha_allow_overcommit } = world.db.need('pool', pool);
  if (value < 0n) refuse('VALUE_NOT_SUPPORTED', 'ha_host_failures_to_tolerate', String(value), 'must not be below 0');
  if (ha_enabled && !ha_allow_overcommit && value > bearable(world)) refuse('HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN');
  world.db.update('pool', pool, { ha_host_failures_to_tolerate: value });
  refresh(world, 'pool', pool);
}

/** The messages about high availability (facts 5.6). */
export const haHandlers: HandlerTable = {
  'pool.enable_ha': enable,
  'pool.disable_ha': disable,
  'pool.set_ha_host_failures_to_tolerate': setTolerance,
  'pool.ha_compute_max_host_failures_to_tolerate': ({ world }: Call) => bearable(world),
  'pool.ha_compute_hypothetical_max_host_failures_to_tolerate': ({ world }: Call) => bearable(world),
  'pool.ha_failover_plan_exists': ({ world }: Call, n: bigint) => n <= bearable(world),
  'pool.ha_compute_vm_failover_plan': () => new Map(),
  'pool.ha_prevent_restarts_for': ({ world }: Call) => {
    if (!world.db.need('pool', world.pool()).ha_enabled) refuse('HA_NOT_ENABLED');
  },
  'SR.assert_can_host_ha_statefile': ({ world }: Call, sr: Sr) => assertHoldsState(world, sr),
};
