import { type Association, association } from '../provider/association.js';
import { label, labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { defaultCharacteristics, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { enabledColumns, unreachable, working } from './condition.js';
import { consoleState, machineConsole } from './console.js';
import { host } from './host.js';
import { system } from './system.js';

/** Where consoles are reached; XenAPI does not tell who is connected. */
const access = {
  ElementName: { from: 'vm', field: 'name_label' },
  Description: { from: 'vm', field: 'name_description' },
  ...enabledColumns(consoleState),
  EnabledDefault: { value: label('Enabled') },
  RequestedState: { value: label('Not Applicable') },
} as const;

const key = { form: 'endpoint', systemClass: 'Xen_ComputerSystem', owner: 'vm' } as const;

export const screenAccess = element('Xen_KVMRedirectionSAP', 'console', {
  reads: { vm: ['VM'] },
  where: ({ protocol }) => protocol !== 'vt100',
  key,
  properties: {
    ...access,
    Caption: { value: 'Screen, keyboard and mouse of a Xen Domain' },
    KVMProtocol: { field: 'protocol', as: labels({ rfb: 'VNC-RFB', rdp: 'RDP', vt100: 'Other' }) },
  },
});

export const terminalAccess = element('Xen_TextRedirectionSAP', 'console', {
  reads: { vm: ['VM'] },
  where: ({ protocol }) => protocol === 'vt100',
  key,
  properties: {
    ...access,
    Caption: { value: 'Terminal of a Xen Domain' },
    TextFlowType: { value: label('Terminal Mode') },
  },
});

const accesses = [screenAccess, terminalAccess];

type Host = Records['host'];
interface Measured {
  readonly metrics: Records['host_metrics'] | undefined;
}

/** A host that takes no machines still serves the consoles of those that it has. */
const serviceState = states((_host: Host, { metrics }: Measured) => (metrics?.live === false ? 'away' : 'there'), {
  there: { ...working, Started: true },
  away: { ...unreachable, Started: null },
});

const serviceName = 'Xen Console Redirection Service';

export const consoleService = element('Xen_ConsoleRedirectionService', 'host', {
  reads: { metrics: ['metrics'] },
  key: { form: 'hosted', systemClass: 'Xen_HostComputerSystem', owner: 'self', name: serviceName },
  properties: {
    ElementName: { value: serviceName },
    Caption: { value: serviceName },
    Description: { value: 'Passes the consoles of the virtual systems on the host on' },
    ...enabledColumns(serviceState),
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    Started: serviceState('Started'),
    RedirectionServiceType: { value: [label('Text'), label('KVM')] },
    SharingMode: { value: label('Shared') },
    MaxCurrentEnabledSAPs: { value: 65_535 },
  },
});

export const consoleServiceCapabilities = element('Xen_ConsoleRedirectionServiceCapabilities', 'host', {
  key: { form: 'member', owner: 'self', suffix: { text: 'ConsoleRedirection' } },
  properties: {
    ElementName: { value: 'Console redirection capabilities' },
    Caption: { value: 'How consoles are passed on' },
    ElementNameEditSupported: { value: false },
    RequestedStatesSupported: { value: [] },
    SharingModeSupported: { value: [label('Shared')] },
  },
});

const effects = {
  ElementEffects: { value: [label('Other')] },
  OtherElementEffectsDescriptions: { value: ['Passes the console on'] },
} as const;

export const consoleAccessAssociations: readonly Association[] = [
  association('Xen_HostedConsoleRedirectionService', ['Dependent', consoleService], ['Antecedent', host], []),
  association(
    'Xen_ConsoleRedirectionServiceElementCapabilities',
    ['ManagedElement', consoleService],
    ['Capabilities', consoleServiceCapabilities],
    [],
    { properties: defaultCharacteristics },
  ),
  association(
    'Xen_ConsoleRedirectionServiceAffectsElement',
    ['AffectedElement', system],
    ['AffectingElement', consoleService],
    ['resident_on'],
    { properties: effects },
  ),
  association(
    'Xen_ConsoleRedirectionServiceAffectsElement',
    ['AffectedElement', machineConsole],
    ['AffectingElement', consoleService],
    ['VM', 'resident_on'],
    { properties: effects },
  ),
  association(
    'Xen_ConsoleServiceAccessBySAP',
    ['Dependent', accesses],
    ['Antecedent', consoleService],
    ['VM', 'resident_on'],
  ),
  association('Xen_HostedConsoleAccessPoint', ['Dependent', accesses], ['Antecedent', system], ['VM']),
  association('Xen_ConsoleSAPAvailableForSystem', ['AvailableSAP', accesses], ['ManagedElement', system], ['VM']),
  association('Xen_ConsoleSAPImplementation', ['Dependent', accesses], ['Antecedent', machineConsole], []),
];
