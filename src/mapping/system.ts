import { association } from '../provider/association.js';
import { label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { choices, defaultCharacteristics, settingId, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { healthReads, troubledHealth, troubleText } from './system-health.js';

type Vm = Records['VM'];
type Operation = Vm['allowed_operations'][number];
type State = Vm['power_state'] | 'Starting' | 'Stopping' | 'Migrating';

/** Whether the record is a machine; a snapshot's record says that it is a template too. */
export const isSystem = ({ is_a_template, is_a_snapshot }: Vm): boolean => !is_a_template && !is_a_snapshot;

/** Operations during which a machine is between two states. */
const transitions: Readonly<Partial<Record<Operation, State>>> = {
  start: 'Starting',
  start_on: 'Starting',
  resume: 'Starting',
  resume_on: 'Starting',
  clean_shutdown: 'Stopping',
  hard_shutdown: 'Stopping',
  shutdown: 'Stopping',
  pool_migrate: 'Migrating',
  migrate_send: 'Migrating',
};

function stateOf({ current_operations, power_state }: Vm): State | 'Unknown' {
  for (const task in current_operations) {
    const passing = transitions[current_operations[task]!];
    if (passing && (passing !== 'Migrating' || power_state === 'Running')) return passing;
  }
  return power_state in shown ? power_state : 'Unknown';
}

/** What each state shows. */
const shown = {
  Running: {
    EnabledState: label('Enabled'),
    OperationalStatus: [label('OK')],
    Status: 'OK',
    HealthState: label('OK'),
    OperatingStatus: label('In Service'),
    RequestedState: label('No Change'),
    TransitioningToState: label('Not Applicable'),
  },
  Halted: {
    EnabledState: label('Disabled'),
    OperationalStatus: [label('Dormant')],
    Status: 'Stopped',
    HealthState: label('OK'),
    OperatingStatus: label('Stopped'),
    RequestedState: label('No Change'),
    TransitioningToState: label('Not Applicable'),
  },
  Paused: {
    EnabledState: label('Quiesce'),
    OperationalStatus: [label('Dormant')],
    Status: 'Stopped',
    HealthState: label('OK'),
    OperatingStatus: label('Dormant'),
    RequestedState: label('No Change'),
    TransitioningToState: label('Not Applicable'),
  },
  Suspended: {
    EnabledState: label('Enabled but Offline'),
    OperationalStatus: [label('Stopped')],
    Status: 'Stopped',
    HealthState: label('OK'),
    OperatingStatus: label('Dormant'),
    RequestedState: label('No Change'),
    TransitioningToState: label('Not Applicable'),
  },
  Starting: {
    EnabledState: label('Starting'),
    OperationalStatus: [label('Starting')],
    Status: 'Starting',
    HealthState: label('OK'),
    OperatingStatus: label('Starting'),
    RequestedState: label('Enabled'),
    TransitioningToState: label('Enabled'),
  },
  Stopping: {
    EnabledState: label('Shutting Down'),
    OperationalStatus: [label('Stopping')],
    Status: 'Stopping',
    HealthState: label('OK'),
    OperatingStatus: label('Shutting Down'),
    RequestedState: label('Disabled'),
    TransitioningToState: label('Disabled'),
  },
  Migrating: {
    EnabledState: label('Enabled'),
    OperationalStatus: [label('OK')],
    Status: 'OK',
    HealthState: label('OK'),
    OperatingStatus: label('Migrating'),
    RequestedState: label('No Change'),
    TransitioningToState: label('Not Applicable'),
  },
  Unknown: {
    EnabledState: label('Unknown'),
    OperationalStatus: [label('Unknown')],
    Status: 'No Contact',
    HealthState: label('Unknown'),
    OperatingStatus: label('Unknown'),
    RequestedState: label('Unknown'),
    TransitioningToState: label('Unknown'),
  },
} as const;

const state = states(stateOf, shown);
const usualHealth = state('HealthState');

/** The states that can be asked for, and the operations of which one must be allowed for each. */
const requestsBy = (shutdown: Operation) =>
  choices<Operation>([
    ['Enabled', 'start', 'unpause', 'resume'],
    ['Disabled', shutdown],
    ['Shut Down', shutdown],
    ['Offline', 'suspend'],
    ['Quiesce', 'pause'],
    ['Reboot', 'clean_reboot'],
    ['Reset', 'hard_reboot'],
    ['Hard Shutdown', 'hard_shutdown'],
    ['Hard Reboot', 'hard_reboot'],
  ]);

const running = requestsBy('clean_shutdown');
/** A guest that does not run cannot shut itself down. */
const held = requestsBy('hard_shutdown');

const requestsOf = ({ power_state, allowed_operations }: Vm) =>
  (power_state === 'Paused' || power_state === 'Suspended' ? held : running).read(allowed_operations);

const requestLabels = running.labels ?? [];

const identifying = [
  ['OS Name', 'name'],
  ['OS UName', 'uname'],
  ['Major Version', 'major'],
  ['Minor Version', 'minor'],
  ['OS Distribution', 'distro'],
] as const;

interface Guest {
  readonly guest: Records['VM_guest_metrics'] | undefined;
}

const nothing: Readonly<Record<string, string>> = {};

/** Which of these the guest's tools tell, as bits. */
function toldBy(said: Readonly<Record<string, string>>): number {
  let told = 0;
  for (const [i, [, key]] of identifying.entries()) if (said[key] !== undefined) told |= 1 << i;
  return told;
}

/** The names of what is told, by its bits, and last that of the uuid. */
const names: readonly (readonly string[])[] = Array.from({ length: 1 << identifying.length }, (_, told) => [
  ...identifying.filter((_pair, i) => told & (1 << i)).map(([name]) => name),
  'CIM:GUID',
]);

/** What the guest's tools say of its operating system, and last the uuid that every machine has. */
function identity(vm: Vm, { guest }: Guest): readonly string[] {
  const said = guest?.os_version ?? nothing;
  const found: string[] = [];
  for (const [, key] of identifying) {
    const value = said[key];
    if (value !== undefined) found.push(value);
  }
  found.push(vm.uuid);
  return found;
}

export const system = element('Xen_ComputerSystem', 'VM', {
  reads: { metrics: ['metrics'], guest: ['guest_metrics'], host: ['resident_on'], ...healthReads },
  where: isSystem,
  key: { form: 'system' },
  properties: {
    InstanceID: { calc: settingId },
    Caption: { calc: (vm) => (vm.is_control_domain ? 'XenServer Host' : 'Xen Virtual Machine') },
    Description: 'name_description',
    ElementName: 'name_label',
    NameFormat: { value: 'Other' },
    Dedicated: { value: [label('Not Dedicated')] },
    EnabledState: state('EnabledState'),
    OperationalStatus: state('OperationalStatus'),
    Status: state('Status'),
    HealthState: {
      calc: (vm, told) => troubledHealth.of(vm, told) ?? usualHealth.calc(vm, told),
      labels: [...usualHealth.labels, ...troubledHealth.labels],
    },
    StatusDescriptions: troubleText,
    OperatingStatus: state('OperatingStatus'),
    TransitioningToState: state('TransitioningToState'),
    EnabledDefault: { value: label('Enabled') },
    RequestedState: state('RequestedState'),
    ResetCapability: { value: label('Other') },
    AvailableRequestedStates: { calc: requestsOf, labels: requestLabels },
    InstallDate: { from: 'metrics', field: 'install_time' },
    TimeOfLastStateChange: { from: 'metrics', field: 'last_updated' },
    IdentifyingDescriptions: { calc: (_vm, { guest }) => names[toldBy(guest?.os_version ?? nothing)] },
    OtherIdentifyingInfo: { calc: identity },
    Host: { from: 'host', field: 'uuid' },
    PrimaryOwnerName: { calc: ({ other_config }) => other_config['owner'] },
    PrimaryOwnerContact: { calc: ({ other_config }) => other_config['owner_contact'] },
    Roles: { calc: ({ other_config: { roles } }) => (roles === undefined ? null : [roles]) },
  },
  setters: { ElementName: 'set_name_label', Description: 'set_name_description' },
});

export const systemCapabilities = element('Xen_ComputerSystemCapabilities', 'VM', {
  where: isSystem,
  key: { form: 'setting' },
  properties: {
    ElementName: 'name_label',
    ElementNameEditSupported: { value: true },
    MaxElementNameLen: { value: 65_535 },
    RequestedStatesSupported: {
      calc: (vm) => requestsOf(vm) ?? [],
      labels: requestLabels,
    },
  },
});

/** The host of a machine: where it runs, else where it would rather, else the coordinator. */
export const toHost = { first: [['resident_on'], ['affinity'], ['@pool', 'master']] } as const;

export const systemAssociations = [
  association(
    'Xen_ComputerSystemElementCapabilities',
    ['ManagedElement', system],
    ['Capabilities', systemCapabilities],
    [],
    { properties: defaultCharacteristics },
  ),
  association('Xen_HostedComputerSystem', ['Dependent', system], ['Antecedent', host], toHost),
];
