import { CimError } from '../cim/error.js';
import { association } from '../provider/association.js';
import { type Codec, filled, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import type { Records } from '../xenapi/records.js';
import { host } from './host.js';
import { hostPool } from './pool.js';
import { isSystem, system } from './system.js';

const priorities = ['Restart', 'Best Effort', 'None', 'Unknown'] as const;
type Priority = (typeof priorities)[number];

/** XenAPI keeps the priority as a text, empty where the machine is not protected; old pools have numbers that mean restart. */
export function priorityOf({ ha_restart_priority: text }: Pick<Records['VM'], 'ha_restart_priority'>): Priority {
  if (text === '') return 'None';
  if (text === 'restart' || /^\d+$/.test(text)) return 'Restart';
  return text === 'best-effort' ? 'Best Effort' : 'Unknown';
}

const texts = new Map<unknown, string>([
  [label('None'), ''],
  [label('Restart'), 'restart'],
  [label('Best Effort'), 'best-effort'],
]);

const priority: Codec<string> = {
  read: (text) => label(priorityOf({ ha_restart_priority: text })),
  write: (wanted) => {
    const text = texts.get(wanted);
    if (text !== undefined) return text;
    throw new CimError(
      'INVALID_PARAMETER',
      'RestartPriority can be that of a machine that is restarted, if possible, or not',
    );
  },
  labels: priorities,
};

export const systemAvailability = element('Xen_ComputerSystemAvailabilitySettingData', 'VM', {
  reads: { affinity: ['affinity'], appliance: ['appliance'] },
  where: isSystem,
  key: { form: 'member', owner: 'self', suffix: { text: 'Availability' } },
  properties: {
    Caption: { value: 'Availability settings of a Xen virtual machine' },
    ElementName: 'name_label',
    RestartPriority: { field: 'ha_restart_priority', as: priority },
    AlwaysRun: 'ha_always_run',
    StartOrder: 'order',
    StartDelay: 'start_delay',
    ShutdownDelay: 'shutdown_delay',
    HostAffinity: { from: 'affinity', field: 'uuid' },
    Appliance: { from: 'appliance', field: 'uuid' },
  },
  setters: {
    RestartPriority: 'set_ha_restart_priority',
    StartOrder: 'set_order',
    StartDelay: 'set_start_delay',
    ShutdownDelay: 'set_shutdown_delay',
  },
});

export const poolAvailability = element('Xen_HostPoolAvailabilitySettingData', 'pool', {
  key: { form: 'member', owner: 'self', suffix: { text: 'Availability' } },
  properties: {
    Caption: { value: 'High availability settings of a Xen pool' },
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    HighAvailabilityEnabled: 'ha_enabled',
    ClusterStack: { field: 'ha_cluster_stack', as: filled },
    HostFailuresToTolerate: 'ha_host_failures_to_tolerate',
    PlanExistsFor: { calc: (pool) => (pool.ha_enabled ? pool.ha_plan_exists_for : null) },
    AllowOvercommit: 'ha_allow_overcommit',
    Overcommitted: { calc: (pool) => (pool.ha_enabled ? pool.ha_overcommitted : null) },
  },
  setters: {
    HostFailuresToTolerate: 'set_ha_host_failures_to_tolerate',
    AllowOvercommit: 'set_ha_allow_overcommit',
  },
});

/** Machines that are started and stopped together. */
export const appliance = element('Xen_Appliance', 'VM_appliance', {
  key: { form: 'setting' },
  properties: {
    Caption: { value: 'Machines that are started and stopped together' },
    ElementName: { calc: ({ name_label, uuid }) => name_label || uuid },
    Description: { field: 'name_description', as: filled },
  },
  setters: { ElementName: 'set_name_label', Description: 'set_name_description' },
});

export const availabilityAssociations = [
  association(
    'Xen_ComputerSystemAvailabilitySettingsDefineState',
    ['SettingData', systemAvailability],
    ['ManagedElement', system],
    [],
  ),
  association(
    'Xen_HostPoolAvailabilityElementSettingData',
    ['SettingData', poolAvailability],
    ['ManagedElement', hostPool],
    [],
    {
      properties: {
        IsDefault: { value: label('Is Default') },
        IsCurrent: { value: label('Is Current') },
        IsNext: { value: label('Is Next') },
      },
    },
  ),
  association('Xen_ComputerSystemHostAffinity', ['Dependent', system], ['Antecedent', host], ['affinity']),
  association('Xen_ApplianceMember', ['Member', system], ['Collection', appliance], ['appliance'], {
    properties: { AssignedSequence: { calc: ({ record }) => record.order } },
  }),
];
