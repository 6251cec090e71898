import type { ProfileSpec } from './walk.js';

const definitions = [
  'Xen_ProcessorUtilizationDef',
  'Xen_ComputerSystemMemoryMetricDefinition',
  'Xen_DiskReadThroughputDef',
  'Xen_DiskWriteThroughputDef',
  'Xen_DiskReadLatencyDef',
  'Xen_DiskWriteLatencyDef',
  'Xen_DiskReadOperationsDef',
  'Xen_DiskWriteOperationsDef',
  'Xen_NetworkPortReceiveThroughputDef',
  'Xen_NetworkPortTransmitThroughputDef',
  'Xen_HostProcessorUtilizationDef',
  'Xen_HostNetworkPortReceiveThroughputDef',
  'Xen_HostNetworkPortTransmitThroughputDef',
  'Xen_HostMemoryMetricDefinition',
  'Xen_ProcessorResourcePoolCPUMetricDefinition',
  'Xen_MemoryResourcePoolMetricDefinition',
  'Xen_StoragePoolReadThroughputDef',
  'Xen_StoragePoolWriteThroughputDef',
  'Xen_StoragePoolReadOperationsDef',
  'Xen_StoragePoolWriteOperationsDef',
  'Xen_StoragePoolLatencyDef',
];

export const dsp1053: ProfileSpec = {
  document: 'DSP1053',
  registeredName: 'Base Metrics',
  version: '1.0.0',
  references: ['Profile Registration'],
  central: definitions,
  required: [
    'Id',
    'Name',
    'ElementName',
    'DataType',
    'Calculable',
    'ProgrammaticUnits',
    'IsContinuous',
    'ChangeType',
    'TimeScope',
    'GatheringType',
  ],
  ties: [
    { filter: { AssocClass: 'CIM_MetricDefForME', Role: 'Dependent', ResultRole: 'Antecedent' } },
    {
      filter: {
        AssocClass: 'CIM_MetricInstance',
        ResultClass: 'CIM_BaseMetricValue',
        Role: 'Antecedent',
        ResultRole: 'Dependent',
      },
      required: [
        'InstanceID',
        'MetricDefinitionId',
        'MetricValue',
        'TimeStamp',
        'Duration',
        'Volatile',
        'MeasuredElementName',
      ],
      onward: [{ filter: { AssocClass: 'CIM_MetricForME', Role: 'Dependent', ResultRole: 'Antecedent' }, count: 1 }],
    },
    {
      filter: {
        AssocClass: 'CIM_ServiceAffectsElement',
        ResultClass: 'CIM_MetricService',
        Role: 'AffectedElement',
        ResultRole: 'AffectingElement',
      },
      count: 1,
      required: ['SystemName', 'Name', 'ElementName', 'EnabledState'],
      pair: ['ElementEffects'],
      onward: [
        {
          filter: { AssocClass: 'CIM_HostedService', Role: 'Dependent', ResultRole: 'Antecedent' },
          count: 1,
          required: ['Name'],
        },
        {
          filter: {
            AssocClass: 'CIM_ElementCapabilities',
            ResultClass: 'CIM_MetricServiceCapabilities',
            Role: 'ManagedElement',
            ResultRole: 'Capabilities',
          },
          count: 1,
          required: ['InstanceID', 'ElementName', 'SupportedMethods', 'ControllableMetrics', 'MetricsControlTypes'],
        },
        {
          filter: {
            AssocClass: 'CIM_ServiceAffectsElement',
            ResultClass: 'CIM_ComputerSystem',
            Role: 'AffectingElement',
            ResultRole: 'AffectedElement',
          },
          required: ['Name'],
        },
      ],
    },
  ],
};
