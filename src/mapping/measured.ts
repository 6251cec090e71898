import type { Records } from '../xenapi/records.js';
import { isSystem } from './system.js';

/** A host that is measured, as far as the records tell: it answers (decisions.md 35). */
export interface Answering {
  readonly answers: Records['host_metrics'] | undefined;
}

export const answers = ({ answers: metrics }: Answering): boolean => metrics?.live === true;

/** Where a machine runs. */
export interface Running extends Answering {
  readonly host: Records['host'] | undefined;
}

/** The way from a machine to what it takes to be measured. */
export const toHostMeasured = { host: ['resident_on'], answers: ['resident_on', 'metrics'] } as const;

/** Whether a host measures the machine: it has a domain there, and the host answers. */
export const isMeasured = (vm: Records['VM'] | undefined, reads: Running): boolean =>
  vm !== undefined &&
  isSystem(vm) &&
  (vm.power_state === 'Running' || vm.power_state === 'Paused') &&
  reads.host !== undefined &&
  answers(reads);
