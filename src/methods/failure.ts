import { CimError } from '../cim/error.js';
import { type Describe, XenApiError } from '../xenapi/error.js';
import type { Work } from './method.js';
import { Refusal } from './return-code.js';

/** The return code that a method would have had for a failure of its work. */
export function codeOf({ codes }: Pick<Work, 'codes'>, reason: unknown): number {
  if (reason instanceof Refusal) return reason.returned;
  if (reason instanceof XenApiError) return codes[reason.returned];
  return reason instanceof CimError && reason.status === 'INVALID_PARAMETER' ? codes.InvalidParameter : codes.Failed;
}

/**
 * What a method fails with: where a machine came into another state while it began, it declines as where that is seen
 * before, by the code that its class has for a state.
 */
export function raced({ codes }: Pick<Work, 'codes'>, reason: unknown, describe: Describe): unknown {
  const isState = reason instanceof XenApiError && reason.code === 'VM_BAD_POWER_STATE';
  if (!isState || codes.InvalidState === codes.Failed) return reason;
  return new Refusal(codes.InvalidState, reason.text(describe));
}
