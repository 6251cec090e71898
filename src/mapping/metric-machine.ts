import { meter, metricElements, metricTies } from '../provider/metric.js';
import type { Records } from '../xenapi/records.js';
import { disk } from './disk.js';
import { isMeasured, type Running, toHostMeasured } from './measured.js';
import { memory } from './memory.js';
import { networkPort } from './network.js';
import { firstVcpus, processor } from './processor.js';

type Vm = Records['VM'];

/** The processors that the machine runs with now, which may be fewer than it can have. */
function processorsOf({ VCPUs_at_startup, VCPUs_max }: Vm, now: Records['VM_metrics'] | undefined) {
  const running = now && now.VCPUs_number > 0n ? now.VCPUs_number : VCPUs_at_startup;
  return firstVcpus(running < VCPUs_max ? running : VCPUs_max);
}

const ofMachine = {
  where: isMeasured,
  host: (_vm: Vm, { host }: Running) => host,
  machine: (vm: Vm) => vm,
  measured: ({ name_label }: Vm) => name_label,
} as const;

const ofProcessor = meter('VM', {
  ...ofMachine,
  reads: { ...toHostMeasured, now: ['metrics'] },
  parts: (vm, { now }) => processorsOf(vm, now),
  key: { form: 'member', owner: 'self', suffix: 'part' },
  device: (_vm, _reads, { name }) => name,
});

const processorMetrics = [
  ofProcessor({
    value: 'Xen_ProcessorUtilization',
    id: 'Xen_VirtualProcessorUtilizationDef',
    name: 'DMTF:DSP1044:CPUVSUtilized',
    title: 'Utilization of a virtual processor',
    gives: 'fraction',
    source: (_vm, _reads, { index }) => `cpu${index}`,
  }),
];

const ofMemory = meter('VM', {
  ...ofMachine,
  reads: { ...toHostMeasured, guest: ['guest_metrics'] },
  key: { form: 'member', owner: 'self', suffix: { text: 'Memory' } },
  device: () => 'Memory',
});

const memoryValue = 'Xen_ComputerSystemMemoryMetricValue';
const memoryDefinition = 'Xen_ComputerSystemMemoryMetricDefinition';

const memoryMetrics = [
  ofMemory({
    value: memoryValue,
    definition: memoryDefinition,
    id: 'Xen_ComputerSystemMemoryAllocatedDef',
    suffix: 'MemoryAllocated',
    name: 'Xen:MemoryAllocated',
    title: 'Memory that a machine has',
    gives: 'bytes',
    source: () => 'memory',
  }),
  ofMemory({
    value: memoryValue,
    definition: memoryDefinition,
    id: 'Xen_ComputerSystemMemoryTargetDef',
    suffix: 'MemoryTarget',
    name: 'Xen:MemoryTarget',
    title: 'Memory that a machine is meant to have',
    gives: 'bytes',
    source: () => 'memory_target',
  }),
  ofMemory({
    value: memoryValue,
    definition: memoryDefinition,
    id: 'Xen_ComputerSystemMemoryFreeDef',
    suffix: 'MemoryFree',
    name: 'Xen:MemoryInternalFree',
    title: 'Memory that the guest of a machine has free',
    gives: 'kibibytes',
    source: () => 'memory_internal_free',
    where: (_vm, { guest }) => guest !== undefined,
  }),
];

interface Plugged extends Running {
  readonly vm: Vm | undefined;
}

interface Pluggable {
  readonly device: string;
  readonly currently_attached: boolean;
}

/** What is plugged into a machine, under the name by which the host knows it, is measured with the machine. */
const ofDevice = {
  reads: { vm: ['VM'], host: ['VM', 'resident_on'], answers: ['VM', 'resident_on', 'metrics'] },
  where: ({ currently_attached, device }: Pluggable, reads: Plugged) =>
    currently_attached && device !== '' && isMeasured(reads.vm, reads),
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  host: (_device: Pluggable, { host }: Plugged) => host,
  machine: (_device: Pluggable, { vm }: Plugged) => vm,
  measured: (_device: Pluggable, { vm }: Plugged) => vm?.name_label,
  device: ({ device }: Pluggable) => device,
} as const;

const ofBlockDevice = meter('VBD', {
  ...ofDevice,
  where: (vbd, reads) => vbd.type === 'Disk' && ofDevice.where(vbd, reads),
});

const diskMetrics = [
  ofBlockDevice({
    value: 'Xen_DiskReadThroughput',
    name: 'DMTF:DSP1045:ReadThroughput',
    title: 'Read throughput of a virtual disk',
    gives: 'bytesPerSecond',
    source: ({ device }) => `vbd_${device}_read`,
  }),
  ofBlockDevice({
    value: 'Xen_DiskWriteThroughput',
    name: 'DMTF:DSP1045:WriteThroughput',
    title: 'Write throughput of a virtual disk',
    gives: 'bytesPerSecond',
    source: ({ device }) => `vbd_${device}_write`,
  }),
  ofBlockDevice({
    value: 'Xen_DiskReadLatency',
    name: 'DMTF:DSP1045:ReadLatency',
    title: 'Read latency of a virtual disk',
    gives: 'microseconds',
    source: ({ device }) => `vbd_${device}_read_latency`,
  }),
  ofBlockDevice({
    value: 'Xen_DiskWriteLatency',
    name: 'DMTF:DSP1045:WriteLatency',
    title: 'Write latency of a virtual disk',
    gives: 'microseconds',
    source: ({ device }) => `vbd_${device}_write_latency`,
  }),
  ofBlockDevice({
    value: 'Xen_DiskReadOperations',
    name: 'Xen:DiskReadOperations',
    title: 'Read operations of a virtual disk',
    gives: 'perSecond',
    source: ({ device }) => `vbd_${device}_iops_read`,
  }),
  ofBlockDevice({
    value: 'Xen_DiskWriteOperations',
    name: 'Xen:DiskWriteOperations',
    title: 'Write operations of a virtual disk',
    gives: 'perSecond',
    source: ({ device }) => `vbd_${device}_iops_write`,
  }),
];

const ofInterface = meter('VIF', ofDevice);

const portMetrics = [
  ofInterface({
    value: 'Xen_NetworkPortReceiveThroughput',
    name: 'DMTF:DSP1045:ReceiveThroughput',
    title: 'Receive throughput of a virtual network port',
    gives: 'bytesPerSecond',
    source: ({ device }) => `vif_${device}_rx`,
  }),
  ofInterface({
    value: 'Xen_NetworkPortTransmitThroughput',
    name: 'DMTF:DSP1045:TransmitThroughput',
    title: 'Transmit throughput of a virtual network port',
    gives: 'bytesPerSecond',
    source: ({ device }) => `vif_${device}_tx`,
  }),
];

export const machineMetrics = metricElements([...processorMetrics, ...memoryMetrics, ...diskMetrics, ...portMetrics]);

export const machineMetricAssociations = [
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForVirtualProcessor',
      values: 'Xen_MetricForVirtualProcessor',
      instances: 'Xen_MetricInstanceVirtualProcessor',
    },
    processor,
    processorMetrics,
  ),
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForMemory',
      values: 'Xen_MetricForMemory',
      instances: 'Xen_MetricInstanceForMemory',
    },
    memory,
    memoryMetrics,
  ),
  ...metricTies(
    { definitions: 'Xen_MetricDefForDisk', values: 'Xen_MetricForDisk', instances: 'Xen_MetricInstanceForDisk' },
    disk,
    diskMetrics,
  ),
  ...metricTies(
    {
      definitions: 'Xen_MetricDefForNetworkPort',
      values: 'Xen_MetricForNetworkPort',
      instances: 'Xen_MetricInstanceForNetworkPort',
    },
    networkPort,
    portMetrics,
  ),
];
