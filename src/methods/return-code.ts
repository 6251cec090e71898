import type { ReturnHint } from '../xenapi/error-table.js';

/** The return codes that the methods of a class have for each kind of failure. */
export type ReturnCodes = Readonly<Record<ReturnHint, number>>;

/** The return value that says that a method is not supported, of all classes. */
export const notSupported = 1;

/** A job that goes on has been started (all extrinsic methods). */
export const jobStarted = 4096;

/** Of the services that manage virtual systems, of pools of hosts, metrics and consoles (CIM_VirtualSystemManagementService). */
export const serviceCodes: ReturnCodes = {
  NotSupported: 1,
  Failed: 2,
  Timeout: 3,
  InvalidParameter: 4,
  InvalidState: 5,
  InUse: 2,
};

/** RequestStateChange (CIM_EnabledLogicalElement): no period can be promised that a change stays within. */
export const timeoutNotSupported = 4098;

/**
 * Of the methods of services that declare no code for a state: those that add resources, copy systems, convert them, and
 * manage images.
 */
export const statelessCodes: ReturnCodes = { ...serviceCodes, InvalidState: serviceCodes.Failed };

/** Of RequestStateChange (CIM_EnabledLogicalElement): 4097 is a transition that is not possible now. */
export const stateCodes: ReturnCodes = {
  NotSupported: 1,
  Failed: 4,
  Timeout: 3,
  InvalidParameter: 5,
  InvalidState: 4097,
  InUse: 6,
};

/** Of resource pools and of jobs (CIM_ResourcePoolConfigurationService, CIM_ConcreteJob). */
export const poolCodes: ReturnCodes = {
  NotSupported: 1,
  Failed: 4,
  Timeout: 3,
  InvalidParameter: 5,
  InvalidState: 4,
  InUse: 6,
};

/**
 * A method declines, by a return value that its class declares and not by a CIM error. The text goes into the job, where
 * it has become one, into the log, and to the client (`reasonParameter`).
 */
export class Refusal extends Error {
  readonly returned: number;

  constructor(returned: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.returned = returned;
  }
}
