import { expect } from 'vitest';
import { type ServerStage, startServer, visit } from '../server-stage.js';
import type { Target } from './target.js';

/** A figure of the bridge, read from its own page. */
export async function figure(port: number, name: string): Promise<number> {
  const { body } = await visit(port, '/metrics');
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body)?.[1]);
}

/** A bridge to be ill-treated. */
export interface HostileStage extends ServerStage {
  readonly target: Target;
}

export async function startHostile(argv: readonly string[] = [], file = ''): Promise<HostileStage> {
  const stage = await startServer(argv, file);
  const authorization = `Basic ${Buffer.from('root:xenroot').toString('base64')}`;
  return { ...stage, target: { port: stage.port, authorization } };
}

/** The sockets of this process: those of the clients, of the bridge and of its pool. */
const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;

/** Those between the bridge and its pool come and go by themselves; there are never so many. */
const ownSockets = 60;

/** Waits until nothing is under way, no connection is open but the one that asks, and no socket is left. */
export async function quiet({ port }: Target): Promise<void> {
  await expect.poll(() => figure(port, 'xen_cim_requests_in_progress')).toBe(0);
  await expect.poll(() => figure(port, 'xen_cim_connections')).toBe(1);
  await expect.poll(sockets).toBeLessThan(ownSockets);
}
