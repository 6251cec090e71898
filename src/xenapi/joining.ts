import type { Caller } from './caller.js';
import type { Endpoint } from './endpoint.js';
import { TransportError } from './error.js';
import type { CallValue } from './protocol.js';

/** Who may let a host into a pool, and change the host that joins. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface Joining {
  readonly caller: Caller;
  /** The host that stands alone. */
  readonly newcomer: Endpoint;
  readonly session: string;
  /** The address of the pool's coordinator, as the newcomer can reach it. */
  readonly coordinator: string;
  /** With which the newcomer logs in to the pool. */
  readonly account: Account;
}

/** A joining host brings its networks and storage along first. */
const joinTimeoutMs = 600_000;

/** The newcomer starts again as a member as soon as it has joined, and may not have answered by then. */
const isCutOff = (reason: unknown): boolean =>
  reason instanceof TransportError && reason.sent && (reason.fault === 'reset' || reason.fault === 'refused');

/**
 * Has a host join a pool (XenAPI pool.join, which runs on the newcomer); gives the host's uuid, which it keeps. Where its
 * answer is lost, the pool knows whether it has joined.
 */
export async function join({ caller, newcomer, session, coordinator, account }: Joining): Promise<string> {
  const ask = (method: string, ...params: readonly CallValue[]): Promise<unknown> =>
    caller.send(newcomer, method, [session, ...params], { timeoutMs: joinTimeoutMs, waits: true });
  const host = await ask('session.get_this_host', session);
  const uuid = String(await ask('host.get_uuid', String(host)));
  await ask('pool.join', coordinator, account.user, account.password).catch((reason: unknown) => {
    if (!isCutOff(reason)) throw reason;
  });
  return uuid;
}
