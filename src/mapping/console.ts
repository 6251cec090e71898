import { association } from '../provider/association.js';
import { filled, label, labels } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { dualConfiguration, states } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { deviceColumns, idle, stopped, working } from './condition.js';
import { configurations } from './setting.js';
import { system } from './system.js';

type Console = Records['console'];
interface Owned {
  readonly vm: Records['VM'] | undefined;
}

/** A console is there as long as the machine's domain is; xapi tells its address as soon as it is served. */
export const consoleState = states(
  ({ location }: Console, { vm }: Owned) => {
    if (vm?.power_state !== 'Running' && vm?.power_state !== 'Paused') return 'closed';
    return location === '' ? 'waiting' : 'open';
  },
  {
    open: working,
    waiting: { ...idle, OperationalStatus: [label('Starting')], Status: 'Starting' },
    closed: stopped,
  },
);

export const machineConsole = element('Xen_Console', 'console', {
  reads: { vm: ['VM'] },
  key: { form: 'device', systemClass: 'Xen_ComputerSystem', owner: 'vm', suffix: 'uuid' },
  properties: {
    Name: { from: 'vm', field: 'name_label' },
    ElementName: { from: 'vm', field: 'name_label' },
    Description: { from: 'vm', field: 'name_description' },
    Caption: { value: 'Console for Xen Domain' },
    ...deviceColumns(consoleState),
    EnabledDefault: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
  },
});

export const consoleSetting = element('Xen_ConsoleSettingData', 'console', {
  reads: { vm: ['VM'] },
  key: { form: 'member', owner: 'vm', suffix: 'uuid' },
  properties: {
    Caption: { value: 'Xen Console Settings' },
    ElementName: { from: 'vm', field: 'name_label' },
    Description: { from: 'vm', field: 'name_description' },
    ResourceType: { value: label('Graphics controller') },
    Protocol: { field: 'protocol', as: labels({ vt100: 'VT100', rfb: 'RFB', rdp: 'RDP' }) },
    URI: { field: 'location', as: filled },
    VirtualQuantity: { value: 1 },
    VirtualQuantityUnits: { value: 'count' },
    Reservation: { value: 1 },
    Limit: { value: 1 },
    AllocationUnits: { value: 'count' },
    ConsumerVisibility: { value: label('Virtualized') },
    AutomaticAllocation: { value: true },
    AutomaticDeallocation: { value: true },
  },
});

export const consoleAssociations = [
  association('Xen_ComputerSystemConsole', ['PartComponent', machineConsole], ['GroupComponent', system], ['VM']),
  association(
    'Xen_ConsoleSettingDataComponent',
    ['PartComponent', consoleSetting],
    ['GroupComponent', configurations],
    ['VM'],
  ),
  association(
    'Xen_ConsoleSettingsDefineState',
    ['ManagedElement', machineConsole],
    ['SettingData', consoleSetting],
    [],
  ),
  dualConfiguration('Xen_ConsoleElementSettingData', consoleSetting, ({ record }) => record.location !== ''),
];
