import { type MetricRows, meter, metricElements, metricTies } from '../provider/metric.js';
import type { Records } from '../xenapi/records.js';
import { type Answering, answers, isMeasured, toHostMeasured } from './measured.js';
import { memoryPool } from './memory.js';
import { processorPool } from './processor.js';
import { storagePool } from './storage.js';

/** The processors and the memory of a host as pools. */
const ofHost = {
  reads: { answers: ['metrics'] },
  where: (_host: Records['host'], reads: Answering) => answers(reads),
  host: (host: Records['host']) => host,
  measured: ({ name_label }: Records['host']) => name_label,
} as const;

const processorMetrics = [
  meter('host', {
    ...ofHost,
    key: { form: 'member', owner: 'self', suffix: { text: 'ProcessorPool' } },
    device: () => 'ProcessorPool',
  })({
    value: 'Xen_ProcessorResourcePoolCPUMetricValue',
    definition: 'Xen_ProcessorResourcePoolCPUMetricDefinition',
    id: 'Xen_ProcessorResourcePoolCPUUtilizationDef',
    name: 'Xen:ProcessorPoolUtilization',
    title: 'Utilization of the processors of a host together',
    gives: 'fraction',
    source: () => 'cpu_avg',
  }),
];

const consumption = {
  value: 'Xen_MemoryResourcePoolMetricValue',
  definition: 'Xen_MemoryResourcePoolMetricDefinition',
  id: 'Xen_MemoryResourcePoolConsumptionDef',
  name: 'Xen:MemoryPoolConsumption',
  title: 'Memory that is taken from the memory pool of a host',
  by: 'Virtual System',
} as const;

/** All that is taken: what the host has, less what is free. */
const whole: MetricRows = meter('host', {
  ...ofHost,
  key: { form: 'member', owner: 'self', suffix: { text: 'MemoryPool' } },
  device: () => 'MemoryPool',
})({
  ...consumption,
  gives: 'kibibytes',
  source: () => 'memory_free_kib',
  shows: (free, _host, { answers: metrics }) => Number(metrics?.memory_total ?? 0) - 1024 * free,
});

/** What each machine has taken of it. */
const shares: MetricRows = meter('VM', {
  reads: toHostMeasured,
  where: isMeasured,
  key: { form: 'member', owner: 'host', suffix: 'uuid' },
  host: (_vm, { host }) => host,
  machine: (vm) => vm,
  measured: (_vm, { host }) => host?.name_label,
  device: ({ name_label }) => name_label,
  share: ({ uuid }) => uuid,
})({ ...consumption, gives: 'bytes', source: () => 'memory' });

const memoryShares: MetricRows = { definition: whole.definition, values: shares.values };

/**
 * A repository is measured by every host that it is plugged to, each for itself: there is no number for all of them, so
 * all values are shares. The sources have the first part of its uuid in their names.
 */
const ofPlug = meter('PBD', {
  reads: { host: ['host'], answers: ['host', 'metrics'], sr: ['SR'] },
  where: ({ currently_attached }, reads) => currently_attached && reads.sr !== undefined && answers(reads),
  key: { form: 'member', owner: 'host', suffix: 'uuid' },
  host: (_pbd, { host }) => host,
  measured: (_pbd, { sr }) => sr?.name_label,
  device: (_pbd, { sr }) => sr?.uuid ?? '',
  share: (_pbd, { host }) => host?.uuid,
});

const named =
  (what: string) =>
  (_pbd: unknown, { sr }: { readonly sr: Records['SR'] | undefined }): string =>
    `${what}_${sr?.uuid.slice(0, 8)}`;

const storageMetrics = [
  ofPlug({
    value: 'Xen_StoragePoolReadThroughput',
    name: 'Xen:StoragePoolReadThroughput',
    title: 'Read throughput of a storage pool',
    gives: 'mebibytesPerSecond',
    source: named('io_throughput_read'),
    by: 'Host',
  }),
  ofPlug({
    value: 'Xen_StoragePoolWriteThroughput',
    name: 'Xen:StoragePoolWriteThroughput',
    title: 'Write throughput of a storage pool',
    gives: 'mebibytesPerSecond',
    source: named('io_throughput_write'),
    by: 'Host',
  }),
  ofPlug({
    value: 'Xen_StoragePoolReadOperations',
    name: 'Xen:StoragePoolReadOperations',
    title: 'Read operations of a storage pool',
    gives: 'perSecond',
    source: named('iops_read'),
    by: 'Host',
  }),
  ofPlug({
    value: 'Xen_StoragePoolWriteOperations',
    name: 'Xen:StoragePoolWriteOperations',
    title: 'Write operations of a storage pool',
    gives: 'perSecond',
    source: named('iops_write'),
    by: 'Host',
  }),
  ofPlug({
    value: 'Xen_StoragePoolLatency',
    name: 'Xen:StoragePoolLatency',
    title: 'Latency of a storage pool',
    gives: 'microseconds',
    source: named('latency'),
    by: 'Host',
  }),
];

export const poolMetrics = metricElements([...processorMetrics, whole, memoryShares, ...storageMetrics]);

export const poolMetricAssociations = [
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForProcessorPool',
      values: 'Xen_MetricForProcessorPool',
      instances: 'Xen_MetricInstanceForProcessorPool',
    },
    processorPool,
    processorMetrics,
  ),
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForMemoryPool',
      values: 'Xen_MetricForMemoryPool',
      instances: 'Xen_MetricInstanceForMemoryPool',
    },
    memoryPool,
    [whole],
  ),
  ...metricTies(
    { values: 'Xen_MetricForMemoryPool', instances: 'Xen_MetricInstanceForMemoryPool' },
    memoryPool,
    [memoryShares],
    ['resident_on'],
  ),
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForStoragePool',
      values: 'Xen_MetricForStoragePool',
      instances: 'Xen_MetricInstanceForStoragePool',
    },
    storagePool,
    storageMetrics,
    ['SR'],
  ),
];
