import type { Config } from './config.js';
import type { Status } from './http/app.js';
import type { PoolStatus } from './xenapi/pool-status.js';

/** Why nothing can be said of the pool now: it was never listed, or is away for longer than `stale-limit` allows. */
export function poolTrouble({ staleLimit }: Pick<Config, 'staleLimit'>, status: PoolStatus): string | undefined {
  const { ready, reachable, since, reason, ageMs = Number.POSITIVE_INFINITY } = status;
  if (!ready) return `the pool has not been read yet: ${reason}`;
  if (reachable || staleLimit === 'off' || ageMs <= staleLimit * 1000) return undefined;
  return `the pool has been out of reach since ${since}, longer than the ${staleLimit} s that its last state counts for: ${reason}`;
}

/** What `/readyz` shows. */
export function readiness(config: Pick<Config, 'staleLimit'>, status: PoolStatus): Status {
  const trouble = poolTrouble(config, status);
  const reason =
    trouble ?? (status.reachable ? undefined : `the pool is out of reach since ${status.since}: ${status.reason}`);
  return {
    ready: trouble === undefined && status.reachable,
    poolReachable: status.reachable,
    ...(status.ageMs === undefined ? {} : { cacheAge: status.ageMs / 1000 }),
    ...(reason === undefined ? {} : { reason }),
  };
}
