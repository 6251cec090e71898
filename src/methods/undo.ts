import { CimError } from '../cim/error.js';
import { toCimError, XenApiError } from '../xenapi/error.js';
import type { CallValue } from '../xenapi/protocol.js';
import type { JobError } from '../xenapi/records.js';
import { removeMachine } from './machine-removal.js';
import { type PortState, renewPort } from './port-renewal.js';
import { removeRepository } from './repository-removal.js';

/** Sends a message in some session. */
export type Send = (message: string, ...args: readonly CallValue[]) => Promise<unknown>;

/**
 * What takes a step back: a XenAPI message, or one of `compounds`. Plain data, so that it outlives the bridge and is
 * done by the next one where this one died.
 */
export interface UndoStep {
  /** What stays behind where this fails: `the disk root (uuid)`. */
  readonly what: string;
  readonly message: string;
  readonly args: readonly CallValue[];
  /** Its arguments hold a secret, which is kept in memory alone. */
  readonly secret?: true;
}

/** The same before the object is there whose reference is the message's one argument. */
export type UndoOf = Omit<UndoStep, 'args'>;

/** What takes more than one message to undo. */
const compounds: Readonly<Record<string, (send: Send, ...args: readonly CallValue[]) => Promise<void>>> = {
  /** A machine with the disks that were made with it. */
  '@machine': (send, vm) => removeMachine(send, String(vm), true),
  /** A device that was taken away, made anew: class, record, whether the machine held it. */
  '@device': async (send, of, record, held) => {
    const ref = String(await send(`${String(of)}.create`, record!));
    if (held === true) await send(`${String(of)}.plug`, ref);
  },
  /** A VLAN or a bond that was taken away, made anew with what its port had. */
  '@port': (send, message, args, state) =>
    renewPort(send, String(message), args as readonly CallValue[], state as unknown as PortState),
  /** A machine that was put to rest goes on where it was, or where the pool finds room: message, machine, host. */
  '@return': async (send, message, vm, host) => {
    try {
      await send(`${String(message)}_on`, vm!, host!, false, false);
    } catch {
      await send(String(message), vm!, false, false);
    }
  },
  /** A repository with its connections. */
  '@repository': (send, sr) => removeRepository(send, String(sr)),
};

/** What was done away with and cannot be brought back: an undoing reports its loss. */
export const lost = 'lost';

export const machineCompound = '@machine';
export const returnCompound = '@return';
export const repositoryCompound = '@repository';
export const portCompound = '@port';

const gone = (reason: unknown): boolean =>
  reason instanceof XenApiError && ['HANDLE_INVALID', 'UUID_INVALID', 'OBJECT_NOLONGER_EXISTS'].includes(reason.code);

/** What went wrong, as a job keeps it. */
export function jobError(reason: unknown, describe?: (ref: string) => string | undefined): JobError {
  const error = toCimError(reason, describe);
  const text = error?.message ?? 'the bridge met a fault of its own; its log says more';
  if (reason instanceof XenApiError) return { code: reason.code, params: reason.params, text };
  return { code: '', params: [], text };
}

/** Takes steps back, the last first; gives what could not be. What is gone already needs no undoing. */
export async function undoAll(steps: readonly UndoStep[], send: Send): Promise<readonly JobError[]> {
  const left: JobError[] = [];
  for (const { what, message, args } of [...steps].reverse()) {
    try {
      if (message === lost) throw new CimError('FAILED', 'the pool does not show what it was');
      const compound = compounds[message];
      if (compound) await compound(send, ...args);
      else await send(message, ...args);
    } catch (reason) {
      if (gone(reason)) continue;
      const error = jobError(reason);
      left.push({ ...error, text: `${what} could not be undone and is left behind: ${error.text}` });
    }
  }
  return left;
}
