import { supported } from '../methods/supported.js';
import { label } from '../provider/codec.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { affects, capable, hosted, methodLists, service, serviceCapabilities } from './pool-service.js';
import { virtualSwitch } from './switch.js';
import { system } from './system.js';

/** `<version>-<build>` of the product that runs on the coordinator; what is not told is left out. */
function versionOf(coordinator: Records['host'] | undefined): string | null {
  const { product_version: version, build_number: build } = coordinator?.software_version ?? {};
  const told = [version, build].filter((text) => text !== undefined && text !== '');
  return told.length > 0 ? told.join('-') : null;
}

export const systemService = service(
  'Xen_VirtualSystemManagementService',
  'Xen Hypervisor',
  'Defines, changes and destroys the virtual systems of the pool',
  { Version: { calc: (_pool, { coordinator }) => versionOf(coordinator) } },
);

const management = {
  ElementNameEditSupported: { value: true },
  MaxElementNameLen: { value: 65_535 },
  RequestedStatesSupported: { value: [] },
  IndicationsSupported: { value: [] },
} as const;

export const systemServiceCapabilities = serviceCapabilities(
  'Xen_VirtualSystemManagementCapabilities',
  'How virtual systems can be managed',
  {
    ...management,
    ...methodLists('Xen_VirtualSystemManagementCapabilities'),
    VirtualSystemTypesSupported: { value: ['DMTF:Xen:HVM', 'DMTF:Xen:PV'] },
  },
);

export const switchService = service(
  'Xen_VirtualSwitchManagementService',
  'Xen Virtual Switch Management Service',
  'Defines, changes and destroys the virtual switches of the pool',
);

export const switchServiceCapabilities = serviceCapabilities(
  'Xen_VirtualSwitchManagementCapabilities',
  'How virtual switches can be managed',
  {
    ...management,
    ...methodLists('Xen_VirtualSwitchManagementCapabilities'),
    VirtualSystemTypesSupported: { value: ['DMTF:Virtual Ethernet Switch'] },
  },
);

export const metricService = service(
  'Xen_MetricService',
  'Xen Metrics Service',
  'Gives what the hosts measure of themselves and of their virtual systems',
);

/** Hosts measure all the time, and nothing of it can be turned off (DSP1053). */
export const metricServiceCapabilities = serviceCapabilities(
  'Xen_MetricsServiceCapabilities',
  'How the collection of metrics can be controlled',
  {
    ElementNameEditSupported: { value: false },
    RequestedStatesSupported: { value: [] },
    ControllableMetrics: { value: [] },
    MetricsControlTypes: { value: [] },
    ControllableManagedElements: { value: [] },
    ManagedElementControlTypes: { value: [] },
    SupportedMethods: { value: supported('Xen_MetricsServiceCapabilities').synchronous.map(label) },
  },
);

export const serviceAssociations = [
  hosted('Xen_HostedVirtualSystemManagementService', systemService),
  capable('Xen_VirtualSystemManagementServiceCapabilities', systemService, systemServiceCapabilities),
  capable('Xen_HostVSMSElementCapabilities', host, systemServiceCapabilities),
  affects(
    'Xen_VirtualSystemManagementServiceAffectsComputerSystem',
    systemService,
    system,
    'Defines, changes and destroys the system',
  ),
  hosted('Xen_HostedVirtualSwitchManagementService', switchService),
  capable('Xen_VirtualSwitchManagementServiceCapabilities', switchService, switchServiceCapabilities),
  affects(
    'Xen_VirtualSwitchManagementServiceAffectsVirtualSwitch',
    switchService,
    virtualSwitch,
    'Defines, changes and destroys the switch',
  ),
  hosted('Xen_HostedMetricService', metricService),
  capable('Xen_MetricServiceElementCapabilities', metricService, metricServiceCapabilities),
];
