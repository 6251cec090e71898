import { enumValues } from '../../xenapi/datamodel.generated.js';
import type { Ref } from '../../xenapi/records.js';
import { XenApiFailure } from '../failure.js';
import type { World } from '../world.js';
import { clashOf, type Running, runningOn } from './clash.js';

export type HostOperation = (typeof enumValues.host_allowed_operations)[number];

/** Operations that bring machines to a host, and those that take all away: they exclude each other (facts 5.6). */
const bringing: ReadonlySet<string> = new Set(['provision', 'vm_resume', 'vm_migrate']);
const emptying: ReadonlySet<string> = new Set(['evacuate', 'reboot', 'shutdown']);
/** Operations of which a host can do one at a time. */
const stopping: ReadonlySet<string> = new Set(['reboot', 'shutdown', 'apply_updates']);

function clashes(current: string, wanted: HostOperation): boolean {
  if (wanted === 'power_on') return false;
  if (bringing.has(current) && emptying.has(wanted)) return true;
  if (emptying.has(current) && bringing.has(wanted)) return true;
  if (stopping.has(current) && stopping.has(wanted)) return true;
  return current === wanted && (wanted === 'provision' || wanted === 'evacuate');
}

/** What stands against an operation on a host now; undefined when nothing does (facts 5.6). */
export function hostObstacle(world: World, ref: Ref<'host'>, operation: HostOperation): XenApiFailure | undefined {
  const host = world.db.need('host', ref);
  const clashing = runningOn(host).filter(([, current]: Running) => clashes(current, operation));
  const clash = clashOf('host', ref, clashing);
  if (clash !== undefined) return clash;
  if (stopping.has(operation) && host.enabled) return new XenApiFailure('HOST_NOT_DISABLED');
  if (operation === 'enable' && host.enabled) return new XenApiFailure('OPERATION_NOT_ALLOWED', 'The host is enabled');
  if (operation !== 'power_on') return undefined;
  if (world.db.get('host_metrics', host.metrics)?.live === true) return new XenApiFailure('HOST_IS_LIVE', ref);
  return host.power_on_mode === '' ? new XenApiFailure('HOST_POWER_ON_MODE_DISABLED') : undefined;
}

/** host.allowed_operations: what nothing stands against. */
export const hostAllowed = (world: World, ref: Ref<'host'>): HostOperation[] =>
  enumValues.host_allowed_operations.filter((operation) => hostObstacle(world, ref, operation) === undefined);
