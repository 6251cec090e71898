import { meter, metricElements, metricTies } from '../provider/metric.js';
import type { Records } from '../xenapi/records.js';
import { hostMemory, hostProcessor } from './host.js';
import { hostNetworkPort } from './host-network.js';
import { type Answering, answers } from './measured.js';

type Host = Records['host'];

interface Housed extends Answering {
  readonly host: Host | undefined;
}

/** What things in a host have in common. */
const inHost = {
  key: { form: 'member', owner: 'host', suffix: 'uuid' },
  host: (_thing: unknown, { host }: Housed) => host,
  measured: (_thing: unknown, { host }: Housed) => host?.name_label,
} as const;

const ofProcessor = meter('host_cpu', {
  ...inHost,
  reads: { host: ['host'], answers: ['host', 'metrics'] },
  where: (_cpu, reads) => answers(reads),
  device: ({ number }) => `cpu${number}`,
});

const processorMetrics = [
  ofProcessor({
    value: 'Xen_HostProcessorUtilization',
    name: 'DMTF:DSP1044:Xen_HostProcessorUtilizationDef',
    title: 'Utilization of a processor of a host',
    gives: 'fraction',
    source: ({ number }) => `cpu${number}`,
  }),
];

/**
 * A host counts by device, and so can tell the traffic of what owns its device: a physical port or a bond. A VLAN has the
 * name of the port that it runs on, and a port in a bond is not shown.
 */
const countsItsOwn = ({ physical, bond_master_of, currently_attached, device }: Records['PIF']): boolean =>
  currently_attached && device !== '' && (physical || bond_master_of.length > 0);

const ofPort = meter('PIF', {
  ...inHost,
  reads: { host: ['host'], answers: ['host', 'metrics'], bond: ['bond_slave_of'] },
  where: (pif, reads) => answers(reads) && reads.bond === undefined && countsItsOwn(pif),
  device: ({ device }) => device,
});

const portMetrics = [
  ofPort({
    value: 'Xen_HostNetworkPortReceiveThroughput',
    name: 'DMTF:DSP1045:ReceiveThroughput',
    title: 'Receive throughput of a network port of a host',
    gives: 'bytesPerSecond',
    source: ({ device }) => `pif_${device}_rx`,
  }),
  ofPort({
    value: 'Xen_HostNetworkPortTransmitThroughput',
    name: 'DMTF:DSP1045:TransmitThroughput',
    title: 'Transmit throughput of a network port of a host',
    gives: 'bytesPerSecond',
    source: ({ device }) => `pif_${device}_tx`,
  }),
];

const ofMemory = meter('host', {
  reads: { answers: ['metrics'] },
  where: (_host, reads) => answers(reads),
  key: { form: 'member', owner: 'self', suffix: { text: 'Memory' } },
  host: (host) => host,
  measured: ({ name_label }) => name_label,
  device: () => 'Memory',
});

const memoryLine = {
  value: 'Xen_HostMemoryMetricValue',
  definition: 'Xen_HostMemoryMetricDefinition',
  gives: 'kibibytes',
} as const;

const memoryMetrics = [
  ofMemory({
    ...memoryLine,
    id: 'Xen_HostMemoryTotalDef',
    suffix: 'MemoryTotal',
    name: 'Xen:HostMemoryTotal',
    title: 'Memory of a host',
    source: () => 'memory_total_kib',
  }),
  ofMemory({
    ...memoryLine,
    id: 'Xen_HostMemoryFreeDef',
    suffix: 'MemoryFree',
    name: 'Xen:HostMemoryFree',
    title: 'Memory of a host that nothing has taken',
    source: () => 'memory_free_kib',
  }),
];

export const hostMetrics = metricElements([...processorMetrics, ...portMetrics, ...memoryMetrics]);

export const hostMetricAssociations = [
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForHostProcessor',
      values: 'Xen_MetricForHostProcessor',
      instances: 'Xen_MetricInstanceHostProcessor',
    },
    hostProcessor,
    processorMetrics,
  ),
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForHostNetworkPort',
      values: 'Xen_MetricForHostNetworkPort',
      instances: 'Xen_MetricInstanceForNetworkPort',
    },
    hostNetworkPort,
    portMetrics,
  ),
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForHostMemory',
      values: 'Xen_MetricForHostMemory',
      instances: 'Xen_MetricInstanceForHostMemory',
    },
    hostMemory,
    memoryMetrics,
  ),
];
