import { setTimeout as pause } from 'node:timers/promises';
import type { PoolClient } from './pool-client.js';

/** Milliseconds between one change and the next. */
const interval = 20;

/**
 * Changes the pool until told to stop: other descriptions of machines, and networks that come and go. The pool is as large
 * in the end as it was. Calls `changed` after each change.
 */
export async function keepChanging(
  pool: PoolClient,
  refs: readonly string[],
  signal: AbortSignal,
  changed: () => void,
): Promise<void> {
  for (let i = 0; !signal.aborted; i++) {
    const ref = refs[Math.floor(Math.random() * refs.length)]!;
    await pool.describe(ref, `Change ${i} of the soak`);
    changed();
    if (i % 50 === 0) {
      const network = await pool.createNetwork(`Network ${i} of the soak`);
      await pause(500);
      await pool.destroyNetwork(network);
      changed();
    }
    await pause(interval);
  }
}
