import type { AnyElement } from '../provider/element.js';
import { host } from './host.js';
import { hostMetrics } from './metric-host.js';
import { machineMetrics } from './metric-machine.js';
import { poolMetrics } from './metric-pool.js';
import { affects } from './pool-service.js';
import { metricService } from './service.js';
import { system } from './system.js';

/** The rows of what is measured, as apart from those of the values; they are the only ones that the pool itself stands for. */
export const metricDefinitions: readonly AnyElement[] = [...machineMetrics, ...hostMetrics, ...poolMetrics].filter(
  ({ of }) => of === 'pool',
);

/** The service gives the metrics of hosts and systems, by these definitions (DSP1053). */
export const metricServiceAssociations = [host, system, ...metricDefinitions].map((row) =>
  affects('Xen_MetricServiceAffectsElement', metricService, row, 'Gives the metrics of the element'),
);
